// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zstandard: the kernel reads one frame a segment, no skippable frames, and
 * has no memory for windows above 128 MiB.
 */
#include "tools/lib/base/buffer.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"

#include <stdlib.h>
#include <zstd.h>

#define KERNEL_WINDOW_LOG_MAX 27
/* 8 MiB at most, so that a node with little memory can unpack it. */
#define OUR_WINDOW_LOG 23
#define OUR_LEVEL 9

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

static int zstd_encode(const uint8_t *in, size_t size, struct buffer *out,
		       struct failure *why)
{
	size_t bound = ZSTD_compressBound(size);
	ZSTD_CCtx *ctx = ZSTD_createCCtx();
	size_t ret;

	if (!ctx || buffer_reserve(out, bound)) {
		ZSTD_freeCCtx(ctx);
		return fail(why, -ENOMEM, "zstd: out of memory");
	}
	ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, OUR_LEVEL);
	ZSTD_CCtx_setParameter(ctx, ZSTD_c_windowLog, OUR_WINDOW_LOG);
	ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
	ret = ZSTD_compress2(ctx, out->data + out->size, bound, in, size);
	ZSTD_freeCCtx(ctx);
	if (ZSTD_isError(ret))
		return fail(why, -EIO, "zstd: cannot compress: %s",
			    ZSTD_getErrorName(ret));
	out->size += ret;
	return 0;
}

const struct codec codec_zstd = {
	.name = "zstd",
	.magic = { 0x28, 0xb5 },
	.open = zstd_open,
	.read = zstd_read,
	.close = zstd_close,
	.encode = zstd_encode,
};
