// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zstandard: the kernel reads one frame a segment, no skippable frames, and
 * has no memory for windows above 128 MiB.
 */
#include "tools/lib/codec/codec.h"
#include "tools/lib/codec/encoder.h"
#include "tools/lib/base/failure.h"

#include <stdlib.h>
#include <zstd.h>

#define KERNEL_WINDOW_LOG_MAX 27
/* 8 MiB at most, so that a node with little memory can unpack it. */
#define OUR_WINDOW_LOG_MAX 23
/* The highest level whose own window is no larger */
#define WIDE_LEVEL 19
/* Level 1's */
#define FIRST_WINDOW_LOG 19
/* In the frame header's descriptor: no window, but the size of the content */
#define SINGLE_SEGMENT 0x20

static int zstd_open(struct decoder *d, struct failure *why)
{
	ZSTD_DCtx *ctx;

	if (d->size < 4 || d->in[2] != 0x2f || d->in[3] != 0xfd)
		return fail(why, -EBADMSG, "zstd: no frame begins here");
	ctx = ZSTD_createDCtx();
	if (!ctx)
		return fail(why, -ENOMEM, "zstd: out of memory");
	d->state = ctx;
	ZSTD_DCtx_setParameter(ctx, ZSTD_d_windowLogMax, KERNEL_WINDOW_LOG_MAX);
	return 0;
}

static int zstd_read(struct decoder *d, uint8_t *out, size_t room, size_t *got,
		     struct failure *why)
{
	ZSTD_inBuffer input = { d->in, d->size, d->used };
	ZSTD_outBuffer output = { out, room, 0 };
	size_t before = d->used;
	size_t ret;

	ret = ZSTD_decompressStream(d->state, &output, &input);
	d->used = input.pos;
	*got = output.pos;
	if (ZSTD_isError(ret))
		return fail(why, -EBADMSG, "zstd: damaged: %s",
			    ZSTD_getErrorName(ret));
	if (!ret)
		d->ended = true;
	else if (!*got && d->used == before)
		return fail(why, -ENODATA, "zstd: the stream is cut off");
	return 0;
}

static void zstd_close(struct decoder *d)
{
	ZSTD_freeDCtx(d->state);
}

struct packer {
	ZSTD_CCtx *ctx;
	uint8_t out[64 << 10];
};

static void pack_close(struct encoder *e)
{
	struct packer *p = e->state;

	ZSTD_freeCCtx(p->ctx);
	free(p);
}

static int pack_open(struct encoder *e, struct failure *why)
{
	struct packer *p = malloc(sizeof(*p));

	if (p)
		p->ctx = ZSTD_createCCtx();
	if (!p || !p->ctx) {
		free(p);
		return fail(why, -ENOMEM, "zstd: out of memory");
	}
	e->state = p;
	ZSTD_CCtx_setParameter(p->ctx, ZSTD_c_compressionLevel, e->level);
	ZSTD_CCtx_setParameter(p->ctx, ZSTD_c_checksumFlag, 1);
	if (e->level > WIDE_LEVEL)
		ZSTD_CCtx_setParameter(p->ctx, ZSTD_c_windowLog,
				       OUR_WINDOW_LOG_MAX);
	/* Refused by a library without threads, which then has none. */
	ZSTD_CCtx_setParameter(p->ctx, ZSTD_c_nbWorkers, e->threads);
	if (e->size)
		ZSTD_CCtx_setPledgedSrcSize(p->ctx, e->size);
	return 0;
}

static int pack_write(struct encoder *e, const uint8_t *in, size_t size,
		      bool last, struct failure *why)
{
	ZSTD_inBuffer input = { in, size, 0 };
	struct packer *p = e->state;
	size_t left;
	int err = 0;

	do {
		ZSTD_outBuffer output = { p->out, sizeof(p->out), 0 };

		left = ZSTD_compressStream2(p->ctx, &output, &input,
					    last ? ZSTD_e_end :
						   ZSTD_e_continue);
		if (ZSTD_isError(left))
			return fail(why, -EIO, "zstd: cannot compress: %s",
				    ZSTD_getErrorName(left));
		if (output.pos)
			err = e->sink(e->ctx, p->out, output.pos, why);
	} while (!err && (last ? left != 0 : input.pos < size));
	return err;
}

static const struct encoder_ops zstd_encoder = {
	.open = pack_open,
	.write = pack_write,
	.close = pack_close,
};

/*
 * The header tells the window only, which is the level's when nobody has set
 * it, and is not there in a small frame.
 */
static int zstd_level(const uint8_t *in, size_t size)
{
	static const int by_window[] = { 1, 2, 3, 9, 19 };
	int log;

	if (size < 6 || in[4] & SINGLE_SEGMENT)
		return codec_zstd.level_normal;
	log = (in[5] >> 3) + 10;
	if (log < FIRST_WINDOW_LOG)
		log = FIRST_WINDOW_LOG;
	if (log > OUR_WINDOW_LOG_MAX)
		log = OUR_WINDOW_LOG_MAX;
	return by_window[log - FIRST_WINDOW_LOG];
}

const struct codec codec_zstd = {
	.name = "zstd",
	.magic = { 0x28, 0xb5 },
	.open = zstd_open,
	.read = zstd_read,
	.close = zstd_close,
	.encoder = &zstd_encoder,
	.level_min = 1,
	.level_max = 22,
	.level_normal = 9,
	.level_quick = 3,
	.level = zstd_level,
};
