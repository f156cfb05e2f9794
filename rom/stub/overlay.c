// SPDX-License-Identifier: GPL-2.0-only
/* The overlay for the initrd, and the code that stays with it (resident.h). */
#include "rom/lib/crc32.h"
#include "rom/lib/lzma_decode.h"
#include "rom/stub/resident.h"
#include "rom/stub/stub.h"

#define BASE_MEMORY_LEAST 512
#define BASE_MEMORY_MOST 640
/* Free, whoever needs MEMORY_MIN of load.c; a ROM is no larger */
#define SCRATCH 0x1000000u
#define SCRATCH_SIZE 0x100000u

/* start.S */
extern const uint8_t resident_code[], resident_code_end[];

uint32_t overlay_room(const struct payload_part *part)
{
	return part ? (part->unpacked + PAGE - 1) & ~(PAGE - 1) : 0;
}

struct map {
	struct resident_e820 *entry;
	uint32_t count;
	bool full;
};

static void add(struct map *map, uint64_t base, uint64_t end, uint32_t kind)
{
	if (base >= end)
		return;
	if (map->count == RESIDENT_E820_MAX) {
		map->full = true;
		return;
	}
	map->entry[map->count++] = (struct resident_e820){
		.base = base,
		.length = end - base,
		.kind = kind,
	};
}

/* The firmware's map, but for what lies from @start to @end, which is ours. */
static void add_without(struct map *map, const struct e820_entry *e,
			uint64_t start, uint64_t end)
{
	uint64_t last = e->base + e->length;

	if (e->kind != E820_RAM || start >= last || end <= e->base) {
		add(map, e->base, last, e->kind);
		return;
	}
	add(map, e->base, start, e->kind);
	add(map, start, end, E820_RESERVED);
	add(map, end, last, e->kind);
}

/* The memory map that the payload and what it starts are shown. */
static bool make_map(struct resident *resident, uint32_t overlay,
		     uint32_t overlay_end)
{
	struct map map = {
		.entry = (struct resident_e820 *)((uint8_t *)resident +
						  RESIDENT_E820)
	};
	uint32_t low = (uint32_t)resident;

	for (const struct e820_entry *e = e820_map(); e->length; e++) {
		if (e->base <= low)
			add_without(&map, e, low, low + RESIDENT_SIZE);
		else
			add_without(&map, e, overlay, overlay_end);
	}
	resident->e820_count = map.count;
	return !map.full;
}

static void hook(uint32_t vector, uint32_t *old, uint32_t block,
		 uint16_t handler)
{
	uint32_t *at = (uint32_t *)vector;

	*old = *at;
	*at = block << 12 | handler;
}

/* In memory that nobody has taken yet: the payload is below, and at the top. */
static bool unpack(const uint8_t *image, const struct payload_part *part,
		   uint32_t at)
{
	uint8_t *packed = (uint8_t *)SCRATCH;
	struct lzma_work *work = (struct lzma_work *)(SCRATCH + SCRATCH_SIZE);

	if (part->size > SCRATCH_SIZE)
		return false;
	copy(packed, image + part->offset, part->size);
	return rom_crc32(0, packed, part->size) == part->crc &&
	       !lzma_decode(work, packed, part->size, (uint8_t *)at,
			    part->unpacked);
}

const char *overlay_keep(const uint8_t *image, const struct payload_part *part,
			 uint32_t at)
{
	uint16_t *base_memory = (uint16_t *)BASE_MEMORY;
	uint32_t block = ((uint32_t)*base_memory - RESIDENT_KIB) << 10;
	struct resident *resident = (struct resident *)block;

	if (*base_memory < BASE_MEMORY_LEAST || *base_memory > BASE_MEMORY_MOST)
		return "too little low memory for the overlay";
	if (!unpack(image, part, at))
		return "the ROM's overlay is damaged";
	copy(resident, resident_code, resident_code_end - resident_code);
	resident->overlay = at;
	resident->overlay_size = part->unpacked;
	resident->overlay_crc = rom_crc32(0, (void *)at, part->unpacked);
	if (!make_map(resident, at, at + overlay_room(part)))
		return "the memory map is too long for the overlay";
	*base_memory -= RESIDENT_KIB;
	hook(IVT_INT15, &resident->old_int15, block, resident->int15);
	hook(IVT_INT18, &resident->old_int18, block, resident->int18);
	return NULL;
}
