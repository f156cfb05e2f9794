// SPDX-License-Identifier: GPL-2.0-only
/*
 * gzip, read by ISA-L, which takes a third of zlib's time, written by zlib. The
 * kernel takes deflate with at most a file name in the header and checks neither
 * CRC nor length; we check both.
 */
#include "tools/lib/codec/codec.h"
#include "tools/lib/codec/encoder.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define HEADER_SIZE 10
#define TRAILER_SIZE 8
#define FLAG_HEADER_CRC 0x02
#define FLAG_EXTRA 0x04
#define FLAG_FILE_NAME 0x08
#define FLAG_COMMENT 0x10
#define GZIP_WINDOW (15 + 16)

/* Behind the text that begins @at; 0: it does not end. */
static size_t behind_text(const struct decoder *d, size_t at)
{
	const uint8_t *end = NULL;

	if (at < d->size)
		end = memchr(d->in + at, '\0', d->size - at);
	return end ? end + 1 - d->in : 0;
}

/* The header's size, or 0: it is cut off. */
static size_t header_size(const struct decoder *d)
{
	uint8_t flags = d->in[3];
	size_t at = HEADER_SIZE;

	if (flags & FLAG_EXTRA) {
		if (d->size - at < 2)
			return 0;
		at += 2 + get_le16(d->in + at);
	}
	if (flags & FLAG_FILE_NAME)
		at = behind_text(d, at);
	if (at && flags & FLAG_COMMENT)
		at = behind_text(d, at);
	if (at && flags & FLAG_HEADER_CRC)
		at += 2;
	return at < d->size ? at : 0;
}

static int gzip_open(struct decoder *d, struct failure *why)
{
	struct inflate_state *z;

	if (d->size < HEADER_SIZE)
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
	d->used = header_size(d);
	if (!d->used)
		return fail(why, -ENODATA, "gzip: the header is cut off");
	z = malloc(sizeof(*z));
	if (!z)
		return fail(why, -ENOMEM, "gzip: out of memory");
	isal_inflate_init(z);
	z->crc_flag = ISAL_GZIP_NO_HDR;
	d->state = z;
	return 0;
}

/* CRC and length behind the data, which no kernel looks at */
static int check_trailer(struct decoder *d, struct failure *why)
{
	const struct inflate_state *z = d->state;
	const uint8_t *trailer;
	bool crc;

	/* ISA-L has read ahead: whole bytes, as bits. */
	d->used -= z->read_in_length / 8;
	trailer = d->in + d->used;
	if (d->size - d->used < TRAILER_SIZE)
		return fail(why, -ENODATA, "gzip: the stream is cut off");
	d->used += TRAILER_SIZE;
	d->ended = true;
	crc = get_le32(trailer) != z->crc;
	if (!crc && get_le32(trailer + 4) == z->total_out)
		return 0;
	d->bad_check = d->like_kernel;
	return d->like_kernel ? 0 :
				fail(why, -EBADMSG, "gzip: damaged: %s",
				     crc ? "incorrect data check" :
					   "incorrect length check");
}

static const char *damage_name(int code)
{
	switch (code) {
	case ISAL_INVALID_BLOCK:
		return "invalid block";
	case ISAL_INVALID_SYMBOL:
		return "invalid symbol";
	case ISAL_INVALID_LOOKBACK:
		return "invalid distance";
	}
	return "unknown";
}

static int gzip_read(struct decoder *d, uint8_t *out, size_t room, size_t *got,
		     struct failure *why)
{
	struct inflate_state *z = d->state;
	size_t left = d->size - d->used;
	uint32_t offered = left < (1U << 30) ? left : 1U << 30;
	uint32_t space = room < (1U << 30) ? room : 1U << 30;
	int ret;

	z->next_in = (uint8_t *)d->in + d->used;
	z->avail_in = offered;
	z->next_out = out;
	z->avail_out = space;
	ret = isal_inflate(z);
	/* Of damaged data ISA-L may have taken more than there was. */
	d->used += z->avail_in > offered ? offered : offered - z->avail_in;
	*got = space - z->avail_out;
	if (ret != ISAL_DECOMP_OK)
		return fail(why, -EBADMSG, "gzip: damaged: %s",
			    damage_name(ret));
	if (z->block_state == ISAL_BLOCK_FINISH)
		return check_trailer(d, why);
	if (!*got && !z->avail_in && left == offered)
		return fail(why, -ENODATA, "gzip: the stream is cut off");
	return 0;
}

static void gzip_close(struct decoder *d)
{
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
	.level_quick = 5,
	.level = gzip_level,
};
