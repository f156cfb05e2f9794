/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the new segment goes: behind everything that the kernel reads, in
 * front of a bootconfig, in place of the segment of an earlier run.
 */
#ifndef TOOLS_LIB_SPLICE_H
#define TOOLS_LIB_SPLICE_H

#include "tools/lib/base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct codec;
struct failure;
struct image;

/* The new file: these pieces of the old one, in order, and new bytes. */
struct splice {
	size_t head; /* its first so many bytes */
	size_t zeros; /* keep what follows aligned as it was */
	size_t tail_begin; /* behind an earlier run's segment */
	size_t tail_end;
	struct buffer insert; /* padding, our segment */
	size_t rest_begin; /* the bootconfig, to the end */
	size_t total;
	bool torn; /* there is no number of zeroes that suits the tail */
};

/*
 * The base that is left when an earlier run's segment is gone, in bytes: the
 * number that the marker of the new segment has to tell.
 */
size_t splice_base_size(const struct image *image);

/*
 * Whether our segment can be read by a kernel with image->lz4_to_the_end:
 * behind an lz4 frame there may be only another one, directly. *@lost: how
 * many zeroes behind the last frame are not kept for that. @beside: it comes
 * into a file of its own. 0 or -ENOTSUP.
 */
int splice_check_lz4(const struct image *image, bool beside, size_t *lost,
		     struct failure *why);

/*
 * Compresses @archive and puts the pieces together. 0 or -errno;
 * buffer_free(&s->insert) is due.
 */
int splice_plan(struct splice *s, const struct image *image,
		const struct codec *codec, const struct buffer *archive,
		struct failure *why);

/*
 * The same for a segment that a boot loader puts behind the image, at its end
 * or some zeroes later: s->insert is all of it. 0 or -errno.
 */
int splice_beside(struct splice *s, const struct image *image,
		  const struct codec *codec, const struct buffer *archive,
		  struct failure *why);

/*
 * The pieces that are left when an earlier run's segment is taken out. 0 or
 * -ENOTSUP: what stands behind it would be lost.
 */
int splice_out(struct splice *s, const struct image *image,
	       struct failure *why);

#endif
