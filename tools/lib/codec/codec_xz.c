// SPDX-License-Identifier: GPL-2.0-only
/*
 * xz and the older .lzma, through liblzma. The kernel takes xz with CRC32 or
 * no check only; its .lzma reader checks nothing.
 */
#include "tools/lib/base/buffer.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"

#include <lzma.h>
#include <stdlib.h>

/* A dictionary must fit beside the image: the largest that xz -9 uses. */
#define MEMORY_LIMIT (256ULL << 20)
/* The kernel allocates the dictionary in one piece at boot. */
#define OUR_DICTIONARY (1U << 20)

static int start(struct decoder *d, struct failure *why)
{
	bool xz = d->codec == &codec_xz;
	lzma_stream *lz = calloc(1, sizeof(*lz));
	lzma_ret ret;

	if (!lz)
		return fail(why, -ENOMEM, "%s: out of memory", d->codec->name);
	ret = xz ? lzma_stream_decoder(lz, MEMORY_LIMIT, 0) :
		   lzma_alone_decoder(lz, MEMORY_LIMIT);
	if (ret != LZMA_OK) {
		free(lz);
		return fail(why, -ENOMEM, "%s: out of memory", d->codec->name);
	}
	d->state = lz;
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
	return start(d, why);
}

static int lzma_open(struct decoder *d, struct failure *why)
{
	return start(d, why);
}

static int liblzma_read(struct decoder *d, uint8_t *out, size_t room,
			size_t *got, struct failure *why)
{
	const char *name = d->codec->name;
	lzma_stream *lz = d->state;
	lzma_ret ret;

	lz->next_in = d->in + d->used;
	lz->avail_in = d->size - d->used;
	lz->next_out = out;
	lz->avail_out = room;
	ret = lzma_code(lz, LZMA_RUN);
	d->used = d->size - lz->avail_in;
	*got = room - lz->avail_out;
	switch (ret) {
	case LZMA_OK:
		if (*got || lz->avail_in)
			return 0;
		return fail(why, -ENODATA, "%s: the stream is cut off", name);
	case LZMA_STREAM_END:
		d->ended = true;
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

static void liblzma_close(struct decoder *d)
{
	if (!d->state)
		return;
	lzma_end(d->state);
	free(d->state);
}

static int run_encoder(lzma_stream *lz, const uint8_t *in, size_t size,
		       struct buffer *out, struct failure *why)
{
	lzma_ret ret = LZMA_OK;

	lz->next_in = in;
	lz->avail_in = size;
	while (ret == LZMA_OK) {
		size_t room;

		if (buffer_reserve(out, 65536))
			return fail(why, -ENOMEM, "xz: out of memory");
		room = out->room - out->size;
		lz->next_out = out->data + out->size;
		lz->avail_out = room;
		ret = lzma_code(lz, LZMA_FINISH);
		out->size += room - lz->avail_out;
	}
	if (ret != LZMA_STREAM_END)
		return fail(why, -EIO, "xz: cannot compress (%d)", ret);
	return 0;
}

static int liblzma_encode(bool xz, const uint8_t *in, size_t size,
			  struct buffer *out, struct failure *why)
{
	lzma_stream lz = LZMA_STREAM_INIT;
	lzma_options_lzma options;
	lzma_filter filters[2] = {
		{ .id = LZMA_FILTER_LZMA2, .options = &options },
		{ .id = LZMA_VLI_UNKNOWN },
	};
	lzma_ret ret;
	int err;

	lzma_lzma_preset(&options, LZMA_PRESET_DEFAULT);
	/*
	 * The kernel knows a .lzma by its first two bytes, 5d 00: that is the
	 * default lc/lp/pb and a dictionary whose low byte is 0.
	 */
	options.dict_size = OUR_DICTIONARY;
	ret = xz ? lzma_stream_encoder(&lz, filters, LZMA_CHECK_CRC32) :
		   lzma_alone_encoder(&lz, &options);
	if (ret != LZMA_OK)
		return fail(why, -ENOMEM, "xz: out of memory");
	err = run_encoder(&lz, in, size, out, why);
	lzma_end(&lz);
	return err;
}

static int xz_encode(const uint8_t *in, size_t size, struct buffer *out,
		     struct failure *why)
{
	return liblzma_encode(true, in, size, out, why);
}

static int lzma_encode(const uint8_t *in, size_t size, struct buffer *out,
		       struct failure *why)
{
	return liblzma_encode(false, in, size, out, why);
}

const struct codec codec_xz = {
	.name = "xz",
	.magic = { 0xfd, 0x37 },
	.open = xz_open,
	.read = liblzma_read,
	.close = liblzma_close,
	.encode = xz_encode,
};

const struct codec codec_lzma = {
	.name = "lzma",
	.magic = { 0x5d, 0x00 },
	.open = lzma_open,
	.read = liblzma_read,
	.close = liblzma_close,
	.encode = lzma_encode,
};
