// SPDX-License-Identifier: GPL-2.0-only
/*
 * gzip, through zlib. The kernel takes deflate with at most a file name in
 * the header and checks neither CRC nor length; we check both.
 */
#include "tools/lib/codec/codec.h"
#include "tools/lib/codec/encoder.h"
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

struct packer {
	z_stream z;
	uint8_t out[64 << 10];
};

/* zlib's own header has neither time nor name: the same bytes each time. */
static int pack_open(struct encoder *e, struct failure *why)
{
	struct packer *p = calloc(1, sizeof(*p));

	if (!p || deflateInit2(&p->z, e->level, Z_DEFLATED, GZIP_WINDOW, 8,
			       Z_DEFAULT_STRATEGY) != Z_OK) {
		free(p);
		return fail(why, -ENOMEM, "gzip: out of memory");
	}
	e->state = p;
	return 0;
}

static int pack_piece(struct encoder *e, uInt size, const uint8_t *in,
		      bool last, struct failure *why)
{
	struct packer *p = e->state;
	int err = 0;
	int ret;

	p->z.next_in = (Bytef *)in;
	p->z.avail_in = size;
	do {
		p->z.next_out = p->out;
		p->z.avail_out = sizeof(p->out);
		ret = deflate(&p->z, last ? Z_FINISH : Z_NO_FLUSH);
		if (ret == Z_STREAM_ERROR)
			return fail(why, -EIO, "gzip: cannot compress");
		if (p->z.avail_out < sizeof(p->out))
			err = e->sink(e->ctx, p->out,
				      sizeof(p->out) - p->z.avail_out, why);
	} while (!err && !p->z.avail_out);
	return err;
}

static int pack_write(struct encoder *e, const uint8_t *in, size_t size,
		      bool last, struct failure *why)
{
	int err = 0;

	/* zlib counts in 32 bits. */
	while (!err && size > 1U << 30) {
		err = pack_piece(e, 1U << 30, in, false, why);
		in += 1U << 30;
		size -= 1U << 30;
	}
	return err ? err : pack_piece(e, size, in, last, why);
}

static void pack_close(struct encoder *e)
{
	struct packer *p = e->state;

	deflateEnd(&p->z);
	free(p);
}

static const struct encoder_ops gzip_encoder = {
	.open = pack_open,
	.write = pack_write,
	.close = pack_close,
};

/* RFC 1952, XFL: the best, the fastest, or anything between */
static int gzip_level(const uint8_t *in, size_t size)
{
	if (size < 10)
		return 6;
	return in[8] == 2 ? 9 : in[8] == 4 ? 1 : 6;
}

const struct codec codec_gzip = {
	.name = "gzip",
	.magic = { 0x1f, 0x8b },
	.open = gzip_open,
	.read = gzip_read,
	.close = gzip_close,
	.encoder = &gzip_encoder,
	.level_min = 1,
	.level_max = 9,
	.level_normal = 6,
	.level = gzip_level,
};
