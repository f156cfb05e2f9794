// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets that the adapter cuts into segments: their headers lie in the
 * descriptor, their payload is gathered (docs/hardware/datapath.md, Q6.2).
 */
#include <linux/tcp.h>

#include "mlx4_en/tx_ring.h"

/*
 * @length bytes into the descriptor from byte @offset on, its first block's
 * beginning excepted. Later blocks first, and of each its first word last: by
 * it the adapter knows that the block is complete.
 */
static void en_copy_header(struct en_tx_ring *ring, u32 index, u32 offset,
			   const u8 *from, u32 length)
{
	u32 end = offset + length;

	while (end > offset) {
		u32 start = max_t(u32, (end - 1) & ~(EN_BLOCK - 1), offset);
		u8 *to = en_block(ring, index + start / EN_BLOCK) +
			 start % EN_BLOCK;
		const u8 *piece = from + (start - offset);
		u32 head = 0;

		if (start % EN_BLOCK == 0)
			head = min_t(u32, sizeof(u32), end - start);
		memcpy(to + head, piece + head, end - start - head);
		if (head) {
			dma_wmb();
			memcpy(to, piece, head);
		}
		end = start;
	}
}

static u32 en_header_length(const struct sk_buff *skb)
{
	return skb->encapsulation ? skb_inner_tcp_all_headers(skb) :
				    skb_tcp_all_headers(skb);
}

/* What lies behind the headers in the packet's linear part: 0 or -ENOMEM */
static int en_map_rest(struct en_tx_ring *ring, u32 index, u32 unit,
		       const struct sk_buff *skb, u32 header)
{
	u32 length = skb_headlen(skb) - header;
	dma_addr_t dma;

	dma = dma_map_single(ring->dma, skb->data + header, length,
			     DMA_TO_DEVICE);
	if (unlikely(dma_mapping_error(ring->dma, dma)))
		return -ENOMEM;
	cx_write_segment(en_unit(ring, index, unit), dma, ring->lkey, length);
	return 0;
}

/* Headers in one piece, and no more fragments than a descriptor takes */
static bool en_lso_fits(struct en_tx_ring *ring, struct sk_buff *skb,
			u32 header)
{
	if (unlikely(header > EN_LSO_HEADER_MAX))
		return false;
	if (unlikely(skb_shinfo(skb)->nr_frags >= ring->max_segments))
		return !skb_linearize(skb);
	return pskb_may_pull(skb, header);
}

/**
 * en_put_lso - write a descriptor for a packet that is to be segmented
 * @ring: the send ring; there is room
 * @index: the descriptor's first block
 * @skb: the packet; its headers are made linear
 * @header_units: where the data segments begin
 *
 * All but the control segment is written.
 *
 * Return: the descriptor's units, or 0 and nothing is mapped.
 */
u32 en_put_lso(struct en_tx_ring *ring, u32 index, struct sk_buff *skb,
	       u32 *header_units)
{
	u32 header = en_header_length(skb);
	const struct skb_shared_info *info;
	u32 unit, frags;
	bool rest;

	if (!en_lso_fits(ring, skb, header))
		return 0;
	info = skb_shinfo(skb);
	rest = skb_headlen(skb) > header;
	unit = 1 + DIV_ROUND_UP(CX_LSO_HEADER_BYTES + header, CX_WQE_UNIT);
	frags = unit + rest;
	*header_units = unit;

	if (en_map_frags(ring, index, frags, info))
		return 0;
	if (rest && en_map_rest(ring, index, unit, skb, header)) {
		en_unmap(ring, index, frags, frags + info->nr_frags);
		return 0;
	}
	en_copy_header(ring, index, CX_WQE_UNIT + CX_LSO_HEADER_BYTES,
		       skb->data, header);
	*cx_at(en_unit(ring, index, 1), CX_LSO_MSS) =
		cx_be32(CX_LSO_MSS, info->gso_size) |
		cx_be32(CX_LSO_HEADER_LENGTH, header);
	return frags + info->nr_frags;
}
