/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trailers by which the burning tools know whose ROM it is
 * (docs/hardware/flash.md, F3).
 */
#ifndef TOOLS_LIB_ROM_TRAILER_H
#define TOOLS_LIB_ROM_TRAILER_H

#include "connectx/flash.h"

#include <stddef.h>
#include <stdint.h>

struct rom_trailer {
	uint32_t at; /* where it was found; not written */
	uint16_t product, device; /* device 0: any */
	uint8_t major, minor; /* wider ones do not fit */
	uint16_t subminor;
	uint8_t port, cpu, protocol;
};

struct rom_trailers {
	size_t count;
	struct rom_trailer trailer[CX_ROM_TRAILERS_MOST];
};

/*
 * The trailers of any bytes, whether they are a ROM or not: at any offset, the
 * first CX_ROM_TRAILERS_MOST.
 */
void rom_trailers_read(struct rom_trailers *trailers, const uint8_t *data,
		       size_t size);

void rom_trailer_write(uint8_t out[CX_ROM_TRAILER_SIZE],
		       const struct rom_trailer *trailer);

/* "type=PXE version=1.5.5 proto=ETH"; cut off where @size ends. */
void rom_trailer_text(const struct rom_trailer *trailer, char *text,
		      size_t size);

/* "PXE"; NULL if nobody knows */
const char *rom_product_name(unsigned int product);

#endif
