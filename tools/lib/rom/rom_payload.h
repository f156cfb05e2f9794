/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The payload image of our ROMs (rom/lib/payload_format.h), as mkrom reads and
 * writes it.
 */
#ifndef TOOLS_LIB_ROM_PAYLOAD_H
#define TOOLS_LIB_ROM_PAYLOAD_H

#include "tools/lib/base/buffer.h"

#include <stddef.h>
#include <stdint.h>

struct failure;

/* Number of kinds of rom/lib/payload_format.h, with 0, which is none */
#define ROM_PARTS 7

struct rom_part {
	struct buffer data; /* as stored; empty: there is none */
	uint32_t unpacked;
};

/* By kind */
struct rom_payload {
	struct rom_part part[ROM_PARTS];
};

void rom_payload_free(struct rom_payload *payload);

/* What a kind of part is called, or NULL. */
const char *rom_part_name(uint32_t kind);

/* Sets a part to these bytes, in place of what it was. 0 or -ENOMEM. */
int rom_part_set(struct rom_payload *payload, uint32_t kind, const void *data,
		 size_t size, struct failure *why);

/* The same with bytes that are packed as PAYLOAD_UEFI is. 0 or -errno. */
int rom_part_pack(struct rom_payload *payload, uint32_t kind, const void *data,
		  size_t size, struct failure *why);

/* Appends what such a part holds, unpacked. 0 or -errno. */
int rom_part_unpack(const struct rom_payload *payload, uint32_t kind,
		    struct buffer *out, struct failure *why);

/*
 * Reads the payload of an image of @size bytes; each part's checksum is
 * compared. 0 or -errno with a message; rom_payload_free is due either way.
 */
int rom_payload_read(struct rom_payload *payload, const uint8_t *image,
		     size_t size, struct failure *why);

/*
 * Appends the payload as the last image of a ROM for a device, in whole
 * blocks. 0 or -errno.
 */
int rom_payload_write(struct buffer *out, const struct rom_payload *payload,
		      uint16_t device, struct failure *why);

#endif
