// SPDX-License-Identifier: GPL-2.0-only
#include "rom/lib/crc32.h"
#include "rom/stub/layout.h"
#include "rom/stub/stub.h"
#include "tools/lib/base/linux_setup.h"

#define LOADER_UNNAMED 0xff
#define FLAG_HEAP 0x80
#define HEAP_END 0xde00
#define SETUP_MAX 0x8000

/* Less, and the payload gives up by itself, with no word */
#define MEMORY_MIN (94u << 20)
#define FIRST_LINES_MAX 64

static uint8_t *setup8(unsigned int at)
{
	return (uint8_t *)SETUP_BASE + at;
}

static void setup32(unsigned int at, uint32_t value)
{
	*(uint32_t *)(SETUP_BASE + at) = value;
}

/* By words of 32 bits: each is one read of the device. */
void copy(void *to, const void *from, uint32_t size)
{
	uint32_t words = size / 4;
	uint32_t rest = size % 4;

	__asm__ volatile("rep movsl"
			 : "+D"(to), "+S"(from), "+c"(words)
			 :
			 : "memory");
	__asm__ volatile("rep movsb"
			 : "+D"(to), "+S"(from), "+c"(rest)
			 :
			 : "memory");
}

static const char *load_kernel(const uint8_t *from,
			       const struct payload_part *part)
{
	uint32_t setup = (from[SETUP_SECTORS] + 1) * 512, crc;

	if (setup > SETUP_MAX || setup > part->size ||
	    *(const uint32_t *)(from + SETUP_MAGIC) != 0x53726448) /* HdrS */
		return "the ROM's payload is no kernel";
	copy((void *)SETUP_BASE, from, setup);
	copy((void *)KERNEL_BASE, from + setup, part->size - setup);
	crc = rom_crc32(0, (void *)SETUP_BASE, setup);
	crc = rom_crc32(crc, (void *)KERNEL_BASE, part->size - setup);
	return crc == part->crc ? NULL : "the ROM's payload is damaged";
}

static uint32_t script_room(const struct payload_table *table)
{
	uint32_t room = FIRST_LINES_MAX;

	for (uint32_t i = 0; i < table->count; i++)
		if (payload_is_script(&table->parts[i]))
			room += table->parts[i].size;
	return room;
}

/* What this adapter is goes in front of what the ROM holds. */
static const char *load_script(const struct rom_window *window,
			       const uint8_t *image,
			       const struct payload_table *table, char *start)
{
	char *at = put_text(start, "#!ipxe\nset rom-bdf 0x");

	at = put_number(at, window->address, 16);
	at = put_text(at, "\nset rom-firmware bios\n");
	for (uint32_t i = 0; i < table->count; i++) {
		const struct payload_part *part = &table->parts[i];

		if (!payload_is_script(part))
			continue;
		copy(at, image + part->offset, part->size);
		if (rom_crc32(0, at, part->size) != part->crc)
			return "the ROM's script is damaged";
		at += part->size;
	}
	setup32(SETUP_RAMDISK, (uint32_t)start);
	setup32(SETUP_RAMDISK_SIZE, at - start);
	return NULL;
}

const char *load(const struct rom_window *window, const uint8_t *image,
		 const struct payload_table *table)
{
	const struct payload_part *kernel = payload_part(table, PAYLOAD_BIOS);
	const struct payload_part *overlay =
		payload_part(table, PAYLOAD_OVERLAY);
	uint32_t keep = overlay_room(overlay), room = script_room(table);
	/* Each begins with a page of its own. */
	uint32_t top = memory_top(keep + room + 2 * PAGE);
	const char *why;

	if (!kernel)
		return "the ROM has no part for a BIOS";
	if (top < MEMORY_MIN + keep)
		return "96 MiB of memory are needed";
	why = load_kernel(image + kernel->offset, kernel);
	if (why)
		return why;
	*setup8(SETUP_LOADER) = LOADER_UNNAMED;
	*setup8(SETUP_FLAGS) |= FLAG_HEAP;
	*(uint16_t *)setup8(SETUP_HEAP_END) = HEAP_END;
	setup32(SETUP_COMMAND_LINE, 0);
	top = (top - keep) & ~(PAGE - 1);
	/* The payload moves itself to just below its ramdisk. */
	why = load_script(window, image, table,
			  (char *)((top - room) & ~(PAGE - 1)));
	return why || !overlay ? why : overlay_keep(image, overlay, top);
}
