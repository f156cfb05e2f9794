/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The compressors that the kernel's initramfs code takes. Each is one file,
 * codec_NAME.c, that reads a stream piece by piece and writes one in a form
 * that every kernel with that decompressor accepts.
 */
#ifndef TOOLS_LIB_CODEC_H
#define TOOLS_LIB_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct decoder;
struct decoder_ahead;
struct encoder_ops;
struct failure;

struct codec {
	const char *name;
	/* The first two bytes are all that the kernel looks at. */
	uint8_t magic[2];
	int (*open)(struct decoder *d, struct failure *why);
	/* At most @room bytes to @out; *@got == 0 means that the stream ends */
	int (*read)(struct decoder *d, uint8_t *out, size_t room, size_t *got,
		    struct failure *why);
	void (*close)(struct decoder *d);
	const struct encoder_ops *encoder;
	/* All 0 where there are no levels */
	int level_min;
	int level_max;
	int level_normal;
	/*
	 * For a small segment, while somebody waits: some per cent larger in a
	 * third of the time. 0: the normal one
	 */
	int level_quick;
	/*
	 * The level that a stream seems to have been written with, as far as
	 * it tells; NULL where it tells nothing. Fit for encoder.level.
	 */
	int (*level)(const uint8_t *in, size_t size);
};

struct decoder {
	const struct codec *codec;
	const uint8_t *in;
	size_t size;
	size_t used; /* bytes of @in that the stream took so far */
	bool ended;
	/* Also what the kernel's own decompressor would refuse */
	bool lenient;
	/* A wrong checksum that the kernel does not look at is only noted */
	bool like_kernel;
	bool bad_check;
	/*
	 * Unpack ahead of the reader, where there is a processor for it. A
	 * codec's open that has threads of its own for that sets it to false.
	 */
	bool ahead;
	struct decoder_ahead *threads; /* decoder.c's */
	void *state;
};

/*
 * The state of a codec that unpacks block by block: the one in hand, and how
 * much of it was handed out.
 */
struct codec_block {
	size_t size;
	size_t given;
	uint8_t data[];
};

/* Makes @d's state one of blocks of at most @room bytes. 0 or -ENOMEM. */
int codec_block_open(struct decoder *d, size_t room, struct failure *why);

/*
 * A codec's read: hands out the block in hand; when it is used up, @next puts
 * the next one into @d's state or sets @d->ended.
 */
int codec_block_read(struct decoder *d,
		     int (*next)(struct decoder *d, struct failure *why),
		     uint8_t *out, size_t room, size_t *got,
		     struct failure *why);

void codec_block_close(struct decoder *d);

extern const struct codec codec_gzip;
extern const struct codec codec_bzip2;
extern const struct codec codec_lzma;
extern const struct codec codec_xz;
extern const struct codec codec_lzo;
extern const struct codec codec_lz4;
extern const struct codec codec_zstd;
/* Writes only, and is found by name only: an archive has no magic here. */
extern const struct codec codec_none;

/* The codec whose magic stands at @in, or NULL. */
const struct codec *codec_find(const uint8_t *in, size_t size);

/* The codec of that name, or NULL. */
const struct codec *codec_by_name(const char *name);

/*
 * Begins to read the stream at @in, which must stay where it is until
 * decoder_close. *@d is all zeroes but for lenient, like_kernel and ahead. 0 or
 * -errno.
 */
int decoder_open(struct decoder *d, const struct codec *codec,
		 const uint8_t *in, size_t size, struct failure *why);

/*
 * Reads up to @room bytes. *@got is 0 at the stream's end and only there.
 * 0, -EBADMSG (damaged), -ENODATA (cut off), -ENOTSUP (the kernel takes no
 * such stream) or -ENOMEM.
 */
int decoder_read(struct decoder *d, uint8_t *out, size_t room, size_t *got,
		 struct failure *why);

void decoder_close(struct decoder *d);

/*
 * Reads a whole stream, which need not be one for the kernel, into @out: at
 * most @limit bytes of it. 0 or -errno.
 */
int codec_decode(const struct codec *codec, const uint8_t *in, size_t size,
		 struct buffer *out, size_t limit, struct failure *why);

/*
 * Packs it all in one call, at the normal level, behind what @out holds.
 * 0 or -errno.
 */
int codec_encode(const struct codec *codec, const uint8_t *in, size_t size,
		 struct buffer *out, struct failure *why);

/* The same at a level from level_min to level_max. */
int codec_encode_level(const struct codec *codec, int level, const uint8_t *in,
		       size_t size, struct buffer *out, struct failure *why);

/* The level class of a stream that this codec reads: what encoder.level takes. */
int codec_level(const struct codec *codec, const uint8_t *in, size_t size);

#endif
