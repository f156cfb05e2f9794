// SPDX-License-Identifier: GPL-2.0-only
/*
 * xz and the older .lzma, through liblzma. The kernel takes xz with CRC32 or
 * no check only; its .lzma reader checks nothing.
 */
#include "tools/lib/codec/codec.h"
#include "tools/lib/codec/encoder.h"
#include "tools/lib/codec/xz_blocks.h"
#include "tools/lib/base/failure.h"

#include <lzma.h>
#include <stdlib.h>

/* A dictionary must fit beside the image: the largest that xz -9 uses. */
#define MEMORY_LIMIT (256ULL << 20)
/* The kernel allocates the dictionary in one piece at boot. */
#define OUR_DICTIONARY (1U << 20)
/* What a thread takes at once; the output depends on it. */
#define BLOCK_SIZE (4U << 20)

struct unpacker {
	struct xz_blocks *blocks; /* NULL: by one thread, as follows */
	lzma_stream lz;
};

static int start(struct decoder *d, const lzma_stream_flags *xz,
		 struct failure *why)
{
	struct unpacker *u = calloc(1, sizeof(*u));
	lzma_ret ret = LZMA_OK;

	if (!u)
		return fail(why, -ENOMEM, "%s: out of memory", d->codec->name);
	if (xz && d->ahead)
		u->blocks = xz_blocks_open(d->in, d->size, xz);
	if (u->blocks)
		d->ahead = false;
	else if (xz)
		ret = lzma_stream_decoder(&u->lz, MEMORY_LIMIT, 0);
	else
		ret = lzma_alone_decoder(&u->lz, MEMORY_LIMIT);
	if (ret != LZMA_OK) {
		free(u);
		return fail(why, -ENOMEM, "%s: out of memory", d->codec->name);
	}
	d->state = u;
	return 0;
}

static int xz_open(struct decoder *d, struct failure *why)
{
	lzma_stream_flags flags;

	if (d->size < LZMA_STREAM_HEADER_SIZE)
		return fail(why, -ENODATA, "xz: the header is cut off");
	if (lzma_stream_header_decode(&flags, d->in) != LZMA_OK)
		return fail(why, -EBADMSG, "xz: the header is damaged");
	if (!d->lenient && flags.check != LZMA_CHECK_NONE &&
	    flags.check != LZMA_CHECK_CRC32)
		return fail(why, -ENOTSUP,
			    "xz: the kernel takes CRC32 as check only (xz"
			    " --check=crc32)");
	return start(d, &flags, why);
}

static int lzma_open(struct decoder *d, struct failure *why)
{
	return start(d, NULL, why);
}

static int say(const char *name, lzma_ret ret, struct failure *why)
{
	switch (ret) {
	case LZMA_OK:
	case LZMA_STREAM_END:
		return 0;
	case LZMA_BUF_ERROR:
		return fail(why, -ENODATA, "%s: the stream is cut off", name);
	case LZMA_MEM_ERROR:
		return fail(why, -ENOMEM, "%s: out of memory", name);
	case LZMA_MEMLIMIT_ERROR:
		return fail(why, -ENOTSUP, "%s: the dictionary is too large",
			    name);
	case LZMA_OPTIONS_ERROR:
		return fail(why, -ENOTSUP, "%s: unknown filter or option",
			    name);
	default:
		return fail(why, -EBADMSG, "%s: damaged", name);
	}
}

static int liblzma_read(struct decoder *d, uint8_t *out, size_t room,
			size_t *got, struct failure *why)
{
	struct unpacker *u = d->state;
	lzma_stream *lz = &u->lz;
	lzma_ret ret;

	if (u->blocks) {
		ret = xz_blocks_read(u->blocks, out, room, got, &d->used);
		d->ended = ret == LZMA_OK && !*got;
		return say(d->codec->name, ret, why);
	}
	lz->next_in = d->in + d->used;
	lz->avail_in = d->size - d->used;
	lz->next_out = out;
	lz->avail_out = room;
	ret = lzma_code(lz, LZMA_RUN);
	d->used = d->size - lz->avail_in;
	*got = room - lz->avail_out;
	d->ended = ret == LZMA_STREAM_END;
	if (ret == LZMA_OK && !*got && !lz->avail_in)
		ret = LZMA_BUF_ERROR;
	return say(d->codec->name, ret, why);
}

static void liblzma_close(struct decoder *d)
{
	struct unpacker *u = d->state;

	if (!u)
		return;
	if (u->blocks)
		xz_blocks_close(u->blocks);
	lzma_end(&u->lz);
	free(u);
}

struct packer {
	lzma_stream lz;
	uint8_t out[64 << 10];
};

static lzma_ret start_packer(struct encoder *e, lzma_stream *lz)
{
	lzma_options_lzma options;
	lzma_filter filters[2] = {
		{ .id = LZMA_FILTER_LZMA2, .options = &options },
		{ .id = LZMA_VLI_UNKNOWN },
	};
	lzma_mt mt = { .threads = e->threads,
		       .block_size = BLOCK_SIZE,
		       .filters = filters,
		       .check = LZMA_CHECK_CRC32 };

	if (lzma_lzma_preset(&options, e->level))
		return LZMA_OPTIONS_ERROR;
	/*
	 * The kernel knows a .lzma by its first two bytes, 5d 00: that is the
	 * default lc/lp/pb and a dictionary whose low byte is 0.
	 */
	if (options.dict_size > OUR_DICTIONARY)
		options.dict_size = OUR_DICTIONARY;
	if (e->codec == &codec_lzma)
		return lzma_alone_encoder(lz, &options);
	if (e->threads)
		return lzma_stream_encoder_mt(lz, &mt);
	return lzma_stream_encoder(lz, filters, LZMA_CHECK_CRC32);
}

static int pack_open(struct encoder *e, struct failure *why)
{
	struct packer *p = calloc(1, sizeof(*p));

	if (!p || start_packer(e, &p->lz) != LZMA_OK) {
		free(p);
		return fail(why, -ENOMEM, "%s: out of memory", e->codec->name);
	}
	e->state = p;
	return 0;
}

static int pack_write(struct encoder *e, const uint8_t *in, size_t size,
		      bool last, struct failure *why)
{
	struct packer *p = e->state;
	lzma_ret ret;
	int err = 0;

	p->lz.next_in = in;
	p->lz.avail_in = size;
	do {
		p->lz.next_out = p->out;
		p->lz.avail_out = sizeof(p->out);
		ret = lzma_code(&p->lz, last ? LZMA_FINISH : LZMA_RUN);
		if (ret != LZMA_OK && ret != LZMA_STREAM_END)
			return fail(why, ret == LZMA_MEM_ERROR ? -ENOMEM : -EIO,
				    "%s: cannot compress (%d)", e->codec->name,
				    ret);
		if (p->lz.avail_out < sizeof(p->out))
			err = e->sink(e->ctx, p->out,
				      sizeof(p->out) - p->lz.avail_out, why);
	} while (!err && (last ? ret != LZMA_STREAM_END :
				 p->lz.avail_in || !p->lz.avail_out));
	return err;
}

static void pack_close(struct encoder *e)
{
	struct packer *p = e->state;

	lzma_end(&p->lz);
	free(p);
}

static const struct encoder_ops xz_encoder = {
	.open = pack_open,
	.write = pack_write,
	.close = pack_close,
};

const struct codec codec_xz = {
	.name = "xz",
	.magic = { 0xfd, 0x37 },
	.open = xz_open,
	.read = liblzma_read,
	.close = liblzma_close,
	.encoder = &xz_encoder,
	.level_min = 0,
	.level_max = 9,
	.level_normal = 6,
};

const struct codec codec_lzma = {
	.name = "lzma",
	.magic = { 0x5d, 0x00 },
	.open = lzma_open,
	.read = liblzma_read,
	.close = liblzma_close,
	.encoder = &xz_encoder,
	.level_min = 0,
	.level_max = 9,
	.level_normal = 6,
};
