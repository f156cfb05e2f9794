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
#include "tools/lib/base/bytes.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/codec/encoder.h"
#include "tools/lib/base/failure.h"

#include <lz4.h>
#include <lz4hc.h>
#include <stdlib.h>
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

/* Whether another segment begins here, behind too few zeroes to end a frame. */
static bool segment_begins(const uint8_t *in, size_t size)
{
	size_t zeroes = 0;

	while (zeroes < 3 && zeroes < size && !in[zeroes])
		zeroes++;
	return codec_find(in + zeroes, size - zeroes) ||
	       (size - zeroes > 2 && !memcmp(in + zeroes, "07", 2));
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
	    (length > left - 4 && segment_begins(d->in + d->used, left)))
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

/* A block in the making, and room for what becomes of it. */
struct packer {
	struct encoder_block block;
	bool begun;
	uint8_t out[4 + LZ4_COMPRESSBOUND(BLOCK_SIZE)];
	uint8_t in[BLOCK_SIZE];
};

static int pack_block(struct encoder *e, struct failure *why)
{
	struct packer *p = e->state;
	char *out = (char *)p->out + 4;
	int room = sizeof(p->out) - 4;
	int got;

	/* As the program lz4 has it: the high compressor from level 3 on */
	if (e->level < 3)
		got = LZ4_compress_default((char *)p->in, out, p->block.have,
					   room);
	else
		got = LZ4_compress_HC((char *)p->in, out, p->block.have, room,
				      e->level);
	if (got <= 0)
		return fail(why, -EIO, "lz4: cannot compress");
	put_le32(p->out, got);
	return e->sink(e->ctx, p->out, 4 + got, why);
}

static int pack_open(struct encoder *e, struct failure *why)
{
	struct packer *p = malloc(sizeof(*p));

	if (!p)
		return fail(why, -ENOMEM, "lz4: out of memory");
	p->block = (struct encoder_block){ .bytes = p->in,
					   .room = BLOCK_SIZE,
					   .pack = pack_block };
	p->begun = false;
	e->state = p;
	return 0;
}

static int pack_write(struct encoder *e, const uint8_t *in, size_t size,
		      bool last, struct failure *why)
{
	struct packer *p = e->state;
	uint8_t word[4];
	int err = 0;

	if (!p->begun) {
		put_le32(word, LEGACY_MAGIC);
		err = e->sink(e->ctx, word, 4, why);
		p->begun = true;
	}
	if (!err)
		err = encoder_fill(e, &p->block, in, size, last, why);
	return err;
}

static void pack_close(struct encoder *e)
{
	free(e->state);
}

static const struct encoder_ops lz4_encoder = {
	.open = pack_open,
	.write = pack_write,
	.close = pack_close,
};

const struct codec codec_lz4 = {
	.name = "lz4",
	.magic = { 0x02, 0x21 },
	.open = lz4_open,
	.read = lz4_read,
	.close = codec_block_close,
	.encoder = &lz4_encoder,
	.level_min = 1,
	.level_max = 12,
	.level_normal = 9,
};
