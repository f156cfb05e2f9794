// SPDX-License-Identifier: GPL-2.0-only
#include "rom/stub/stub.h"

#define LIMIT 0x40000000ull

uint32_t memory_top(uint32_t room)
{
	uint64_t top = 0;

	for (const struct e820_entry *e = e820_map(); e->length; e++) {
		uint64_t end = e->base + e->length;

		if (e->kind != E820_RAM || e->base >= LIMIT)
			continue;
		if (end > LIMIT)
			end = LIMIT;
		if (end > top && end - e->base >= room)
			top = end;
	}
	return top;
}
