/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Expansion ROMs as PCI knows them: a chain of images, each with a PCIR
 * structure (docs/hardware/expansion-rom.md).
 */
#ifndef TOOLS_LIB_ROM_IMAGE_H
#define TOOLS_LIB_ROM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

#define ROM_IMAGES_MAX 8

struct rom_image {
	size_t offset, size; /* in the file */
	size_t pcir; /* in the file */
	unsigned int code_type;
	uint16_t vendor, device;
	bool last;
	uint8_t sum; /* a BIOS image: of what the BIOS sums up; 0 is right */
};

struct rom_images {
	size_t count;
	struct rom_image image[ROM_IMAGES_MAX];
};

/*
 * Reads the image that begins at @at, which is within the ROM; all of it is
 * there. 0 or -errno with a message that has the offset.
 */
int rom_image_read(const uint8_t *data, size_t size, size_t at,
		   struct rom_image *image, struct failure *why);

/*
 * Reads the chain of images of a ROM. 0 or -errno with a message that has the
 * offset; what was read until then is in @images.
 */
int rom_images_read(const uint8_t *data, size_t size, struct rom_images *images,
		    struct failure *why);

/* The 8-bit sum */
uint8_t rom_sum(const uint8_t *data, size_t size);

#endif
