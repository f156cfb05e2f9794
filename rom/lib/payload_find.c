// SPDX-License-Identifier: GPL-2.0-only
#include "rom/lib/payload_find.h"
#include "include/connectx/rom.h"
#include "rom/lib/crc32.h"

static unsigned int get16(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

static int same(const uint8_t *p, const char *text, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		if (p[i] != (uint8_t)text[i])
			return 0;
	return 1;
}

static int copy_table(const uint8_t *image, size_t size,
		      struct payload_table *table)
{
	uint8_t *to = (uint8_t *)table;

	for (size_t i = 0; i < sizeof(*table); i++)
		to[i] = image[PAYLOAD_AT + i];
	if (table->count > PAYLOAD_PARTS_MAX || table->size > size ||
	    table->crc != rom_crc32(0, table->parts,
				    table->count * sizeof(*table->parts)))
		return -1;
	for (uint32_t i = 0; i < table->count; i++) {
		const struct payload_part *part = &table->parts[i];

		if (part->offset > table->size ||
		    part->size > table->size - part->offset)
			return -1;
	}
	return 0;
}

const uint8_t *payload_find(const uint8_t *rom, size_t size,
			    struct payload_table *table, const char **why)
{
	size_t at = 0;

	*why = "the ROM holds no payload";
	while (size - at >= CX_ROM_BLOCK && same(rom + at, "\x55\xaa", 2)) {
		const uint8_t *image = rom + at;
		unsigned int pcir = get16(image + CX_ROM_PCIR);
		size_t length;

		if (pcir > CX_ROM_BLOCK - CX_PCIR_INDICATOR - 1 ||
		    !same(image + pcir, CX_PCIR_MAGIC, CX_PCIR_MAGIC_SIZE))
			break;
		if (same(image + PAYLOAD_AT, PAYLOAD_MAGIC, 8)) {
			if (!copy_table(image, size - at, table))
				return image;
			*why = "the ROM's payload is damaged or cut off";
			return NULL;
		}
		length = (size_t)get16(image + pcir + CX_PCIR_BLOCKS) *
			 CX_ROM_BLOCK;
		if (image[pcir + CX_PCIR_INDICATOR] & CX_PCIR_LAST || !length ||
		    length > size - at)
			break;
		at += length;
	}
	return NULL;
}

const struct payload_part *payload_part(const struct payload_table *table,
					uint32_t kind)
{
	for (uint32_t i = 0; i < table->count; i++)
		if (table->parts[i].kind == kind)
			return &table->parts[i];
	return NULL;
}
