// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/flash/burn.h"

#include <string.h>

#include "tools/lib/base/failure.h"
#include "tools/lib/flash/chip.h"
#include "tools/lib/flash/copies.h"

struct burn {
	struct flash_chip *chip;
	const struct flash_copy *old;
	const struct fs2_image *image;
	const struct flash_progress *progress;
	struct flash_place place;
};

uint32_t flash_image_most(const struct flash_chip *chip)
{
	return chip->size / 2 > CX_FLASH_CONFIG_AREA_MOST ?
		       chip->size / 2 - CX_FLASH_CONFIG_AREA_MOST :
		       0;
}

static int check_room(struct burn *burn, struct failure *why)
{
	const struct fs2_image *image = burn->image;
	uint32_t most = flash_image_most(burn->chip);

	if (!image->failsafe)
		return fail(why, -ENOTSUP,
			    "the image is not laid out for two copies: a power"
			    " cut while it is burned would leave the card"
			    " without firmware (mstflint --nofs does it all"
			    " the same)");
	if (burn->old && burn->old->image.failsafe &&
	    burn->old->image.chunk_shift != image->chunk_shift)
		return fail(why, -ENOTSUP,
			    "the image in the flash lies in stripes of 0x%x"
			    " bytes, the new one wants 0x%x",
			    1u << burn->old->image.chunk_shift,
			    1u << image->chunk_shift);
	if (image->size > most || burn->chip->size < 2u << image->chunk_shift)
		return fail(why, -EFBIG,
			    "the image would have 0x%x bytes; a flash of 0x%x"
			    " has room for two of at most 0x%x: make the ROM"
			    " smaller by %u bytes",
			    image->size, burn->chip->size, most,
			    image->size > most ? image->size - most : 0);
	if (burn->old && !burn->old->image.failsafe)
		return fail(why, -ENOTSUP,
			    "the image in the flash is not laid out for two"
			    " copies: a power cut would leave the card without"
			    " firmware (mstflint --nofs does it all the"
			    " same)");
	return 0;
}

static int stopped(const struct burn *burn, struct failure *why)
{
	if (!burn->progress || !burn->progress->stop || !burn->progress->stop())
		return 0;
	return fail(why, -EINTR, "stopped: the image that was in use still is");
}

/* Clears the first word of a signature, without an erase. */
static int kill_signature(struct burn *burn, uint32_t start,
			  struct failure *why)
{
	static const uint8_t zero[4];

	return burn->chip->ops->program(burn->chip, start, zero, sizeof(zero),
					why);
}

static int erase(struct burn *burn, struct failure *why)
{
	uint8_t signature[CX_FS2_MAGIC_SIZE];
	int err = burn->chip->ops->read(burn->chip, burn->place.start,
					signature, sizeof(signature), why);

	/* Half erased it would be an image with a signature, and damaged. */
	if (!err && fs2_signature(signature))
		err = kill_signature(burn, burn->place.start, why);
	for (uint32_t at = 0; !err && at < burn->image->size;
	     at += CX_SPI_SECTOR) {
		uint32_t physical = flash_physical(&burn->place, at);

		err = stopped(burn, why);
		if (!err)
			err = burn->chip->ops->erase(burn->chip, physical, why);
		flash_progress_show(burn->progress, "erasing", at,
				    burn->image->size);
	}
	return err;
}

static bool all_ones(const uint8_t *bytes, uint32_t size)
{
	while (size--)
		if (*bytes++ != 0xff)
			return false;
	return true;
}

/* A page that crosses no sector; the signature is left out. */
static uint32_t page_at(const struct burn *burn, uint32_t at)
{
	uint32_t end = at / CX_SPI_PAGE * CX_SPI_PAGE + CX_SPI_PAGE;

	return (end < burn->image->size ? end : burn->image->size) - at;
}

static int write(struct burn *burn, struct failure *why)
{
	const struct fs2_image *image = burn->image;
	uint32_t size;
	int err = 0;

	for (uint32_t at = CX_FS2_MAGIC_SIZE; !err && at < image->size;
	     at += size) {
		size = page_at(burn, at);
		err = stopped(burn, why);
		if (!err && !all_ones(image->bytes + at, size))
			err = burn->chip->ops->program(
				burn->chip, flash_physical(&burn->place, at),
				image->bytes + at, size, why);
		flash_progress_show(burn->progress, "writing", at + size,
				    image->size);
	}
	return err;
}

static int compare(struct burn *burn, uint32_t from, uint32_t to,
		   struct failure *why)
{
	uint8_t page[CX_SPI_PAGE];

	for (uint32_t at = from, size; at < to; at += size) {
		uint32_t physical = flash_physical(&burn->place, at);
		int err;

		size = page_at(burn, at);
		if (size > to - at)
			size = to - at;
		err = burn->chip->ops->read(burn->chip, physical, page, size,
					    why);
		if (err)
			return err;
		if (memcmp(page, burn->image->bytes + at, size))
			return fail(why, -EIO,
				    "the flash does not keep what is written"
				    " to it, in the page at 0x%x; the image"
				    " that was in use still is",
				    physical);
		flash_progress_show(burn->progress, "comparing", at + size, to);
	}
	return 0;
}

/* From here on nothing stops it: each step leaves a card that starts. */
static int commit(struct burn *burn, struct failure *why)
{
	int err = burn->chip->ops->program(burn->chip, burn->place.start,
					   burn->image->bytes,
					   CX_FS2_MAGIC_SIZE, why);

	if (!err)
		err = compare(burn, 0, CX_FS2_MAGIC_SIZE, why);
	if (err)
		return err;
	err = burn->chip->ops->boot_from(burn->chip, burn->place.start, why);
	if (!err && burn->old)
		err = kill_signature(burn, burn->old->place.start, why);
	if (err)
		return fail_in(why, err,
			       "the new image is in the flash beside the old"
			       " one, and the card takes either");
	return 0;
}

int flash_burn(struct flash_chip *chip, const struct flash_copy *old,
	       const struct fs2_image *image,
	       const struct flash_progress *progress, struct failure *why)
{
	struct burn burn = { chip, old, image, progress, { 0 } };
	int err = check_room(&burn, why);

	if (err)
		return err;
	burn.place.striped = true;
	burn.place.chunk_shift = image->chunk_shift;
	if (old)
		burn.place = flash_other_place(&old->place);
	err = erase(&burn, why);
	if (!err)
		err = write(&burn, why);
	if (!err)
		err = compare(&burn, CX_FS2_MAGIC_SIZE, image->size, why);
	if (!err)
		err = stopped(&burn, why);
	return err ? err : commit(&burn, why);
}
