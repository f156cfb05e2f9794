// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/splice.h"

#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"

#include <stdbool.h>
#include <string.h>

/* The last segment that is not ours and begins below @end, or NULL. */
static const struct segment *last_below(const struct image *image, size_t end)
{
	const struct segment *last = NULL;

	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *s = &image->segments[i];

		if (!s->ours && s->offset < end)
			last = s;
	}
	return last;
}

/*
 * The zeroes that have to stand between what is kept and our segment. An lz4
 * frame ends, for the kernel, where four of them stand in place of a block's
 * length: one to three would become half of one. An archive that is not
 * compressed may lack the padding of its last entry, up to a multiple of 4.
 */
static size_t zeros_behind(const struct segment *last, size_t base, size_t gap)
{
	if (last && last->codec == &codec_lz4 && gap && gap < 4)
		return 4 - gap;
	if (last && !last->codec)
		return -base & 3;
	return 0;
}

/* Where what is kept ends: before zeroes that nothing would be read behind. */
static size_t kept_end(const struct image *image, const struct segment *last,
		       size_t end)
{
	if (image->lz4_to_the_end && last && last->codec == &codec_lz4)
		return last->offset + last->size;
	return end;
}

/*
 * The zeroes in place of our segment, between @before and what somebody put
 * behind us: archives there that are not compressed stay aligned as they are.
 * Behind another such archive the kernel takes zeroes only up to a multiple of
 * 4, whatever follows. *@torn: both cannot be had.
 */
static size_t zeros_instead(const struct image *image,
			    const struct segment *before, bool *torn)
{
	size_t zeros = (image->own_end - image->own_begin) & 3;
	const struct segment *next = NULL;
	bool fixed = false;
	size_t off;

	for (size_t i = image->n_segments; i-- > 0;) {
		if (image->segments[i].offset < image->own_end)
			break;
		next = &image->segments[i];
		fixed = fixed || !next->codec;
	}
	if (before && next && !before->codec) {
		off = image->own_begin + zeros + next->offset - image->own_end;
		*torn = off & 3 && fixed;
		zeros += -off & 3;
	}
	if (zeros && before && before->codec == &codec_lz4)
		zeros += 4;
	return zeros;
}

static void keep_pieces(struct splice *s, const struct image *image)
{
	const struct segment *last = last_below(image, image->end);
	const struct segment *before;

	s->rest_begin = image->end;
	if (!image->has_own) {
		s->head = kept_end(image, last, image->end);
		return;
	}
	before = last_below(image, image->own_begin);
	s->head = kept_end(image, before, image->own_begin);
	if (!last || last->offset < image->own_end)
		return;
	/* Somebody appended more behind us: that stays, aligned as it was. */
	s->tail_begin = image->own_end;
	s->tail_end = kept_end(image, last, image->end);
	s->zeros = zeros_instead(image, before, &s->torn);
}

static int check_torn(const struct splice *s, struct failure *why)
{
	return s->torn ? fail(why, -ENOTSUP,
			      "the archives behind our segment cannot move by"
			      " %zu bytes, as the kernel asks for where that is"
			      " gone: make the image anew",
			      s->zeros) :
			 0;
}

size_t splice_base_size(const struct image *image)
{
	struct splice s = { 0 };

	keep_pieces(&s, image);
	return s.head + s.zeros + s.tail_end - s.tail_begin;
}

/* The zeroes behind the last segment that is kept. */
static size_t gap_behind(const struct splice *s, const struct segment *last)
{
	size_t end = s->tail_end ? s->tail_end : s->head;

	return last ? end - (last->offset + last->size) : end;
}

int splice_check_lz4(const struct image *image, bool beside, size_t *lost,
		     struct failure *why)
{
	const struct segment *last = last_below(image, image->end);
	const struct segment *before = NULL;
	struct splice s = { 0 };
	size_t end;

	*lost = 0;
	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *next = &image->segments[i];

		if (next->ours)
			continue;
		if (before && before->codec == &codec_lz4 && !next->continued)
			return fail(
				why, -ENOTSUP,
				"offset %zu: it reads nothing behind the lz4"
				" segment there: give --rebuild",
				(size_t)before->offset);
		before = next;
	}
	if (!last || last->codec != &codec_lz4)
		return 0;
	keep_pieces(&s, image);
	end = image->has_own && !s.tail_end ? image->own_begin : image->end;
	*lost = end - (last->offset + last->size);
	if (beside &&
	    (*lost || image->size & 3 || image_lz4_position(image) & 3))
		return fail(why, -ENOTSUP,
			    "it reads nothing that a boot loader puts behind"
			    " this lz4 segment with padding: not with"
			    " --overlay-only");
	if (s.zeros)
		return fail(why, -ENOTSUP,
			    "a segment behind ours would need zeroes before it"
			    " that it cannot read: give --rebuild");
	return 0;
}

int splice_plan(struct splice *s, const struct image *image,
		const struct codec *codec, const struct buffer *archive,
		struct failure *why)
{
	struct buffer aligned = { 0 };
	const struct segment *last;
	size_t lead = 0;
	size_t gap;
	int err;

	memset(s, 0, sizeof(*s));
	keep_pieces(s, image);
	err = check_torn(s, why);
	if (err)
		return err;
	last = last_below(image, s->tail_end ? s->tail_end : s->head);
	gap = gap_behind(s, last);
	err = buffer_add_zeros(
		&s->insert, zeros_behind(last, splice_base_size(image), gap));
	/* A frame behind a frame goes on at the same count. */
	if (last && last->codec == &codec_lz4 && codec == last->codec && !gap)
		lead = -image_lz4_position(image) & 3;
	if (!err)
		err = buffer_add_zeros(&aligned, lead);
	if (!err)
		err = buffer_add(&aligned, archive->data, archive->size);
	if (err)
		fail(why, err, "out of memory");
	else
		err = codec_encode(codec, aligned.data, aligned.size,
				   &s->insert, why);
	buffer_free(&aligned);
	s->total = splice_base_size(image) + s->insert.size;
	/*
	 * Nothing behind it: the decompressors' own programs, and with them
	 * lsinitramfs and its like, take zeroes there for damage.
	 */
	s->total += image->size - s->rest_begin;
	return err;
}

/*
 * An lz4 frame goes on in the one behind it, unless four zeroes end it, which
 * kernels do since 5.14 only. So none are put between where both readings come
 * to the same: the loader adds either none or at least four of its own, as
 * they align to 4, and the count is a multiple of 4.
 */
static size_t zeros_beside(const struct image *image)
{
	const struct segment *last = last_below(image, image->end);
	size_t gap = last ? image->size - (last->offset + last->size) : 0;

	if (last && last->codec == &codec_lz4 && gap < 4 &&
	    (gap || image->size & 3 || image_lz4_position(image) & 3))
		return 4;
	return 0;
}

int splice_beside(struct splice *s, const struct image *image,
		  const struct codec *codec, const struct buffer *archive,
		  struct failure *why)
{
	const struct segment *last = last_below(image, image->end);
	int err;

	memset(s, 0, sizeof(*s));
	if (last && !last->codec && image->size & 3)
		return fail(why, -ENOTSUP,
			    "it ends with an archive that is not compressed,"
			    " and off a multiple of 4: what stands behind that"
			    " is read with one boot loader and lost with the"
			    " next: not with --overlay-only");
	err = buffer_add_zeros(&s->insert, zeros_beside(image));
	if (err)
		fail(why, err, "out of memory");
	else
		err = codec_encode(codec, archive->data, archive->size,
				   &s->insert, why);
	s->total = s->insert.size;
	return err;
}

int splice_out(struct splice *s, const struct image *image, struct failure *why)
{
	memset(s, 0, sizeof(*s));
	keep_pieces(s, image);
	s->total = splice_base_size(image) + image->size - s->rest_begin;
	return check_torn(s, why);
}
