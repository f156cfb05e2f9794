// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/flash/copies.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/flash/chip.h"

#define PIECE 4096u

#define PLACE(start) start,
static const uint32_t places[] = { CX_FS2_PLACES(PLACE) };
#define PLACES (sizeof(places) / sizeof(places[0]))

void flash_progress_show(const struct flash_progress *progress,
			 const char *what, uint64_t done, uint64_t all)
{
	if (progress && progress->show)
		progress->show(what, done, all);
}

uint32_t flash_physical(const struct flash_place *place, uint32_t at)
{
	uint32_t chunk = 1u << place->chunk_shift;

	if (!place->striped)
		return place->start + at;
	return (at & (chunk - 1)) | place->start |
	       (at >> place->chunk_shift << (place->chunk_shift + 1));
}

struct flash_place flash_other_place(const struct flash_place *place)
{
	struct flash_place other = *place;

	other.start = place->start ? 0 : 1u << place->chunk_shift;
	return other;
}

/* What the header at @start says of how its image lies there */
static int read_place(struct flash_place *place, uint32_t *size,
		      struct flash_chip *chip, uint32_t start,
		      struct failure *why)
{
	uint8_t header[CX_FS2_HEADER_SIZE];
	int err = chip->ops->read(chip, start, header, sizeof(header), why);
	uint32_t chunk, room;

	if (err)
		return err;
	place->start = start;
	place->striped = cx_get(header, CX_FS2_HEADER_FAILSAFE);
	place->chunk_shift = cx_get(header, CX_FS2_HEADER_LOG_CHUNK) +
			     CX_FS2_CHUNK_SHIFT_LEAST;
	chunk = 1u << place->chunk_shift;
	room = place->striped ? chip->size / 2 : chip->size - start;
	if (start && !(place->striped && start == chunk))
		return fail(why, -EBADMSG,
			    "a signature at 0x%x, where no image of stripes"
			    " of 0x%x bytes can begin",
			    start, chunk);
	if (place->striped && chip->size < 2 * chunk)
		return fail(why, -EBADMSG,
			    "stripes of 0x%x bytes in a flash of 0x%x", chunk,
			    chip->size);
	*size = cx_get(header, CX_FS2_HEADER_IMAGE_SIZE);
	if (*size < CX_FS2_HEADER_SIZE || *size > room || *size % 4)
		return fail(why, -EBADMSG,
			    "the image at 0x%x cannot have 0x%x bytes in a"
			    " flash of 0x%x",
			    start, *size, chip->size);
	return 0;
}

static int read_copy(struct flash_copy *copy, uint32_t size,
		     struct flash_chip *chip,
		     const struct flash_progress *progress, struct failure *why)
{
	int err = buffer_reserve(&copy->bytes, size);

	if (err)
		return fail(why, err, "out of memory");
	for (uint32_t at = 0; !err && at < size; at += PIECE) {
		uint32_t piece = size - at < PIECE ? size - at : PIECE;

		if (progress && progress->stop && progress->stop())
			return fail(why, -EINTR, "stopped");
		err = chip->ops->read(chip, flash_physical(&copy->place, at),
				      copy->bytes.data + at, piece, why);
		flash_progress_show(progress, "reading", at + piece, size);
	}
	if (!err)
		copy->bytes.size = size;
	return err;
}

/* 0, -EBADMSG if there is no whole image, or what the chip said */
static int try_place(struct flash_copy *copy, struct flash_chip *chip,
		     uint32_t start, const struct flash_progress *progress,
		     struct failure *why)
{
	uint32_t size = 0;
	int err = read_place(&copy->place, &size, chip, start, why);

	if (!err)
		err = read_copy(copy, size, chip, progress, why);
	if (!err)
		err = fs2_read(&copy->image, copy->bytes.data, copy->bytes.size,
			       why);
	if (err)
		buffer_free(&copy->bytes);
	return err;
}

int flash_copy_find(struct flash_copy *copy, struct flash_chip *chip,
		    const struct flash_progress *progress, struct failure *why)
{
	unsigned int found = 0;
	bool whole = false;
	int err = 0;

	*copy = (struct flash_copy){ 0 };
	for (unsigned int i = 0; i < PLACES; i++) {
		uint8_t signature[CX_FS2_MAGIC_SIZE];
		struct failure first;
		int bad;

		if (places[i] + CX_FS2_HEADER_SIZE > chip->size)
			break;
		bad = chip->ops->read(chip, places[i], signature,
				      sizeof(signature), why);
		if (bad)
			return bad;
		if (!fs2_signature(signature))
			continue;
		found++;
		if (whole)
			continue;
		bad = try_place(copy, chip, places[i], progress, &first);
		if (bad && bad != -EBADMSG)
			return fail(why, bad, "%s", first.text);
		/* the first one's trouble is the one to tell */
		if (bad && !err)
			err = fail(why, bad, "%s", first.text);
		whole = !bad;
	}
	if (whole) {
		copy->others = found - 1;
		return 0;
	}
	if (!found)
		return fail(why, -ENOENT,
			    "the flash (0x%x bytes) holds no firmware image",
			    chip->size);
	return err;
}

void flash_copy_free(struct flash_copy *copy)
{
	buffer_free(&copy->bytes);
}
