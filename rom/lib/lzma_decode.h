/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ROM_LZMA_DECODE_H
#define ROM_LZMA_DECODE_H

#include <stddef.h>
#include <stdint.h>

/* What lzma_decode works in; some 28 KiB. */
struct lzma_work;
size_t lzma_work_size(void);

/*
 * Unpacks an LZMA stream that has neither header nor end mark, with the
 * parameters of payload_format.h, into exactly @out_size bytes; the dictionary
 * is what was unpacked. 0, or -1 if the stream is damaged.
 */
int lzma_decode(struct lzma_work *work, const uint8_t *in, size_t in_size,
		uint8_t *out, size_t out_size);

#endif
