// SPDX-License-Identifier: GPL-2.0-only
/*
 * lzo in lzop's format. The kernel skips exactly one checksum a block, so a
 * stream must carry the one of the uncompressed data, and no other.
 */
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/codec/codec.h"
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

static int add_be32(struct buffer *out, uint32_t value)
{
	uint8_t word[4];

	put_be32(word, value);
	return buffer_add(out, word, 4);
}

/* Without name and time, so that the same input gives the same bytes. */
static int add_header(struct buffer *out)
{
	static const uint8_t versions[] = { 0x10, 0x40, 0x20,		0xa0,
					    0x09, 0x40, METHOD_LZO1X_1, 5 };
	size_t start;
	int err;

	err = buffer_add(out, lzop_magic, sizeof(lzop_magic));
	start = out->size;
	if (!err)
		err = buffer_add(out, versions, sizeof(versions));
	if (!err)
		err = add_be32(out, FLAG_OS_UNIX | FLAG_ADLER32_DATA);
	if (!err)
		err = buffer_add_zeros(out, 4 + 4 + 4 + 1);
	if (!err)
		err = add_be32(out, lzo_adler32(1, out->data + start,
						out->size - start));
	return err;
}

static int add_block(struct buffer *out, const uint8_t *in, uint32_t size,
		     uint8_t *work)
{
	size_t room = size + size / 16 + 64 + 3;
	lzo_uint packed = 0;
	uint8_t *head;

	if (buffer_reserve(out, 12 + room))
		return -ENOMEM;
	head = out->data + out->size;
	lzo1x_1_compress(in, size, head + 12, &packed, work);
	if (packed >= size) {
		memcpy(head + 12, in, size);
		packed = size;
	}
	put_be32(head, size);
	put_be32(head + 4, packed);
	put_be32(head + 8, lzo_adler32(1, in, size));
	out->size += 12 + packed;
	return 0;
}

static int lzo_encode(const uint8_t *in, size_t size, struct buffer *out,
		      struct failure *why)
{
	uint8_t *work = malloc(LZO1X_1_MEM_COMPRESS);
	int err = work ? add_header(out) : -ENOMEM;

	while (!err && size) {
		uint32_t part = size < BLOCK_SIZE ? size : BLOCK_SIZE;

		err = add_block(out, in, part, work);
		in += part;
		size -= part;
	}
	if (!err)
		err = add_be32(out, 0);
	free(work);
	if (err)
		return fail(why, err, "lzo: out of memory");
	return 0;
}

const struct codec codec_lzo = {
	.name = "lzo",
	.magic = { 0x89, 0x4c },
	.open = lzo_open,
	.read = lzo_read,
	.close = codec_block_close,
	.encode = lzo_encode,
};
