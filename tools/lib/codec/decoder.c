// SPDX-License-Identifier: GPL-2.0-only
/* Reading a stream: in the caller's thread, or ahead of it in others. */
#include "tools/lib/codec/ahead.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* How far the thread may be ahead: enough that neither waits for long */
#define AHEAD_BYTES (2U << 20)

struct decoder_ahead {
	struct decoder decoder; /* the thread's */
	struct ahead_pool *pool;
	struct ahead *ahead;
};

static bool one_processor(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) || CPU_COUNT(&set) < 2;
}

static int plain_read(struct decoder *d, uint8_t *out, size_t room, size_t *got,
		      struct failure *why)
{
	int err = 0;

	/* A round may take input without giving output: that is no end yet. */
	while (!err && !d->ended && !*got)
		err = d->codec->read(d, out, room, got, why);
	return err;
}

static int make(void *ctx, uint8_t *out, size_t room, size_t *got, size_t *used,
		struct failure *why)
{
	struct decoder *d = ctx;
	int err = plain_read(d, out, room, got, why);

	*used = d->used;
	return err;
}

/* What is open already goes over to a thread; where there is none, it stays. */
static void start_ahead(struct decoder *d)
{
	struct decoder_ahead *a = calloc(1, sizeof(*a));

	if (!a)
		return;
	a->decoder = *d;
	a->pool = ahead_pool_new(AHEAD_BYTES);
	if (a->pool)
		a->ahead = ahead_start(a->pool, make, &a->decoder, NULL);
	if (a->ahead) {
		d->threads = a;
		return;
	}
	ahead_pool_free(a->pool);
	free(a);
}

static void stop_ahead(struct decoder_ahead *a)
{
	ahead_stop(a->ahead);
	ahead_pool_free(a->pool);
	a->decoder.codec->close(&a->decoder);
	free(a);
}

int decoder_open(struct decoder *d, const struct codec *codec,
		 const uint8_t *in, size_t size, struct failure *why)
{
	int err;

	d->codec = codec;
	d->in = in;
	d->size = size;
	d->ahead = d->ahead && !one_processor();
	err = codec->open(d, why);
	if (!err && d->ahead)
		start_ahead(d);
	return err;
}

int decoder_read(struct decoder *d, uint8_t *out, size_t room, size_t *got,
		 struct failure *why)
{
	struct decoder_ahead *a = d->threads;
	int err;

	*got = 0;
	if (!a)
		return plain_read(d, out, room, got, why);
	if (d->ended)
		return 0;
	err = ahead_read(a->ahead, out, room, got, &d->used, why);
	if (err || !*got) {
		/* Its thread is through. */
		d->used = a->decoder.used;
		d->ended = a->decoder.ended;
		d->bad_check = a->decoder.bad_check;
	}
	return err;
}

void decoder_close(struct decoder *d)
{
	if (d->threads)
		stop_ahead(d->threads);
	else if (d->codec)
		d->codec->close(d);
	memset(d, 0, sizeof(*d));
}
