// SPDX-License-Identifier: GPL-2.0-only
#include "rom/stub/layout.h"
#include "rom/stub/stub.h"

#define RAM 1
#define LIMIT 0x40000000ull

struct e820_entry {
	uint64_t base, length;
	uint32_t kind, extended;
};

uint32_t memory_top(void)
{
	const struct e820_entry *e = (const struct e820_entry *)E820_AT;
	uint64_t top = 0;

	for (; e->length; e++) {
		uint64_t end = e->base + e->length;

		if (e->kind != RAM || e->base >= LIMIT)
			continue;
		if (end > LIMIT)
			end = LIMIT;
		if (end > top)
			top = end;
	}
	return top;
}
