// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/buffer.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"

#include <bzlib.h>
#include <stdlib.h>

static int bzip2_open(struct decoder *d, struct failure *why)
{
	bz_stream *bz = calloc(1, sizeof(*bz));

	if (!bz || BZ2_bzDecompressInit(bz, 0, 0) != BZ_OK) {
		free(bz);
		return fail(why, -ENOMEM, "bzip2: out of memory");
	}
	d->state = bz;
	return 0;
}

static int bzip2_read(struct decoder *d, uint8_t *out, size_t room, size_t *got,
		      struct failure *why)
{
	size_t left = d->size - d->used;
	unsigned int offered = left < (1U << 30) ? left : 1U << 30;
	bz_stream *bz = d->state;
	int ret;

	bz->next_in = (char *)d->in + d->used;
	bz->avail_in = offered;
	bz->next_out = (char *)out;
	bz->avail_out = room;
	ret = BZ2_bzDecompress(bz);
	d->used += offered - bz->avail_in;
	*got = room - bz->avail_out;
	if (ret == BZ_STREAM_END)
		d->ended = true;
	else if (ret == BZ_MEM_ERROR)
		return fail(why, -ENOMEM, "bzip2: out of memory");
	else if (ret != BZ_OK)
		return fail(why, -EBADMSG, "bzip2: damaged");
	else if (!*got && offered == bz->avail_in)
		return fail(why, -ENODATA, "bzip2: the stream is cut off");
	return 0;
}

static void bzip2_close(struct decoder *d)
{
	if (!d->state)
		return;
	BZ2_bzDecompressEnd(d->state);
	free(d->state);
}

static int bzip2_encode(const uint8_t *in, size_t size, struct buffer *out,
			struct failure *why)
{
	unsigned int length;
	int ret;

	if (size > 1U << 30)
		return fail(why, -EFBIG, "bzip2: too much to compress");
	/* The library's manual: 1 % and 600 bytes more than the input */
	length = size + size / 100 + 600;
	if (buffer_reserve(out, length))
		return fail(why, -ENOMEM, "bzip2: out of memory");
	ret = BZ2_bzBuffToBuffCompress((char *)out->data + out->size, &length,
				       (char *)in, size, 9, 0, 0);
	if (ret != BZ_OK)
		return fail(why, -EIO, "bzip2: cannot compress");
	out->size += length;
	return 0;
}

const struct codec codec_bzip2 = {
	.name = "bzip2",
	.magic = { 0x42, 0x5a },
	.open = bzip2_open,
	.read = bzip2_read,
	.close = bzip2_close,
	.encode = bzip2_encode,
};
