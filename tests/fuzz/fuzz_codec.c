// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a compressed stream. The first one says how it is read, the rest
 * is the stream. A stream that is read whole has its end at one place: the
 * same in pieces of any size, with nothing behind it, and, of gzip, where zlib
 * has it. So the segment behind it is looked for where it is. Blocks of xz that
 * threads read are what one of them reads.
 */
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define OUTPUT_MAX (1U << 20)
#define LENIENT 0x80
#define LIKE_KERNEL 0x40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	int err;
	bool whole; /* else OUTPUT_MAX was reached, or it failed */
	size_t used;
	uint64_t size;
	uint64_t hash;
};

static uint8_t output[64 << 10];

static struct outcome decode(const struct codec *codec, uint8_t how,
			     const uint8_t *in, size_t size, size_t room,
			     bool ahead)
{
	struct decoder d = { .lenient = how & LENIENT,
			     .like_kernel = how & LIKE_KERNEL,
			     .ahead = ahead };
	struct outcome o = { 0 };
	struct failure why;
	struct hash hash;
	size_t got = 1;

	hash_init(&hash);
	o.err = decoder_open(&d, codec, in, size, &why);
	while (!o.err && got && o.size < OUTPUT_MAX) {
		o.err = decoder_read(&d, output, room, &got, &why);
		if (got > room || d.used > size || (!o.err && !got && !d.ended))
			abort();
		hash_add(&hash, output, got);
		o.size += got;
	}
	o.whole = !o.err && d.ended;
	o.used = d.used;
	o.hash = hash_value(&hash);
	decoder_close(&d);
	return o;
}

static void same(const struct outcome *a, const struct outcome *b)
{
	if (!b->whole || a->used != b->used || a->size != b->size ||
	    a->hash != b->hash)
		abort();
}

/* Where zlib, which is not what reads gzip here, sees the end. */
static void check_gzip(const uint8_t *in, size_t size, const struct outcome *o)
{
	z_stream z = { .next_in = (Bytef *)in, .avail_in = size };
	int ret = Z_OK;

	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return;
	while (ret == Z_OK) {
		z.next_out = output;
		z.avail_out = sizeof(output);
		ret = inflate(&z, Z_NO_FLUSH);
	}
	if (ret == Z_STREAM_END &&
	    (z.total_in != o->used || z.total_out != o->size))
		abort();
	inflateEnd(&z);
}

static void check_ahead(uint8_t how, const uint8_t *in, size_t size,
			const struct outcome *o)
{
	struct outcome ahead;

	ahead = decode(&codec_xz, how, in, size, sizeof(output), true);
	if (o->err && o->err != ahead.err)
		abort();
	if (o->whole)
		same(o, &ahead);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct codec *codec;
	struct outcome pieces;
	struct outcome o;
	uint8_t how;

	if (!size)
		return 0;
	how = *data++;
	size--;
	codec = codec_find(data, size);
	if (!codec)
		return 0;
	codec_level(codec, data, size);
	o = decode(codec, how, data, size, sizeof(output), false);
	if (codec == &codec_xz)
		check_ahead(how, data, size, &o);
	if (!o.whole)
		return 0;
	pieces = decode(codec, how, data, size, 1 + (how & 0x3f) * 17, false);
	same(&o, &pieces);
	pieces = decode(codec, how, data, o.used, sizeof(output), false);
	same(&o, &pieces);
	if (codec == &codec_gzip)
		check_gzip(data, size, &o);
	return 0;
}
