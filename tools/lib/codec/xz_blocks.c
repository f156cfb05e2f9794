// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/codec/xz_blocks.h"

#include "tools/lib/codec/ahead.h"
#include "tools/lib/base/failure.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define AT_A_TIME 2
/* The window of xz -6: who chose a larger one has to have memory for one alone. */
#define WINDOW_MAX (8U << 20)
/*
 * A program of ours takes 16 MiB beside the windows at most, and needs some of
 * them for the tree. A block of xz -6 is 24 MiB: half of it is there when its
 * turn comes.
 */
#define AHEAD_BYTES (12U << 20)
/* Where a block's header would be: the index begins */
#define INDEX_INDICATOR 0

/* A block in the hands of a thread. */
struct unpacking {
	struct ahead *ahead;
	lzma_stream lz;
	lzma_block block;
	lzma_filter filters[LZMA_FILTERS_MAX + 1];
	const uint8_t *in; /* behind its header */
	size_t size;
	size_t start; /* where that is in the stream */
	lzma_ret ret;
	bool ended;
};

struct xz_blocks {
	const uint8_t *in;
	size_t size;
	lzma_stream_flags flags;
	lzma_index_hash *index;
	struct ahead_pool *pool;
	/* The block that is read, and those behind it: a ring */
	struct unpacking at_work[AT_A_TIME];
	unsigned int reading;
	size_t next; /* where the block begins that nobody has begun */
	bool ended;
};

static void free_filters(lzma_filter *filters)
{
	for (size_t i = 0; filters[i].id != LZMA_VLI_UNKNOWN; i++) {
		free(filters[i].options);
		filters[i].options = NULL;
	}
	filters[0].id = LZMA_VLI_UNKNOWN;
}

/*
 * The header of the block at @at: its filters are to be freed. False: no block
 * that this file is for begins there.
 */
static bool read_header(const uint8_t *in, size_t size, size_t at,
			lzma_check check, lzma_block *block,
			lzma_filter *filters)
{
	lzma_vli total;

	filters[0].id = LZMA_VLI_UNKNOWN;
	if (at >= size || in[at] == INDEX_INDICATOR)
		return false;
	*block = (lzma_block){
		.version = 1,
		.header_size = lzma_block_header_size_decode(in[at]),
		.check = check,
		.filters = filters,
	};
	if (block->header_size > size - at ||
	    lzma_block_header_decode(block, NULL, in + at) != LZMA_OK) {
		filters[0].id = LZMA_VLI_UNKNOWN;
		return false;
	}
	total = lzma_block_total_size(block);
	return total && total != LZMA_VLI_UNKNOWN && total <= size - at;
}

/* Whether there are two or more, each of a known size and a small window. */
static bool is_suited(const struct xz_blocks *b)
{
	size_t at = LZMA_STREAM_HEADER_SIZE;
	unsigned int count = 0;

	while (at < b->size && b->in[at] != INDEX_INDICATOR) {
		lzma_filter filters[LZMA_FILTERS_MAX + 1];
		lzma_block block;
		bool fits = read_header(b->in, b->size, at, b->flags.check,
					&block, filters);

		for (size_t i = 0; fits && filters[i].id != LZMA_VLI_UNKNOWN;
		     i++) {
			const lzma_options_lzma *lzma = filters[i].options;

			if (filters[i].id == LZMA_FILTER_LZMA2 &&
			    lzma->dict_size > WINDOW_MAX)
				fits = false;
		}
		free_filters(filters);
		if (!fits)
			return false;
		at += lzma_block_total_size(&block);
		count++;
	}
	return count >= AT_A_TIME && at < b->size;
}

/* In the block's thread. */
static int make(void *ctx, uint8_t *out, size_t room, size_t *got, size_t *used,
		struct failure *why)
{
	struct unpacking *u = ctx;
	lzma_stream *lz = &u->lz;

	*got = 0;
	lz->next_out = out;
	lz->avail_out = room;
	while (!u->ended && lz->avail_out) {
		u->ret = lzma_code(lz, LZMA_FINISH);
		u->ended = u->ret == LZMA_STREAM_END;
		if (u->ret != LZMA_OK && !u->ended)
			return -EBADMSG;
	}
	*got = room - lz->avail_out;
	*used = u->start + u->size - lz->avail_in;
	return 0;
}

static void stop(struct unpacking *u)
{
	ahead_stop(u->ahead);
	u->ahead = NULL;
	lzma_end(&u->lz);
	u->lz = (lzma_stream)LZMA_STREAM_INIT;
	free_filters(u->filters);
}

/* The next block, if there is one, into the hands of a thread. */
static lzma_ret start(struct xz_blocks *b, struct unpacking *u)
{
	size_t total;
	lzma_ret ret;

	if (!read_header(b->in, b->size, b->next, b->flags.check, &u->block,
			 u->filters)) {
		free_filters(u->filters);
		return LZMA_OK;
	}
	total = lzma_block_total_size(&u->block);
	u->start = b->next + u->block.header_size;
	u->in = b->in + u->start;
	u->size = total - u->block.header_size;
	u->ended = false;
	u->lz.next_in = u->in;
	u->lz.avail_in = u->size;
	ret = lzma_block_decoder(&u->lz, &u->block);
	if (ret == LZMA_OK)
		u->ahead = ahead_start(b->pool, make, u, NULL);
	if (!u->ahead) {
		stop(u);
		return ret == LZMA_OK ? LZMA_MEM_ERROR : ret;
	}
	b->next += total;
	return LZMA_OK;
}

struct xz_blocks *xz_blocks_open(const uint8_t *in, size_t size,
				 const lzma_stream_flags *flags)
{
	struct xz_blocks *b = calloc(1, sizeof(*b));
	lzma_ret ret = LZMA_OK;

	if (!b)
		return NULL;
	b->in = in;
	b->size = size;
	b->flags = *flags;
	b->next = LZMA_STREAM_HEADER_SIZE;
	for (size_t i = 0; i < AT_A_TIME; i++) {
		b->at_work[i].lz = (lzma_stream)LZMA_STREAM_INIT;
		b->at_work[i].filters[0].id = LZMA_VLI_UNKNOWN;
	}
	if (is_suited(b)) {
		b->index = lzma_index_hash_init(NULL, NULL);
		b->pool = ahead_pool_new(AHEAD_BYTES);
		if (!b->index || !b->pool)
			ret = LZMA_MEM_ERROR;
		for (size_t i = 0; ret == LZMA_OK && i < AT_A_TIME; i++)
			ret = start(b, &b->at_work[i]);
		if (ret == LZMA_OK)
			return b;
	}
	xz_blocks_close(b);
	return NULL;
}

/* Index and footer have to say the same of the blocks as the blocks. */
static lzma_ret read_end(struct xz_blocks *b, size_t *used)
{
	lzma_stream_flags footer;
	size_t at = b->next;
	lzma_ret ret;

	ret = lzma_index_hash_decode(b->index, b->in, &at, b->size);
	if (ret != LZMA_STREAM_END)
		return ret == LZMA_OK ? LZMA_BUF_ERROR : ret;
	if (b->size - at < LZMA_STREAM_HEADER_SIZE)
		return LZMA_BUF_ERROR;
	ret = lzma_stream_footer_decode(&footer, b->in + at);
	if (ret != LZMA_OK)
		return ret == LZMA_FORMAT_ERROR ? LZMA_DATA_ERROR : ret;
	if (lzma_index_hash_size(b->index) != footer.backward_size)
		return LZMA_DATA_ERROR;
	*used = at + LZMA_STREAM_HEADER_SIZE;
	b->ended = true;
	return lzma_stream_flags_compare(&b->flags, &footer);
}

/* The block in hand is read: its place is for the next one. */
static lzma_ret go_on(struct xz_blocks *b)
{
	struct unpacking *u = &b->at_work[b->reading];
	lzma_ret ret;

	ret = lzma_index_hash_append(b->index,
				     lzma_block_unpadded_size(&u->block),
				     u->block.uncompressed_size);
	stop(u);
	if (ret == LZMA_OK)
		ret = start(b, u);
	b->reading = (b->reading + 1) % AT_A_TIME;
	return ret;
}

lzma_ret xz_blocks_read(struct xz_blocks *b, uint8_t *out, size_t room,
			size_t *got, size_t *used)
{
	lzma_ret ret = LZMA_OK;

	*got = 0;
	while (ret == LZMA_OK && !*got && !b->ended) {
		struct unpacking *u = &b->at_work[b->reading];

		if (!u->ahead)
			ret = read_end(b, used);
		else if (ahead_read(u->ahead, out, room, got, used, NULL))
			ret = u->ret == LZMA_OK ? LZMA_MEM_ERROR : u->ret;
		else if (!*got)
			ret = go_on(b);
	}
	return ret;
}

void xz_blocks_close(struct xz_blocks *b)
{
	for (size_t i = 0; i < AT_A_TIME; i++)
		stop(&b->at_work[i]);
	ahead_pool_free(b->pool);
	if (b->index)
		lzma_index_hash_end(b->index, NULL);
	free(b);
}
