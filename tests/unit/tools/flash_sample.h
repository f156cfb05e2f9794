/* SPDX-License-Identifier: GPL-2.0-only */
/* Images and ROMs that tests of the flash burn. */
#ifndef TESTS_UNIT_TOOLS_FLASH_SAMPLE_H
#define TESTS_UNIT_TOOLS_FLASH_SAMPLE_H

#include "tools/lib/base/buffer.h"

#define SAMPLE_DEVICE 25448

/* An image for SAMPLE_DEVICE, without a ROM */
void sample_image(struct buffer *out, unsigned int chunk_shift);

void sample_image_for(struct buffer *out, unsigned int chunk_shift,
		      unsigned int device);

/*
 * A ROM that a card takes, @size bytes (a multiple of 512), filled by @seed. Run
 * by a BIOS it says so to QEMU's debug console.
 */
void sample_rom(struct buffer *out, unsigned int size, unsigned int seed);
void sample_rom_for(struct buffer *out, unsigned int size, unsigned int seed,
		    unsigned int device);

/* That image with that ROM, read */
struct fs2_image;
void sample_with_rom(struct buffer *out, const struct buffer *image,
		     const struct buffer *rom);

#endif
