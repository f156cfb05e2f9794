/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files that are laid over an image, and the segment that holds them:
 * written so that the kernel loses none of them and harms nothing below.
 */
#ifndef TOOLS_LIB_OVERLAY_H
#define TOOLS_LIB_OVERLAY_H

#include "tools/lib/base/buffer.h"

#include <stdint.h>

struct codec;
struct failure;
struct image;

struct overlay_file {
	char *path; /* as asked for, without a slash in front */
	uint32_t mode;
	uint32_t rmajor;
	uint32_t rminor;
	/* A link's target: without a NUL. One stands behind the size. */
	struct buffer bytes;
};

struct overlay {
	struct overlay_file *files;
	size_t count;
};

/*
 * A regular file (S_IFREG), link (S_IFLNK), or device (@size 0). @bytes are
 * copied. 0, -EEXIST (twice the same path) or -ENOMEM.
 */
int overlay_add(struct overlay *o, const char *path, uint32_t mode,
		const void *bytes, size_t size, struct failure *why);
int overlay_add_device(struct overlay *o, const char *path, uint32_t mode,
		       uint32_t rmajor, uint32_t rminor, struct failure *why);

/*
 * Writes the archive: the parents that @image lacks, links of the image
 * followed, hard links of the image broken before a file is replaced, all
 * with inode numbers of their own, sorted, without times, and the trailer.
 * 0, -ENOTDIR or -EISDIR where the image stands in the way, -ENOMEM.
 */
int overlay_archive(const struct overlay *o, const struct image *image,
		    struct buffer *out, struct failure *why);

/*
 * The compressor that is right behind the image's last compressed segment:
 * that segment's own, or gzip.
 */
const struct codec *overlay_codec(const struct image *image);

/*
 * Whether the tree of @image holds every file of the overlay as it was asked
 * for. 0 or -EIO with the file that is not there.
 */
int overlay_verify(const struct overlay *o, const struct image *image,
		   struct failure *why);

void overlay_free(struct overlay *o);

#endif
