// SPDX-License-Identifier: GPL-2.0-only
/*
 * lz4 in its legacy frame, the only one the kernel reads: the magic, then
 * blocks of at most 8 MiB of data, each behind its length.
 *
 * The frame has no end of its own. The kernel ends it with the image, with
 * a length of zero (since 5.14), and takes the magic of a further frame as
 * its continuation. Here a further frame ends the stream, so that the
 * segments can be told apart.
 */
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"

#include <lz4.h>
#include <lz4hc.h>
#include <string.h>

#define LEGACY_MAGIC 0x184c2102U
#define BLOCK_SIZE (8U << 20)

static int lz4_open(struct decoder *d, struct failure *why)
{
	if (d->size < 4)
		return fail(why, -ENODATA, "lz4: the frame is cut off");
	if (get_le32(d->in) != LEGACY_MAGIC)
		return fail(why, -EBADMSG, "lz4: no legacy frame begins here");
	d->used = 4;
	return codec_block_open(d, BLOCK_SIZE, why);
}

static int next_block(struct decoder *d, struct failure *why)
{
	struct codec_block *block = d->state;
	size_t left = d->size - d->used;
	uint32_t length = 0;
	int got;

	if (left >= 4)
		length = get_le32(d->in + d->used);
	if (!length || length == LEGACY_MAGIC) {
		d->ended = true;
		return 0;
	}
	if (length > (uint32_t)LZ4_COMPRESSBOUND(BLOCK_SIZE) ||
	    (length > left - 4 && codec_find(d->in + d->used, left)))
		return fail(why, -EBADMSG,
			    "lz4: what follows is no lz4 block: the kernel"
			    " stops here");
	if (length > left - 4)
		return fail(why, -ENODATA, "lz4: the last block is cut off");
	got = LZ4_decompress_safe((const char *)d->in + d->used + 4,
				  (char *)block->data, length, BLOCK_SIZE);
	if (got < 0)
		return fail(why, -EBADMSG, "lz4: damaged");
	d->used += 4 + length;
	block->size = got;
	block->given = 0;
	return 0;
}

static int lz4_read(struct decoder *d, uint8_t *out, size_t room, size_t *got,
		    struct failure *why)
{
	return codec_block_read(d, next_block, out, room, got, why);
}

static int lz4_encode(const uint8_t *in, size_t size, struct buffer *out,
		      struct failure *why)
{
	uint8_t word[4];

	put_le32(word, LEGACY_MAGIC);
	if (buffer_add(out, word, 4))
		return fail(why, -ENOMEM, "lz4: out of memory");
	while (size) {
		size_t part = size < BLOCK_SIZE ? size : BLOCK_SIZE;
		int bound = LZ4_compressBound(part);
		int got;

		if (buffer_reserve(out, 4 + bound))
			return fail(why, -ENOMEM, "lz4: out of memory");
		got = LZ4_compress_HC((const char *)in,
				      (char *)out->data + out->size + 4, part,
				      bound, LZ4HC_CLEVEL_DEFAULT);
		if (got <= 0)
			return fail(why, -EIO, "lz4: cannot compress");
		put_le32(out->data + out->size, got);
		out->size += 4 + got;
		in += part;
		size -= part;
	}
	return 0;
}

const struct codec codec_lz4 = {
	.name = "lz4",
	.magic = { 0x02, 0x21 },
	.open = lz4_open,
	.read = lz4_read,
	.close = codec_block_close,
	.encode = lz4_encode,
};
