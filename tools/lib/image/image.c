// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/image.h"

#include "tools/lib/codec/codec.h"
#include "tools/lib/image/bootconfig.h"
#include "tools/lib/image/cpio.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK (256U << 10)
#define MAX_SEGMENTS 4096

/* One run over a part of the image. */
struct scan {
	struct image *image;
	struct cpio_reader reader;
	/* Of the segment in hand */
	bool first;
	bool own;
	bool in_marker;
	bool only_early;
	bool crc;
	uint8_t *chunk;
};

static int on_begin(void *ctx, const struct cpio_entry *entry,
		    struct failure *why)
{
	struct scan *s = ctx;

	if (s->first && !strcmp(entry->name, IMAGE_MARKER)) {
		s->own = true;
		s->in_marker = true;
		s->image->own_marker.size = 0;
	}
	s->first = false;
	if (strncmp(entry->name, "kernel", 6) && strcmp(entry->name, "."))
		s->only_early = false;
	s->crc |= entry->crc;
	if (s->own && !s->image->accept_own)
		return 0;
	return tree_begin(s->image->tree, entry, s->image->n_segments, why);
}

static int on_data(void *ctx, const uint8_t *data, size_t size,
		   struct failure *why)
{
	struct scan *s = ctx;

	if (s->in_marker && s->image->own_marker.size < 4096 &&
	    buffer_add(&s->image->own_marker, data, size))
		return fail(why, -ENOMEM, "out of memory");
	if (s->own && !s->image->accept_own)
		return 0;
	return tree_data(s->image->tree, data, size, why);
}

static int on_end(void *ctx, struct failure *why)
{
	struct scan *s = ctx;

	s->in_marker = false;
	if (s->own && !s->image->accept_own)
		return 0;
	return tree_end(s->image->tree, why);
}

static int on_trailer(void *ctx, struct failure *why)
{
	struct scan *s = ctx;

	tree_trailer(s->image->tree);
	return 0;
}

static void on_skipped(void *ctx, const struct cpio_entry *entry,
		       const char *reason)
{
	struct scan *s = ctx;

	tree_skip(s->image->tree, entry, s->image->n_segments, reason);
}

static const struct cpio_sink sink = {
	.begin = on_begin,
	.data = on_data,
	.end = on_end,
	.trailer = on_trailer,
	.skipped = on_skipped,
};

static void begin_segment(struct scan *s)
{
	s->first = true;
	s->own = false;
	s->in_marker = false;
	s->only_early = true;
	s->crc = false;
}

static int add_segment(struct scan *s, const struct segment *segment,
		       struct failure *why)
{
	struct image *image = s->image;
	struct segment *more;

	if (image->n_segments == MAX_SEGMENTS)
		return fail(why, -E2BIG, "more than %d segments", MAX_SEGMENTS);
	more = realloc(image->segments,
		       (image->n_segments + 1) * sizeof(*more));
	if (!more)
		return fail(why, -ENOMEM, "out of memory");
	image->segments = more;
	more[image->n_segments] = *segment;
	more[image->n_segments].ours = s->own;
	more[image->n_segments].crc = s->crc;
	more[image->n_segments].trailer = s->reader.trailer;
	more[image->n_segments].early = s->only_early && !segment->codec &&
					segment->entries;
	image->n_segments++;
	return 0;
}

static void report(struct scan *s, uint64_t done)
{
	if (s->image->progress)
		s->image->progress(s->image->progress_ctx, done, s->image->end);
}

static int read_raw(struct scan *s, size_t offset, size_t end, size_t *used,
		    struct failure *why)
{
	struct segment segment = { .offset = offset };
	int err = 0;

	cpio_reader_init(&s->reader, &sink, s, offset);
	s->reader.stop_at_trailer = true;
	*used = 0;
	while (!err && offset + *used < end) {
		size_t part = end - offset - *used;
		size_t taken;

		part = part < CHUNK ? part : CHUNK;
		err = cpio_reader_feed(&s->reader,
				       s->image->data + offset + *used, part,
				       &taken, why);
		*used += taken;
		report(s, offset + *used);
		if (taken < part)
			break;
	}
	/* Nobody misses the padding at the end of the file. */
	if (!err && s->reader.state != CPIO_PADDING)
		err = cpio_reader_finish(&s->reader, why);
	segment.size = segment.unpacked = *used;
	segment.entries = s->reader.entries;
	segment.damaged = err;
	if (!err)
		return add_segment(s, &segment, why);
	add_segment(s, &segment, NULL);
	return fail_in(why, err, "archive at offset %zu", offset);
}

static int feed_all(struct scan *s, size_t size, struct failure *why)
{
	size_t taken;
	int err;

	err = cpio_reader_feed(&s->reader, s->chunk, size, &taken, why);
	if (err || taken == size)
		return err;
	if (!s->reader.entries && !s->reader.trailer)
		return fail(why, -EBADMSG,
			    "what is compressed there is no cpio archive");
	return fail(why, -EBADMSG,
		    "junk behind an entry of the archive, at %llu unpacked:"
		    " the kernel stops there",
		    (unsigned long long)s->reader.position);
}

uint64_t image_lz4_position(const struct image *image)
{
	uint64_t position = 0;

	for (size_t i = image->n_segments; i-- > 0;) {
		if (image->segments[i].ours)
			continue;
		position += image->segments[i].unpacked;
		if (!image->segments[i].continued)
			break;
	}
	return position;
}

static int read_compressed(struct scan *s, const struct codec *codec,
			   size_t offset, size_t end, size_t *used,
			   struct failure *why)
{
	struct segment segment = { .codec = codec, .offset = offset };
	uint32_t before;
	struct decoder d = { 0 };
	size_t got = 1;
	int err;

	/* The kernel counts on where lz4 frames stand back to back. */
	if (s->image->n_segments && codec == &codec_lz4) {
		struct segment *last =
			&s->image->segments[s->image->n_segments - 1];

		segment.continued = last->codec == codec &&
				    last->offset + last->size == offset;
	}
	if (!segment.continued)
		cpio_reader_init(&s->reader, &sink, s, 0);
	else if (!s->reader.sink)
		cpio_reader_init(&s->reader, &sink, s,
				 image_lz4_position(s->image));
	before = s->reader.entries;
	d.like_kernel = s->image->like_kernel;
	d.ahead = end - offset >= WORTH_A_THREAD;
	err = decoder_open(&d, codec, s->image->data + offset, end - offset,
			   why);
	while (!err && got) {
		err = decoder_read(&d, s->chunk, CHUNK, &got, why);
		if (!err)
			err = feed_all(s, got, why);
		segment.unpacked += got;
		report(s, offset + d.used);
	}
	*used = segment.size = d.used;
	segment.entries = s->reader.entries - before;
	segment.bad_check = d.bad_check;
	decoder_close(&d);
	/* An lz4 frame may break off where the next one goes on. */
	if (!err &&
	    (codec != &codec_lz4 || codec_find(s->image->data + offset + *used,
					       end - offset - *used) != codec))
		err = cpio_reader_finish(&s->reader, why);
	segment.damaged = err;
	if (!err)
		return add_segment(s, &segment, why);
	add_segment(s, &segment, NULL);
	return fail_in(why, err, "%s segment at offset %zu", codec->name,
		       offset);
}

static int unknown_bytes(const struct image *image, size_t offset,
			 struct failure *why)
{
	const uint8_t *at = image->data + offset;

	if (!image->n_segments)
		return fail(why, -EBADMSG,
			    "not an initrd: no cpio archive and nothing"
			    " compressed that the kernel knows at offset %zu"
			    " (bytes %02x %02x)",
			    offset, at[0], offset + 1 < image->end ? at[1] : 0);
	return fail(why, -EBADMSG,
		    "garbage at offset %zu, behind %zu good segments: the"
		    " kernel stops there",
		    offset, image->n_segments);
}

/*
 * The zeroes before our segment are ours too, as far as the marker says; those
 * behind it align what somebody appended, and make no sense without it.
 */
static void note_own(struct scan *s, size_t padding_begin)
{
	struct image *image = s->image;
	const struct segment *own = &image->segments[image->n_segments - 1];
	unsigned long long base;
	const char *line;

	if (!own->ours)
		return;
	image->has_own = true;
	image->own_begin = own->offset;
	image->own_end = own->offset + own->size;
	while (image->own_end & 3 && image->own_end < image->end &&
	       !image->data[image->own_end])
		image->own_end++;
	if (buffer_add(&image->own_marker, "", 1))
		return;
	line = strstr((const char *)image->own_marker.data, "\nbase-size ");
	if (line && sscanf(line, "\nbase-size %llu", &base) == 1 &&
	    base >= padding_begin && base <= own->offset)
		image->own_begin = base;
}

/*
 * The kernel reads the zeroes behind an archive that is not compressed as part
 * of it, and they have to end on a multiple of 4, whatever comes then.
 */
static int check_padding(const struct image *image, size_t offset,
			 struct failure *why)
{
	if (!(offset & 3) || !image->n_segments ||
	    image->segments[image->n_segments - 1].codec)
		return 0;
	return fail(why, -EBADMSG,
		    "offset %zu: the zeroes behind an archive that is not"
		    " compressed end off a multiple of 4: the kernel takes"
		    " them for broken padding and stops",
		    offset);
}

static int read_segments(struct scan *s, size_t offset, size_t end,
			 struct failure *why)
{
	const uint8_t *data = s->image->data;
	size_t gap = offset;

	while (offset < end) {
		const struct codec *codec;
		size_t used = 0;
		int err;

		if (!data[offset]) {
			offset++;
			continue;
		}
		begin_segment(s);
		s->image->stopped_at = offset;
		codec = codec_find(data + offset, end - offset);
		err = check_padding(s->image, offset, why);
		if (err)
			return err;
		if (data[offset] == '0' && offset & 3)
			return fail(why, -EBADMSG,
				    "an archive that is not compressed begins"
				    " at offset %zu, off a multiple of 4: the"
				    " kernel does not see it",
				    offset);
		if (data[offset] == '0')
			err = read_raw(s, offset, end, &used, why);
		else if (codec)
			err = read_compressed(s, codec, offset, end, &used,
					      why);
		else
			err = unknown_bytes(s->image, offset, why);
		offset += used;
		s->image->stopped_at = offset;
		if (err)
			return err;
		note_own(s, gap);
		gap = offset;
	}
	return 0;
}

static int run(struct image *image, size_t from, struct failure *why)
{
	struct scan *s = calloc(1, sizeof(*s));
	int err = -ENOMEM;

	if (s)
		s->chunk = malloc(CHUNK);
	if (s && s->chunk) {
		s->image = image;
		err = read_segments(s, from, image->end, why);
	} else {
		fail(why, err, "out of memory");
	}
	if (s)
		free(s->chunk);
	free(s);
	return err;
}

int image_read(struct image *image, const uint8_t *data, size_t size,
	       struct failure *why)
{
	int err;

	image->data = data;
	image->size = size;
	image->end = bootconfig_begin(data, size);
	image->tree = tree_new();
	if (!image->tree)
		return fail(why, -ENOMEM, "out of memory");
	tree_set_watch(image->tree, image->watch);
	err = run(image, 0, why);
	if (!err && !image->n_segments)
		return fail(why, -EBADMSG, "not an initrd: the file is empty");
	return err;
}

int image_read_more(struct image *image, const uint8_t *data, size_t size,
		    struct failure *why)
{
	size_t from = image->end;

	image->data = data;
	image->size = size;
	image->end = bootconfig_begin(data, size);
	image->accept_own = true;
	return run(image, from, why);
}

int image_read_beside(struct image *image, const uint8_t *data, size_t size,
		      struct failure *why)
{
	image->end = 0;
	return image_read_more(image, data, size, why);
}

void image_free(struct image *image)
{
	tree_free(image->tree);
	free(image->segments);
	buffer_free(&image->own_marker);
	memset(image, 0, sizeof(*image));
}

const char *segment_codec_name(const struct segment *s)
{
	return s->codec ? s->codec->name : "none";
}
