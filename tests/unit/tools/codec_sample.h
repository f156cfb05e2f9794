/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the codecs pack; included behind cmocka.h. */
#ifndef TESTS_CODEC_SAMPLE_H
#define TESTS_CODEC_SAMPLE_H

#include "tools/lib/base/buffer.h"

static const char *const names[] = { "gzip", "bzip2", "lzma", "xz",
				     "lzo",  "lz4",   "zstd" };

#define N_NAMES (sizeof(names) / sizeof(names[0]))

/* Bytes that compress somewhat: no compressor may store them all. */
static inline void sample(struct buffer *b, size_t size)
{
	uint32_t seed = 12345;

	memset(b, 0, sizeof(*b));
	assert_int_equal(buffer_add_zeros(b, size), 0);
	for (size_t i = 0; i < size; i++) {
		seed = seed * 1103515245 + 12345;
		b->data[i] = seed >> 28;
	}
}

#endif
