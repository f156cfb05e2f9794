// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/codec/codec.h"
#include "tools/lib/codec/encoder.h"
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

struct packer {
	bz_stream bz;
	char out[64 << 10];
};

static int pack_open(struct encoder *e, struct failure *why)
{
	struct packer *p = calloc(1, sizeof(*p));

	if (!p || BZ2_bzCompressInit(&p->bz, e->level, 0, 0) != BZ_OK) {
		free(p);
		return fail(why, -ENOMEM, "bzip2: out of memory");
	}
	e->state = p;
	return 0;
}

static int pack_piece(struct encoder *e, unsigned int size, const uint8_t *in,
		      bool last, struct failure *why)
{
	struct packer *p = e->state;
	int err = 0;
	int ret;

	p->bz.next_in = (char *)in;
	p->bz.avail_in = size;
	do {
		p->bz.next_out = p->out;
		p->bz.avail_out = sizeof(p->out);
		ret = BZ2_bzCompress(&p->bz, last ? BZ_FINISH : BZ_RUN);
		if (ret < 0)
			return fail(why, -EIO, "bzip2: cannot compress");
		if (p->bz.avail_out < sizeof(p->out))
			err = e->sink(e->ctx, p->out,
				      sizeof(p->out) - p->bz.avail_out, why);
	} while (!err && (last ? ret != BZ_STREAM_END : p->bz.avail_in != 0));
	return err;
}

static int pack_write(struct encoder *e, const uint8_t *in, size_t size,
		      bool last, struct failure *why)
{
	int err = 0;

	/* The library counts in 32 bits. */
	while (!err && size > 1U << 30) {
		err = pack_piece(e, 1U << 30, in, false, why);
		in += 1U << 30;
		size -= 1U << 30;
	}
	/* It refuses to run over nothing. */
	return err || (!size && !last) ? err :
					 pack_piece(e, size, in, last, why);
}

static void pack_close(struct encoder *e)
{
	struct packer *p = e->state;

	BZ2_bzCompressEnd(&p->bz);
	free(p);
}

static const struct encoder_ops bzip2_encoder = {
	.open = pack_open,
	.write = pack_write,
	.close = pack_close,
};

/* "BZh9": the digit is the level */
static int bzip2_level(const uint8_t *in, size_t size)
{
	return size > 3 && in[3] >= '1' && in[3] <= '9' ? in[3] - '0' : 9;
}

const struct codec codec_bzip2 = {
	.name = "bzip2",
	.magic = { 0x42, 0x5a },
	.open = bzip2_open,
	.read = bzip2_read,
	.close = bzip2_close,
	.encoder = &bzip2_encoder,
	.level_min = 1,
	.level_max = 9,
	.level_normal = 9,
	.level = bzip2_level,
};
