/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way from a ROM's first byte to its payload, for the BIOS stub and the
 * UEFI driver: no library is needed.
 */
#ifndef ROM_PAYLOAD_FIND_H
#define ROM_PAYLOAD_FIND_H

#include "rom/lib/payload_format.h"

#include <stddef.h>

/*
 * Walks the images of a ROM of @size bytes to the one that holds a payload and
 * copies its table, checked, to @table. NULL with a message in *@why if there
 * is none or it is damaged, or reaches behind the ROM's end. What the parts
 * hold is not checked.
 */
const uint8_t *payload_find(const uint8_t *rom, size_t size,
			    struct payload_table *table, const char **why);

/* The part of a kind, or NULL. */
const struct payload_part *payload_part(const struct payload_table *table,
					uint32_t kind);

/*
 * Whether the script needs the part, in the order of the table: its text is
 * what these parts hold, one behind the other.
 */
static inline int payload_is_script(const struct payload_part *part)
{
	return part->kind >= PAYLOAD_SETTINGS && part->kind <= PAYLOAD_BOOT;
}

#endif
