/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An initrd as a whole: its segments, and the tree that the kernel makes of
 * them. Everything is read in one pass; nothing is unpacked to a disk.
 */
#ifndef TOOLS_LIB_IMAGE_H
#define TOOLS_LIB_IMAGE_H

#include "tools/lib/base/buffer.h"
#include "tools/lib/image/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct codec;
struct failure;

/* The first entry of a segment that mkinitrd-en appended. */
#define IMAGE_MARKER ".mkinitrd-en"

struct segment {
	const struct codec *codec; /* NULL: an archive that is not compressed */
	uint64_t offset;
	uint64_t size; /* in the file */
	uint64_t unpacked;
	uint32_t entries;
	/* A later lz4 frame: the kernel reads it as part of the one before */
	bool continued;
	bool early; /* microcode or ACPI tables for the kernel itself */
	bool ours;
	bool crc; /* entries with a checksum (070702) are in it */
	bool trailer; /* it ends as an archive has to */
	bool damaged; /* the last one of an image that cannot be read on */
	bool bad_check; /* a checksum is wrong that no kernel looks at */
};

struct image {
	const uint8_t *data;
	size_t size;
	/* Where a bootconfig begins, else the size: nothing goes behind it */
	size_t end;
	struct segment *segments;
	size_t n_segments;
	struct tree *tree; /* without the segment of an earlier run */
	/* An earlier run's own bytes, with the zeroes that it put before */
	bool has_own;
	size_t own_begin;
	size_t own_end;
	struct buffer own_marker;
	/* Lay that segment over the tree as well: it is what we just wrote */
	bool accept_own;
	/* Read on where only a checksum that no kernel looks at is wrong */
	bool like_kernel;
	/*
	 * The kernel that it is for ends an lz4 frame with the image only
	 * (before 5.14). Set by whoever knows it, for splice.h.
	 */
	bool lz4_to_the_end;
	const struct tree_watch *watch; /* may be NULL */
	/* Where the reading ended; of a compressed segment, roughly */
	size_t stopped_at;
	/* Told now and then how many of the bytes are read; may be NULL */
	void (*progress)(void *ctx, uint64_t done, uint64_t all);
	void *progress_ctx;
};

/*
 * Reads the initrd at @data, which must stay where it is. Only accept_own,
 * like_kernel, watch, progress and progress_ctx may be set in *@image before.
 * On failure the message holds the offset and what the kernel would do, and
 * *@image what was read until there; image_free is due in any case.
 * 0, -EBADMSG, -ENODATA (cut off), -ENOTSUP, -ENOMEM, -E2BIG.
 */
int image_read(struct image *image, const uint8_t *data, size_t size,
	       struct failure *why);

/*
 * Reads on behind the present end of @image in longer @data (whose first
 * bytes are the same), own segment included: the proof of what was written.
 */
int image_read_more(struct image *image, const uint8_t *data, size_t size,
		    struct failure *why);

/*
 * The same of @data that a boot loader puts behind the image, at a multiple
 * of 4; offsets count from its own start then.
 */
int image_read_beside(struct image *image, const uint8_t *data, size_t size,
		      struct failure *why);

void image_free(struct image *image);

/*
 * How much the last segment, an lz4 frame, and those that it continues hold:
 * the alignment in a frame behind it counts from there.
 */
uint64_t image_lz4_position(const struct image *image);

/* The compressor's name for people: "none", "gzip" and so on. */
const char *segment_codec_name(const struct segment *s);

#endif
