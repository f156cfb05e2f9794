// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/walk.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/base/thread.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/image/cpio.h"
#include "tools/lib/image/image.h"

#include <stdlib.h>

#define CHUNK (256U << 10)

struct walk {
	const struct image *image;
	struct cpio_reader reader;
	uint8_t chunk[CHUNK];
};

/*
 * The segment of an earlier run is read nevertheless: a frame of lz4 behind
 * it goes on at its count.
 */
static int no_begin(void *ctx, const struct cpio_entry *entry,
		    struct failure *why)
{
	return 0;
}

static int no_data(void *ctx, const uint8_t *data, size_t size,
		   struct failure *why)
{
	return 0;
}

static int no_end(void *ctx, struct failure *why)
{
	return 0;
}

static const struct cpio_sink silence = {
	.begin = no_begin,
	.data = no_data,
	.end = no_end,
	.trailer = no_end,
};

/* What the first reading took whole cannot be other than whole now. */
static int feed(struct walk *w, const uint8_t *data, size_t size,
		struct failure *why)
{
	size_t used;
	int err = cpio_reader_feed(&w->reader, data, size, &used, why);

	if (!err && used != size)
		err = fail(why, -EAGAIN, "changed while it was read");
	return err;
}

static int walk_raw(struct walk *w, const struct segment *s,
		    struct failure *why)
{
	const uint8_t *data = w->image->data + s->offset;
	int err = 0;

	for (uint64_t at = 0; !err && at < s->size; at += CHUNK) {
		uint64_t part = s->size - at;

		err = feed(w, data + at, part < CHUNK ? part : CHUNK, why);
	}
	return err;
}

static int walk_packed(struct walk *w, const struct segment *s,
		       struct failure *why)
{
	struct decoder d = { .ahead = s->size >= WORTH_A_THREAD };
	size_t got = 1;
	int err;

	err = decoder_open(&d, s->codec, w->image->data + s->offset, s->size,
			   why);
	while (!err && got) {
		err = decoder_read(&d, w->chunk, CHUNK, &got, why);
		if (!err)
			err = feed(w, w->chunk, got, why);
	}
	decoder_close(&d);
	return err;
}

int image_walk(const struct image *image, const struct cpio_sink *sink,
	       void *ctx, struct failure *why)
{
	struct walk *w = malloc(sizeof(*w));
	int err = 0;

	if (!w)
		return fail(why, -ENOMEM, "out of memory");
	w->image = image;
	for (size_t i = 0; !err && i < image->n_segments; i++) {
		const struct segment *s = &image->segments[i];

		if (!s->continued)
			cpio_reader_init(&w->reader, sink, ctx,
					 s->codec ? 0 : s->offset);
		w->reader.sink = s->ours ? &silence : sink;
		err = s->codec ? walk_packed(w, s, why) : walk_raw(w, s, why);
		if (err)
			fail_in(why, err, "segment at offset %llu",
				(unsigned long long)s->offset);
	}
	free(w);
	return err;
}
