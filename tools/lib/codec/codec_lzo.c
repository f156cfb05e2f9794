// SPDX-License-Identifier: GPL-2.0-only
/*
 * lzo in lzop's format. The kernel skips exactly one checksum a block, so a
 * stream must carry the one of the uncompressed data, and no other.
 */
#include "tools/lib/base/bytes.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/codec/encoder.h"
#include "tools/lib/base/failure.h"

#include <lzo/lzo1x.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE (256U << 10)
#define MAGIC_SIZE 9
#define VERSION_LONG_HEADER 0x0940
#define FLAG_ADLER32_DATA 0x00000001U
#define FLAG_FILTER 0x00000800U
/* Every flag that puts a checksum beside a block */
#define FLAGS_CHECKSUMS 0x00000303U
#define FLAG_OS_UNIX 0x03000000U
#define METHOD_LZO1X_1 1
#define METHOD_LZO1X_999 3

static const uint8_t lzop_magic[MAGIC_SIZE] = { 0x89, 'L',  'Z',  'O', 0,
						'\r', '\n', 0x1a, '\n' };

/* The length of the header with its checksum, or 0 when it is cut off. */
static size_t header_length(const uint8_t *in, size_t size, uint32_t *flags)
{
	bool is_long;
	size_t at;

	if (size < 16)
		return 0;
	is_long = get_be16(in + MAGIC_SIZE) >= VERSION_LONG_HEADER;
	/* version, library, [needed], method, [level] */
	at = MAGIC_SIZE + (is_long ? 2 + 2 + 2 + 1 + 1 : 2 + 2 + 1);
	if (size < at + 4)
		return 0;
	*flags = get_be32(in + at);
	at += 4 + (*flags & FLAG_FILTER ? 4 : 0);
	/* mode, time, [time above 32 bits], then the name behind its length */
	at += is_long ? 4 + 4 + 4 : 4 + 4;
	if (size < at + 1)
		return 0;
	at += 1 + in[at] + 4;
	return size < at ? 0 : at;
}

static int lzo_open(struct decoder *d, struct failure *why)
{
	uint32_t flags = 0;
	size_t length;

	if (d->size < MAGIC_SIZE || memcmp(d->in, lzop_magic, MAGIC_SIZE))
		return fail(why, -EBADMSG, "lzo: no lzop stream begins here");
	length = header_length(d->in, d->size, &flags);
	if (!length)
		return fail(why, -ENODATA, "lzo: the header is cut off");
	if ((flags & FLAGS_CHECKSUMS) != FLAG_ADLER32_DATA)
		return fail(why, -ENOTSUP,
			    "lzo: the kernel takes streams with lzop's default"
			    " checksum only (flags 0x%08x)",
			    flags);
	d->used = length;
	return codec_block_open(d, BLOCK_SIZE, why);
}

static int unpack_block(struct codec_block *block, const uint8_t *in,
			uint32_t packed, uint32_t unpacked, uint32_t sum,
			struct failure *why)
{
	lzo_uint got = unpacked;

	if (packed == unpacked)
		memcpy(block->data, in, unpacked);
	else if (lzo1x_decompress_safe(in, packed, block->data, &got, NULL) !=
			 LZO_E_OK ||
		 got != unpacked)
		return fail(why, -EBADMSG, "lzo: damaged");
	if (lzo_adler32(1, block->data, unpacked) != sum)
		return fail(why, -EBADMSG, "lzo: wrong checksum");
	block->size = unpacked;
	block->given = 0;
	return 0;
}

static int next_block(struct decoder *d, struct failure *why)
{
	const uint8_t *in = d->in + d->used;
	size_t left = d->size - d->used;
	uint32_t unpacked;
	uint32_t packed;

	if (left < 4)
		return fail(why, -ENODATA, "lzo: the stream is cut off");
	unpacked = get_be32(in);
	if (!unpacked) {
		d->used += 4;
		d->ended = true;
		return 0;
	}
	if (left < 12)
		return fail(why, -ENODATA, "lzo: the stream is cut off");
	packed = get_be32(in + 4);
	if (unpacked > BLOCK_SIZE || packed > unpacked || !packed)
		return fail(why, -EBADMSG, "lzo: damaged block length");
	if (left - 12 < packed)
		return fail(why, -ENODATA, "lzo: the stream is cut off");
	d->used += 12 + packed;
	return unpack_block(d->state, in + 12, packed, unpacked,
			    get_be32(in + 8), why);
}

static int lzo_read(struct decoder *d, uint8_t *out, size_t room, size_t *got,
		    struct failure *why)
{
	return codec_block_read(d, next_block, out, room, got, why);
}

/* The header is written by the first block, or by the end. */
struct packer {
	struct encoder_block block;
	bool begun;
	void *work;
	uint8_t in[BLOCK_SIZE];
	uint8_t out[12 + BLOCK_SIZE + BLOCK_SIZE / 16 + 64 + 3];
};

/* As lzop has it */
static bool is_slow(int level)
{
	return level > 6;
}

/* Without name and time, so that the same input gives the same bytes. */
static int write_header(struct encoder *e, struct failure *why)
{
	/* version, library, needed, method, level; then flags, mode, times */
	uint8_t head[MAGIC_SIZE + 8 + 4 + 4 + 4 + 4 + 1 + 4] = { 0 };
	uint8_t *at = head + MAGIC_SIZE;
	const uint8_t versions[] = { 0x10,
				     0x40,
				     0x20,
				     0xa0,
				     0x09,
				     0x40,
				     is_slow(e->level) ? METHOD_LZO1X_999 :
							 METHOD_LZO1X_1,
				     e->level };

	memcpy(head, lzop_magic, MAGIC_SIZE);
	memcpy(at, versions, sizeof(versions));
	put_be32(at + 8, FLAG_OS_UNIX | FLAG_ADLER32_DATA);
	put_be32(head + sizeof(head) - 4,
		 lzo_adler32(1, at, sizeof(head) - MAGIC_SIZE - 4));
	return e->sink(e->ctx, head, sizeof(head), why);
}

static int pack_block(struct encoder *e, struct failure *why)
{
	struct packer *p = e->state;
	lzo_uint packed = 0;

	if (is_slow(e->level))
		lzo1x_999_compress_level(p->in, p->block.have, p->out + 12,
					 &packed, p->work, NULL, 0, NULL,
					 e->level);
	else
		lzo1x_1_compress(p->in, p->block.have, p->out + 12, &packed,
				 p->work);
	if (packed >= p->block.have) {
		memcpy(p->out + 12, p->in, p->block.have);
		packed = p->block.have;
	}
	put_be32(p->out, p->block.have);
	put_be32(p->out + 4, packed);
	put_be32(p->out + 8, lzo_adler32(1, p->in, p->block.have));
	return e->sink(e->ctx, p->out, 12 + packed, why);
}

static int pack_open(struct encoder *e, struct failure *why)
{
	struct packer *p = malloc(sizeof(*p));

	if (!p)
		return fail(why, -ENOMEM, "lzo: out of memory");
	p->block = (struct encoder_block){ .bytes = p->in,
					   .room = BLOCK_SIZE,
					   .pack = pack_block };
	p->begun = false;
	p->work = malloc(is_slow(e->level) ? LZO1X_999_MEM_COMPRESS :
					     LZO1X_1_MEM_COMPRESS);
	e->state = p;
	return p->work ? 0 : fail(why, -ENOMEM, "lzo: out of memory");
}

static int pack_write(struct encoder *e, const uint8_t *in, size_t size,
		      bool last, struct failure *why)
{
	static const uint8_t end[4];
	struct packer *p = e->state;
	int err = p->begun ? 0 : write_header(e, why);

	p->begun = true;
	if (!err)
		err = encoder_fill(e, &p->block, in, size, last, why);
	return err || !last ? err : e->sink(e->ctx, end, sizeof(end), why);
}

static void pack_close(struct encoder *e)
{
	struct packer *p = e->state;

	free(p->work);
	free(p);
}

static const struct encoder_ops lzo_encoder = {
	.open = pack_open,
	.write = pack_write,
	.close = pack_close,
};

/* Behind the versions and the method, in the headers of today's lzop */
static int lzo_level(const uint8_t *in, size_t size)
{
	if (size < MAGIC_SIZE + 8 ||
	    get_be16(in + MAGIC_SIZE) < VERSION_LONG_HEADER ||
	    in[MAGIC_SIZE + 7] < 1 || in[MAGIC_SIZE + 7] > 9)
		return codec_lzo.level_normal;
	return in[MAGIC_SIZE + 7];
}

const struct codec codec_lzo = {
	.name = "lzo",
	.magic = { 0x89, 0x4c },
	.open = lzo_open,
	.read = lzo_read,
	.close = codec_block_close,
	.encoder = &lzo_encoder,
	.level_min = 1,
	.level_max = 9,
	.level_normal = 5,
	.level = lzo_level,
};
