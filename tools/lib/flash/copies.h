/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where images lie in a flash: one at its beginning, or two copies in stripes,
 * of which the one with a signature counts (docs/hardware/flash.md, F5).
 */
#ifndef TOOLS_LIB_FLASH_COPIES_H
#define TOOLS_LIB_FLASH_COPIES_H

#include "tools/lib/base/buffer.h"
#include "tools/lib/flash/fs2.h"

struct flash_chip;

struct flash_place {
	uint32_t start;
	bool striped; /* every other chunk, as failsafe images lie */
	unsigned int chunk_shift;
};

/* The image in use */
struct flash_copy {
	struct flash_place place;
	struct buffer bytes; /* the image as one run */
	struct fs2_image image;
	/* Places with a signature besides, valid or not */
	unsigned int others;
};

/* Who looks on: told how much is done, asked whether to go on; each may be NULL */
struct flash_progress {
	void (*show)(const char *what, uint64_t done, uint64_t all);
	bool (*stop)(void);
};

void flash_progress_show(const struct flash_progress *progress,
			 const char *what, uint64_t done, uint64_t all);

/* Where byte @at of an image is in the flash */
uint32_t flash_physical(const struct flash_place *place, uint32_t at);
/* The other place of a striped pair */
struct flash_place flash_other_place(const struct flash_place *place);

/**
 * flash_copy_find - read the image that the card starts with
 * @copy: must be released with flash_copy_free(), also after an error
 *
 * Of several signatures the first that begins a whole image counts.
 *
 * Return: 0; -ENOENT: there is no signature; -EBADMSG: no image is whole;
 * -EINTR: stopped; or what the chip said.
 */
int flash_copy_find(struct flash_copy *copy, struct flash_chip *chip,
		    const struct flash_progress *progress, struct failure *why);
void flash_copy_free(struct flash_copy *copy);

#endif
