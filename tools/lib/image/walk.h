/* SPDX-License-Identifier: GPL-2.0-only */
/* A second reading of an image, for what the first one did not keep. */
#ifndef TOOLS_LIB_WALK_H
#define TOOLS_LIB_WALK_H

struct cpio_sink;
struct failure;
struct image;

/*
 * Hands every entry of @image, which image_read has read, to @sink in the
 * same order; the segment of an earlier run is passed over, so that the nth
 * call of begin is what inode.entry counts. 0, -errno, or what @sink returned.
 */
int image_walk(const struct image *image, const struct cpio_sink *sink,
	       void *ctx, struct failure *why);

#endif
