/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors and completions word by word: the fast path stores whole
 * big-endian words that it has put together from field constants, where
 * cx_set() would read, mask and write for each field.
 */
#ifndef MLX4_EN_WORDS_H
#define MLX4_EN_WORDS_H

#include "connectx/descriptor.h"

/* @value of a field at its place in the field's 32-bit word; any byte order
 * is the caller's: see cx_be32().
 */
#define cx_word(field, value) ((u32)(value) << CX_FIELD_BIT(field))
#define cx_be32(field, value) cpu_to_be32(cx_word(field, value))

/* All bits of a field */
#define cx_mask32(field) cx_word(field, (1ULL << CX_FIELD_WIDTH(field)) - 1)
#define cx_be32_mask(field) cpu_to_be32(cx_mask32(field))

/* The word that a field lies in */
static __always_inline __be32 *cx_at(void *base, u32 field)
{
	return base + CX_FIELD_OFFSET(field);
}

static __always_inline __be32 cx_load(const void *base, u32 field)
{
	return *(const __be32 *)(base + CX_FIELD_OFFSET(field));
}

/*
 * The free-running counter when a frame passed: 48 bits. The adapter's upper
 * half lacks the carry while the lower one is 0 (docs/hardware/queues.md, Q4.4).
 */
static inline u64 en_cqe_timestamp(const void *cqe)
{
	u64 low = cx_get(cqe, CX_CQE_TIMESTAMP_LOW);

	return ((cx_get(cqe, CX_CQE_TIMESTAMP_HIGH) + !low) << 16) | low;
}

/*
 * A data segment. Its length goes last: at the beginning of a block it takes
 * the place of the stamp by which the adapter knows an unfinished block
 * (docs/hardware/datapath.md, Q6.5).
 */
static __always_inline void cx_write_segment(void *segment, dma_addr_t dma,
					     __be32 lkey, u32 length)
{
	*(__be64 *)(segment + CX_FIELD_OFFSET(CX_DATA_ADDRESS)) =
		cpu_to_be64(dma);
	*cx_at(segment, CX_DATA_LKEY) = lkey;
	dma_wmb();
	*cx_at(segment, CX_DATA_LENGTH) = cpu_to_be32(length);
}

#endif
