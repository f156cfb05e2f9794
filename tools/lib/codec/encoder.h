/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packing in a stream: the input piece by piece, the output to a sink, so that
 * neither has to be in memory. The same input and level give the same bytes,
 * whatever the pieces and however many threads, as long as there are any.
 */
#ifndef TOOLS_LIB_ENCODER_H
#define TOOLS_LIB_ENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct codec;
struct encoder;
struct failure;

/* What a codec does with one; write is called with @last once, at the end. */
struct encoder_ops {
	int (*open)(struct encoder *e, struct failure *why);
	int (*write)(struct encoder *e, const uint8_t *in, size_t size,
		     bool last, struct failure *why);
	void (*close)(struct encoder *e);
};

struct encoder {
	const struct codec *codec;
	int level;
	unsigned int threads; /* 0: none beside the caller's */
	uint64_t size; /* of all input if that is known, else 0 */
	int (*sink)(void *ctx, const void *data, size_t size,
		    struct failure *why);
	void *ctx;
	void *state;
};

/* The caller has set all but state, which is NULL. 0, -ENOMEM or -EIO. */
int encoder_open(struct encoder *e, struct failure *why);

/* 0, -ENOMEM, -EIO, or what the sink returned. */
int encoder_write(struct encoder *e, const void *in, size_t size,
		  struct failure *why);

/* Ends the stream: everything is with the sink then. */
int encoder_finish(struct encoder *e, struct failure *why);

/*
 * For codecs that pack blocks of one size: what is written is put together, and
 * each block that is full (the last one: that is not empty) handed to @pack.
 */
struct encoder_block {
	uint8_t *bytes;
	size_t room;
	size_t have;
	int (*pack)(struct encoder *e, struct failure *why);
};

int encoder_fill(struct encoder *e, struct encoder_block *block,
		 const uint8_t *in, size_t size, bool last,
		 struct failure *why);

/* Due in any case. */
void encoder_close(struct encoder *e);

#endif
