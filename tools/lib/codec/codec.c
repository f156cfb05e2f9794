// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/codec/codec.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"

#include <stdlib.h>
#include <string.h>

static const struct codec *const codecs[] = {
	&codec_gzip, &codec_zstd, &codec_xz,	&codec_lz4,
	&codec_lzma, &codec_lzo,  &codec_bzip2,
};

#define N_CODECS (sizeof(codecs) / sizeof(codecs[0]))

const struct codec *codec_find(const uint8_t *in, size_t size)
{
	if (size < 2)
		return NULL;
	for (size_t i = 0; i < N_CODECS; i++) {
		if (!memcmp(in, codecs[i]->magic, 2))
			return codecs[i];
	}
	return NULL;
}

const struct codec *codec_by_name(const char *name)
{
	for (size_t i = 0; i < N_CODECS; i++) {
		if (!strcmp(name, codecs[i]->name))
			return codecs[i];
	}
	return strcmp(name, codec_none.name) ? NULL : &codec_none;
}

int codec_level(const struct codec *codec, const uint8_t *in, size_t size)
{
	return codec->level ? codec->level(in, size) : codec->level_normal;
}

int codec_block_open(struct decoder *d, size_t room, struct failure *why)
{
	struct codec_block *block = malloc(sizeof(*block) + room);

	if (!block)
		return fail(why, -ENOMEM, "%s: out of memory", d->codec->name);
	block->size = 0;
	block->given = 0;
	d->state = block;
	return 0;
}

int codec_block_read(struct decoder *d,
		     int (*next)(struct decoder *d, struct failure *why),
		     uint8_t *out, size_t room, size_t *got,
		     struct failure *why)
{
	struct codec_block *block = d->state;
	size_t part;
	int err;

	if (block->given == block->size) {
		err = next(d, why);
		if (err || d->ended)
			return err;
	}
	part = block->size - block->given;
	if (part > room)
		part = room;
	memcpy(out, block->data + block->given, part);
	block->given += part;
	*got = part;
	return 0;
}

void codec_block_close(struct decoder *d)
{
	free(d->state);
}

int codec_decode(const struct codec *codec, const uint8_t *in, size_t size,
		 struct buffer *out, size_t limit, struct failure *why)
{
	struct decoder d = { .lenient = true };
	size_t got = 1;
	int err;

	err = decoder_open(&d, codec, in, size, why);
	while (!err && got) {
		if (out->size > limit)
			err = fail(why, -EFBIG, "larger than %zu bytes", limit);
		else if (buffer_reserve(out, 65536))
			err = fail(why, -ENOMEM, "out of memory");
		else
			err = decoder_read(&d, out->data + out->size, 65536,
					   &got, why);
		if (!err)
			out->size += got;
	}
	decoder_close(&d);
	return err;
}
