// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/codec/encoder.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/codec/codec.h"

#include <string.h>

int encoder_open(struct encoder *e, struct failure *why)
{
	return e->codec->encoder->open(e, why);
}

int encoder_write(struct encoder *e, const void *in, size_t size,
		  struct failure *why)
{
	if (!size)
		return 0;
	return e->codec->encoder->write(e, in, size, false, why);
}

int encoder_finish(struct encoder *e, struct failure *why)
{
	return e->codec->encoder->write(e, NULL, 0, true, why);
}

void encoder_close(struct encoder *e)
{
	if (e->state)
		e->codec->encoder->close(e);
	e->state = NULL;
}

int encoder_fill(struct encoder *e, struct encoder_block *block,
		 const uint8_t *in, size_t size, bool last, struct failure *why)
{
	int err = 0;

	while (!err && size) {
		size_t part = block->room - block->have;

		part = size < part ? size : part;
		memcpy(block->bytes + block->have, in, part);
		block->have += part;
		in += part;
		size -= part;
		if (block->have < block->room)
			break;
		err = block->pack(e, why);
		block->have = 0;
	}
	if (!err && last && block->have) {
		err = block->pack(e, why);
		block->have = 0;
	}
	return err;
}

static int to_buffer(void *ctx, const void *data, size_t size,
		     struct failure *why)
{
	if (buffer_add(ctx, data, size))
		return fail(why, -ENOMEM, "out of memory");
	return 0;
}

int codec_encode(const struct codec *codec, const uint8_t *in, size_t size,
		 struct buffer *out, struct failure *why)
{
	return codec_encode_level(codec, codec->level_normal, in, size, out,
				  why);
}

int codec_encode_level(const struct codec *codec, int level, const uint8_t *in,
		       size_t size, struct buffer *out, struct failure *why)
{
	struct encoder e = { .codec = codec,
			     .level = level,
			     .size = size,
			     .sink = to_buffer,
			     .ctx = out };
	int err;

	err = encoder_open(&e, why);
	if (!err)
		err = encoder_write(&e, in, size, why);
	if (!err)
		err = encoder_finish(&e, why);
	encoder_close(&e);
	return err;
}
