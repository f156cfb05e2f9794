/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stays in memory while the payload runs, if the ROM holds an overlay for
 * the initrd: resident.S and overlay_join.c as one block of low memory, which
 * begins with struct resident. Included by assembly too.
 */
#ifndef ROM_STUB_RESIDENT_H
#define ROM_STUB_RESIDENT_H

#include "rom/stub/pc.h"

#define RESIDENT_KIB 4
#define RESIDENT_SIZE 4096
#define RESIDENT_E820 0x800 /* the memory map */
#define RESIDENT_E820_MAX 48
#define RESIDENT_E820_ENTRY 20
#define RESIDENT_STACK_LEAST 1024

/* Offsets of struct resident for resident.S */
#define RESIDENT_OLD_INT15 0
#define RESIDENT_OLD_INT18 4
#define RESIDENT_E820_COUNT 12
#define RESIDENT_DONE 14

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

struct resident {
	uint32_t old_int15, old_int18; /* segment and offset, as they were */
	uint16_t int15, int18; /* our handlers: offsets in the block */
	uint16_t e820_count;
	uint16_t done; /* joined, or not to be: the firmware's map holds again */
	uint32_t overlay; /* physical address, where nobody else writes */
	uint32_t overlay_size;
	uint32_t overlay_crc;
};

_Static_assert(offsetof(struct resident, old_int18) == RESIDENT_OLD_INT18 &&
		       offsetof(struct resident, e820_count) ==
			       RESIDENT_E820_COUNT &&
		       offsetof(struct resident, done) == RESIDENT_DONE,
	       "resident.S has other offsets");

struct resident_e820 {
	uint64_t base, length;
	uint32_t kind;
} __attribute__((packed));

_Static_assert(sizeof(struct resident_e820) == RESIDENT_E820_ENTRY &&
		       RESIDENT_E820 + RESIDENT_E820_MAX * RESIDENT_E820_ENTRY +
				       RESIDENT_STACK_LEAST <=
			       RESIDENT_SIZE,
	       "no room for the stack behind the memory map");

/*
 * Joins the overlay to the initrd of the Linux kernel whose setup part runs in
 * the segment at @setup: the initrd is moved down by the room that the overlay
 * takes behind it, and the setup's numbers follow. Done once, also where it
 * cannot be. What the user is to read, a text of this block; NULL if this is no
 * kernel.
 */
const char *overlay_join(struct resident *resident, uint8_t *setup);

#endif
#endif
