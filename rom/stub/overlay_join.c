// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resident (resident.h): the overlay comes behind the initrd that a boot loader
 * has loaded. Runs at any address, so it has no variables.
 */
#include "rom/lib/crc32.h"
#include "rom/lib/overlay_start.h"
#include "rom/stub/resident.h"
#include "tools/lib/base/linux_setup.h"

#define HDRS 0x53726448u
/* The first protocol that tells how much memory the kernel takes (2.6.31) */
#define VERSION_LEAST 0x20a
#define SEGMENT_SIZE 0x10000u
#define GAP_MOST 7

#define SAID(text) "\r\n" OVERLAY_PRODUCT ": " text "\r\n"
#define NOT_ADDED(why) SAID("overlay not added to the initrd: " why)

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	__builtin_memcpy(&value, at, sizeof(value));
	return value;
}

static uint8_t *memory(uint32_t address)
{
	return (uint8_t *)(uintptr_t)address;
}

/*
 * The setup part works with a copy of its header in the kernel's parameters,
 * which are somewhere in its segment, at a multiple of 16.
 */
static uint8_t *find_parameters(uint8_t *setup)
{
	static const uint16_t same[] = { SETUP_MAGIC, SETUP_CODE32,
					 SETUP_RAMDISK, SETUP_RAMDISK_SIZE,
					 SETUP_INIT_SIZE };

	for (uint32_t at = 16; at <= SEGMENT_SIZE - SETUP_PARAMETERS;
	     at += 16) {
		unsigned int i;

		for (i = 0; i < sizeof(same) / sizeof(*same); i++)
			if (get32(setup + at + same[i]) !=
			    get32(setup + same[i]))
				break;
		if (i == sizeof(same) / sizeof(*same))
			return setup + at;
	}
	return NULL;
}

/* The end of the memory that the kernel needs when it unpacks itself */
static uint64_t kernel_end(const uint8_t *setup)
{
	uint64_t start = *(const uint64_t *)(setup + SETUP_PREFERRED);

	if (start < get32(setup + SETUP_CODE32))
		start = get32(setup + SETUP_CODE32);
	return start + get32(setup + SETUP_ALIGNMENT) +
	       get32(setup + SETUP_INIT_SIZE);
}

/* Whether all of it is memory, and nobody's as the firmware knows. */
static int is_memory(const struct resident *resident, uint64_t start,
		     uint64_t end)
{
	const uint8_t *map = (const uint8_t *)resident + RESIDENT_E820;
	const struct resident_e820 *e = (const struct resident_e820 *)map;

	for (uint32_t i = 0; i < resident->e820_count; i++)
		if (e[i].kind == E820_RAM && e[i].base <= start &&
		    e[i].base + e[i].length >= end)
			return 1;
	return 0;
}

/* Upwards: what lies over its own new place is read before it is written. */
static void move_down(uint8_t *to, const uint8_t *from, uint32_t size)
{
	const uint32_t *words = (const uint32_t *)from;

	for (uint32_t i = 0; i < size / 4; i++)
		((volatile uint32_t *)to)[i] = words[i];
	for (uint32_t i = size & ~3u; i < size; i++)
		((volatile uint8_t *)to)[i] = from[i];
}

static void set_ramdisk(uint8_t *header, uint32_t start, uint32_t size)
{
	*(uint32_t *)(header + SETUP_RAMDISK) = start;
	*(uint32_t *)(header + SETUP_RAMDISK_SIZE) = size;
}

const char *overlay_join(struct resident *resident, uint8_t *setup)
{
	uint32_t more = resident->overlay_size;
	uint32_t room = (more + GAP_MOST + PAGE - 1) & ~(PAGE - 1);
	uint32_t old = get32(setup + SETUP_RAMDISK);
	uint32_t size = get32(setup + SETUP_RAMDISK_SIZE);
	uint32_t start = (old - room) & ~3u;
	uint32_t end;
	uint8_t *parameters;

	if (get32(setup + SETUP_MAGIC) != HDRS)
		return NULL;
	resident->done = 1;
	if (!size)
		return NOT_ADDED("there is none");
	parameters = find_parameters(setup);
	if (*(const uint16_t *)(setup + SETUP_VERSION) < VERSION_LEAST ||
	    !parameters)
		return NOT_ADDED("not a kernel of 2.6.31 or later");
	if (get32(setup + SETUP_MORE_DATA) ||
	    get32(setup + SETUP_MORE_DATA + 4) || old > UINT32_MAX - size ||
	    old < room || start < kernel_end(setup) ||
	    !is_memory(resident, start, old))
		return NOT_ADDED("no room below it");
	if (rom_crc32(0, memory(resident->overlay), more) !=
	    resident->overlay_crc)
		return NOT_ADDED("the overlay was written over");
	move_down(memory(start), memory(old), size);
	end = overlay_start(size);
	for (; size < end; size++)
		*memory(start + size) = 0;
	move_down(memory(start + size), memory(resident->overlay), more);
	set_ramdisk(setup, start, size + more);
	set_ramdisk(parameters, start, size + more);
	return SAID("overlay added to the initrd");
}
