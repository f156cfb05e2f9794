/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Putting an image into a flash so that at no moment the card is without one:
 * the other copy is written, read back and compared, gets its signature last,
 * and only then the old one loses its own.
 */
#ifndef TOOLS_LIB_FLASH_BURN_H
#define TOOLS_LIB_FLASH_BURN_H

#include <stdbool.h>
#include <stdint.h>

struct failure;
struct flash_chip;
struct flash_copy;
struct flash_progress;
struct fs2_image;

/**
 * flash_burn - make an image the one that the card starts with
 * @old: the image in use, or NULL: the flash has none that is whole
 * @progress: whose @stop is asked as long as the old image is the one in use;
 *	may be NULL
 *
 * Return: 0; -EINTR: stopped, nothing is changed; -EFBIG: it does not fit;
 * -ENOTSUP: the flash is not laid out for two copies; -EIO: the flash does not
 * keep what was written; or what the chip said. After an error the old image
 * is in use unless the message says otherwise.
 */
int flash_burn(struct flash_chip *chip, const struct flash_copy *old,
	       const struct fs2_image *image,
	       const struct flash_progress *progress, struct failure *why);

/* The largest image that a flash of this size takes twice */
uint32_t flash_image_most(const struct flash_chip *chip);

#endif
