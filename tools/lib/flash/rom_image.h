/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An expansion ROM as a file: its images, the device that they are for, and
 * the trailers by which the burning tools know it (docs/hardware/flash.md, F3).
 */
#ifndef TOOLS_LIB_FLASH_ROM_IMAGE_H
#define TOOLS_LIB_FLASH_ROM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectx/flash.h"

struct failure;

struct rom_trailer {
	uint32_t at;
	unsigned int product, major, minor, subminor;
	uint16_t device; /* 0: any */
	unsigned int port, cpu, protocol;
};

struct rom_image {
	const uint8_t *bytes; /* the caller's */
	size_t size;
	unsigned int count;
	struct rom_trailer trailers[CX_ROM_TRAILERS_MOST];
};

/* The trailers of any bytes, whether they are a ROM or not */
void rom_find_trailers(struct rom_image *rom, const uint8_t *bytes,
		       size_t size);

/**
 * rom_check - whether a card may be given this ROM
 * @device: PCI device id of the card
 *
 * Return: 0, or -EINVAL with a message that says what is wrong with it and
 * what to do.
 */
int rom_check(const struct rom_image *rom, uint16_t device,
	      struct failure *why);

/* "type=PXE version=1.5.5 proto=ETH"; cut off where @size ends. */
void rom_trailer_text(const struct rom_trailer *trailer, char *text,
		      size_t size);

/* "PXE"; NULL if nobody knows */
const char *rom_product_name(unsigned int product);

#endif
