/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An image written anew: the early segments as they are, then one archive of
 * the tree that the kernel would have ended up with, our files in it.
 *
 * What our files replace stays in that archive below REBUILT_BASE, and the
 * marker lists it, so that a later run can start from the same tree again
 * (image/rebuilt.h).
 */
#ifndef TOOLS_LIB_REBUILD_H
#define TOOLS_LIB_REBUILD_H

#include "tools/lib/base/buffer.h"

#include <stddef.h>
#include <stdint.h>

struct atomic_file;
struct codec;
struct failure;
struct image;
struct inode;
struct overlay;
struct overlay_file;

/* One entry of the new archive. */
struct rebuild_item {
	char *path;
	/* The image's, which knows where its contents stand; NULL: ours */
	const struct inode *inode;
	const uint8_t *bytes; /* NULL: not in memory */
	uint64_t size;
	uint64_t hash;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint32_t mtime;
	uint32_t rmajor;
	uint32_t rminor;
};

struct rebuild {
	struct rebuild_item *items;
	size_t count;
	size_t room;
	size_t head; /* bytes of the early segments */
	struct buffer archive; /* our files' bytes */
	const struct codec *codec;
	int level;
	size_t replaced;
};

/*
 * Lists what the new archive will hold. What the marker has to tell beside
 * what it always does goes to @manifest. @image, its tree and @overlay stay
 * as they are until rebuild_free, which is due in any case. 0, -EEXIST,
 * -ENOTSUP, -ENOMEM, or as overlay_archive.
 */
int rebuild_list(struct rebuild *r, const struct image *image,
		 const struct overlay *overlay, struct buffer *manifest,
		 struct failure *why);

/* Adds the marker and puts everything in order. 0, -EEXIST or -ENOMEM. */
int rebuild_complete(struct rebuild *r, const struct image *image,
		     const struct overlay_file *marker, struct failure *why);

/* The compressor and level class of the last compressed segment, or none. */
void rebuild_codec(struct rebuild *r, const struct image *image);

/*
 * Writes the new image. The contents are not in memory: the old one is
 * unpacked a second time. 0 or -errno.
 */
int rebuild_write(const struct rebuild *r, const struct image *image,
		  struct atomic_file *f, struct failure *why);

/* Whether the image at @data is the one that was to be written. 0 or -EIO. */
int rebuild_verify(const struct rebuild *r, const struct image *image,
		   const uint8_t *data, size_t size, struct failure *why);

void rebuild_free(struct rebuild *r);

/* How many segments stay as they are: those that the kernel itself looks at */
size_t rebuild_early(const struct image *image);

#endif
