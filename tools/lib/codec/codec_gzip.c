// SPDX-License-Identifier: GPL-2.0-only
/*
 * gzip, through zlib. The kernel takes deflate with at most a file name in
 * the header and checks neither CRC nor length; we check both.
 */
#include "tools/lib/base/buffer.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define FLAG_FILE_NAME 0x08
#define GZIP_WINDOW (15 + 16)

static int gzip_open(struct decoder *d, struct failure *why)
{
	z_stream *z;

	if (d->size < 10)
		return fail(why, -ENODATA, "gzip: the header is cut off");
	if (d->in[2] != Z_DEFLATED)
		return fail(why, -ENOTSUP, "gzip: method %u is not deflate",
			    d->in[2]);
	/* "uncompression error" in the kernel: extra field, comment, CRC16 */
	if (!d->lenient && d->in[3] & ~FLAG_FILE_NAME)
		return fail(why, -ENOTSUP,
			    "gzip: header flags 0x%02x: the kernel takes a"
			    " file name only (no bgzip)",
			    d->in[3]);
	z = calloc(1, sizeof(*z));
	if (!z)
		return fail(why, -ENOMEM, "gzip: out of memory");
	if (inflateInit2(z, GZIP_WINDOW) != Z_OK) {
		free(z);
		return fail(why, -ENOMEM, "gzip: out of memory");
	}
	d->state = z;
	return 0;
}

/*
 * Whether the data are whole and only what stands behind them, CRC or length,
 * is not theirs. zlib stops behind the one that is wrong.
 */
static bool wrong_check(struct decoder *d, const z_stream *z)
{
	bool crc = z->msg && !strcmp(z->msg, "incorrect data check");

	if (!crc && (!z->msg || strcmp(z->msg, "incorrect length check")))
		return false;
	if (crc && d->size - d->used < 4)
		return false;
	d->used += crc ? 4 : 0;
	d->bad_check = true;
	d->ended = true;
	return true;
}

static int gzip_read(struct decoder *d, uint8_t *out, size_t room, size_t *got,
		     struct failure *why)
{
	size_t left = d->size - d->used;
	z_stream *z = d->state;
	uInt offered = left < (1U << 30) ? left : 1U << 30;
	int ret;

	z->next_in = (Bytef *)d->in + d->used;
	z->avail_in = offered;
	z->next_out = out;
	z->avail_out = room;
	ret = inflate(z, Z_NO_FLUSH);
	d->used += offered - z->avail_in;
	*got = room - z->avail_out;
	if (ret == Z_DATA_ERROR && d->like_kernel && wrong_check(d, z))
		return 0;
	if (ret == Z_STREAM_END)
		d->ended = true;
	else if (ret == Z_BUF_ERROR || (ret == Z_OK && !offered && !*got))
		return fail(why, -ENODATA, "gzip: the stream is cut off");
	else if (ret == Z_MEM_ERROR)
		return fail(why, -ENOMEM, "gzip: out of memory");
	else if (ret != Z_OK)
		return fail(why, -EBADMSG, "gzip: damaged: %s",
			    z->msg ? z->msg : "unknown");
	return 0;
}

static void gzip_close(struct decoder *d)
{
	if (!d->state)
		return;
	inflateEnd(d->state);
	free(d->state);
}

/* zlib's own header has neither time nor name: the same bytes each time. */
static int gzip_encode(const uint8_t *in, size_t size, struct buffer *out,
		       struct failure *why)
{
	z_stream z = { .next_in = (Bytef *)in, .avail_in = size };
	int ret;

	if (size > UINT32_MAX)
		return fail(why, -EFBIG, "gzip: more than 4 GiB to compress");
	if (deflateInit2(&z, 6, Z_DEFLATED, GZIP_WINDOW, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return fail(why, -ENOMEM, "gzip: out of memory");
	if (buffer_reserve(out, deflateBound(&z, size))) {
		deflateEnd(&z);
		return fail(why, -ENOMEM, "gzip: out of memory");
	}
	z.next_out = out->data + out->size;
	z.avail_out = out->room - out->size;
	ret = deflate(&z, Z_FINISH);
	out->size += z.total_out;
	deflateEnd(&z);
	if (ret != Z_STREAM_END)
		return fail(why, -EIO, "gzip: cannot compress");
	return 0;
}

const struct codec codec_gzip = {
	.name = "gzip",
	.magic = { 0x1f, 0x8b },
	.open = gzip_open,
	.read = gzip_read,
	.close = gzip_close,
	.encode = gzip_encode,
};
