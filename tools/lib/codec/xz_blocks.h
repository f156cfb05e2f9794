/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An xz stream of several blocks, as xz -T writes it: two are unpacked at a
 * time, each in a thread, and read one after the other.
 */
#ifndef TOOLS_LIB_XZ_BLOCKS_H
#define TOOLS_LIB_XZ_BLOCKS_H

#include <lzma.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct xz_blocks;

/*
 * Of the stream at @in, with the @flags of its header. NULL: it has one block
 * only, or does not say before each how long it is, or a window is too large to
 * have two, or something is wrong with it: then one thread reads it, and says what.
 */
struct xz_blocks *xz_blocks_open(const uint8_t *in, size_t size,
				 const lzma_stream_flags *flags);

/*
 * At most @room bytes; *@used: how much of the stream they took, roughly, and
 * exactly at its end, which is where *@got == 0. LZMA_OK, or liblzma's error.
 */
lzma_ret xz_blocks_read(struct xz_blocks *b, uint8_t *out, size_t room,
			size_t *got, size_t *used);

void xz_blocks_close(struct xz_blocks *b);

#endif
