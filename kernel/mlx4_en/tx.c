// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending: a packet becomes a descriptor, and the adapter is told once a burst
 * (docs/hardware/datapath.md, Q6).
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/unaligned.h>

#include "mlx4_en/tx_ring.h"

/* The words of a control segment, in the adapter's order of bytes */
struct en_control {
	__be32 opcode; /* the first word without the owner bit */
	__be32 vlan; /* the second one without the units */
	__be32 flags; /* the third one without the completion */
};

static __always_inline void en_copy_words(void *to, const void *from, u32 words)
{
	const u64 *source = from;
	u64 *target = to;
	u32 i;

#pragma GCC unroll 5
	for (i = 0; i < words; i++)
		put_unaligned(get_unaligned(source + i), target + i);
}

/*
 * The frame itself into the descriptor. Whole words are copied, so that up to
 * 108 bytes are read: behind the frame lie the rest of its memory and its
 * struct skb_shared_info. What is too much lands in blocks that are free.
 */
static __always_inline u32 en_put_inline(struct en_tx_ring *ring, u32 index,
					 const struct sk_buff *skb)
{
	void *first = en_block(ring, index) + CX_WQE_UNIT;
	const void *data = skb->data;
	u32 length = skb->len, rest;
	void *second;

	BUILD_BUG_ON(EN_INLINE_FIRST != 5 * 8 + 4);
	en_copy_words(first + CX_INLINE_HEADER, data, 5);
	put_unaligned(get_unaligned((u32 *)(data + 40)),
		      (u32 *)(first + CX_INLINE_HEADER + 40));
	if (length <= EN_INLINE_FIRST) {
		*cx_at(first, CX_DATA_INLINE) =
			cx_be32_mask(CX_DATA_INLINE) |
			cx_be32(CX_DATA_INLINE_LENGTH, length);
		return DIV_ROUND_UP(CX_WQE_UNIT + CX_INLINE_HEADER + length,
				    CX_WQE_UNIT);
	}
	*cx_at(first, CX_DATA_INLINE) =
		cx_be32_mask(CX_DATA_INLINE) |
		cx_be32(CX_DATA_INLINE_LENGTH, EN_INLINE_FIRST);

	second = en_block(ring, index + 1);
	data += EN_INLINE_FIRST;
	rest = length - EN_INLINE_FIRST;
	en_copy_words(second + CX_INLINE_HEADER, data, 2);
	if (rest > 16) {
		en_copy_words(second + CX_INLINE_HEADER + 16, data + 16, 5);
		put_unaligned(get_unaligned((u32 *)(data + 56)),
			      (u32 *)(second + CX_INLINE_HEADER + 56));
	}
	dma_wmb();
	*cx_at(second, CX_DATA_INLINE) = cx_be32_mask(CX_DATA_INLINE) |
					 cx_be32(CX_DATA_INLINE_LENGTH, rest);
	return EN_BLOCK_UNITS +
	       DIV_ROUND_UP(CX_INLINE_HEADER + rest, CX_WQE_UNIT);
}

/* Gathered from the packet's memory: the units, or 0 and nothing is mapped */
static __always_inline u32 en_put_gather(struct en_tx_ring *ring, u32 index,
					 struct sk_buff *skb)
{
	u32 frags = skb_shinfo(skb)->nr_frags;
	dma_addr_t dma;

	if (frags) {
		if (unlikely(frags >= ring->max_segments)) {
			if (skb_linearize(skb))
				return 0;
			frags = 0;
		} else if (unlikely(en_map_frags(ring, index, 2,
						 skb_shinfo(skb)))) {
			return 0;
		}
	}
	/* Not dma_map_single(), which asks first where the address is from */
	dma = dma_map_page(ring->dma, virt_to_page(skb->data),
			   offset_in_page(skb->data), skb_headlen(skb),
			   DMA_TO_DEVICE);
	if (unlikely(dma_mapping_error(ring->dma, dma))) {
		en_unmap(ring, index, 2, 2 + frags);
		return 0;
	}
	cx_write_segment(en_unit(ring, index, 1), dma, ring->lkey,
			 skb_headlen(skb));
	return 2 + frags;
}

/* The inner headers' checksums of a tunnelled packet; of the outer only IP's */
static __be32 en_tunnel_checksums(const struct sk_buff *skb)
{
	u8 protocol = inner_ip_hdr(skb)->version == 4 ?
			      inner_ip_hdr(skb)->protocol :
			      inner_ipv6_hdr(skb)->nexthdr;
	__be32 opcode = cx_be32(CX_SEND_INNER_IP_CHECKSUM, 1);

	if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP)
		opcode |= cx_be32(CX_SEND_INNER_L4_CHECKSUM, 1);
	return opcode;
}

static __always_inline void en_offloads(const struct sk_buff *skb,
					struct en_control *control)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		control->flags |= cx_be32(CX_SEND_IP_CHECKSUM, 1);
		if (unlikely(skb->encapsulation))
			control->opcode |= en_tunnel_checksums(skb);
		else
			control->flags |= cx_be32(CX_SEND_L4_CHECKSUM, 1);
	}
	control->vlan = 0;
	if (skb_vlan_tag_present(skb)) {
		control->vlan =
			cx_be32(CX_SEND_VLAN_TCI, skb_vlan_tag_get(skb));
		if (skb->vlan_proto == htons(ETH_P_8021AD))
			control->vlan |= cx_be32(CX_SEND_INSERT_SVLAN, 1);
		else
			control->vlan |= cx_be32(CX_SEND_INSERT_CVLAN, 1);
	}
}

/* True: the descriptor's completion is to say when the packet left */
static bool en_request_timestamp(struct en_tx_ring *ring, struct sk_buff *skb)
{
	bool hardware = ring->timestamps &&
			(skb_shinfo(skb)->tx_flags & SKBTX_HW_TSTAMP);

	if (hardware)
		skb_shinfo(skb)->tx_flags |= SKBTX_IN_PROGRESS;
	skb_tx_timestamp(skb);
	return hardware;
}

/*
 * The packet cannot be sent. If it was to be the last of a burst, the ones
 * before it still wait for the doorbell, and for their completion.
 */
static netdev_tx_t en_drop(struct en_tx_ring *ring, struct sk_buff *skb)
{
	dev_kfree_skb_any(skb);
	ring->stats.drops++;
	if (!netdev_xmit_more()) {
		if (ring->unsignalled)
			en_post_nop(ring);
		cx_qp_ring(ring->qp.adapter, ring->doorbell_word);
	}
	return NETDEV_TX_OK;
}

static netdev_tx_t en_busy(struct en_tx_ring *ring)
{
	netif_txq_maybe_stop(ring->queue, en_tx_room(ring), EN_TX_MAX_BLOCKS,
			     ring->wake_room);
	return NETDEV_TX_BUSY;
}

/* The control segment: from its first word on, the adapter may take it. */
static __always_inline void en_commit(struct en_tx_ring *ring, u32 index,
				      u32 units,
				      const struct en_control *control)
{
	void *segment = en_block(ring, index);

	*cx_at(segment, CX_SEND_UNITS) = control->vlan |
					 cx_be32(CX_SEND_UNITS, units);
	*cx_at(segment, CX_SEND_COMPLETION) = control->flags;
	*cx_at(segment, CX_SEND_DMAC_LOW) = 0;
	dma_wmb();
	WRITE_ONCE(*cx_at(segment, CX_SEND_OWNER),
		   control->opcode | en_owner(ring, index));
}

/* Stops the queue if the next packet might find no room */
static __always_inline void en_check_room(struct en_tx_ring *ring)
{
	if (likely(en_tx_has_room(ring)))
		return;
	if (!netif_txq_maybe_stop(ring->queue, en_tx_room(ring),
				  EN_TX_MAX_BLOCKS, ring->wake_room))
		ring->stats.stops++;
}

/* All of the packet but its data has been written; sends it, or keeps it. */
static __always_inline void en_post(struct en_tx_ring *ring, u32 index,
				    const struct en_tx_slot *slot,
				    struct en_control *control)
{
	bool now;

	ring->slots[index & ring->mask] = *slot;
	WRITE_ONCE(ring->producer, index + en_slot_blocks(slot));
	en_check_room(ring);
	now = __netdev_tx_sent_queue(ring->queue, slot->bytes,
				     netdev_xmit_more());
	/* A packet's own time needs a completion of its own */
	if (now || ++ring->unsignalled >= EN_TX_SIGNAL_EVERY ||
	    unlikely(slot->first & EN_SLOT_TIMESTAMP)) {
		ring->unsignalled = 0;
		control->flags |=
			cx_be32(CX_SEND_COMPLETION, CX_SEND_COMPLETION_ALWAYS);
	}
	en_commit(ring, index, slot->units, control);
	if (now)
		cx_qp_ring(ring->qp.adapter, ring->doorbell_word);
}

/* Segmented by the adapter: counted as what goes over the wire */
static u32 en_xmit_lso(struct en_tx_ring *ring, struct sk_buff *skb,
		       struct en_tx_slot *slot, struct en_control *control)
{
	u32 header = 0, units;

	units = en_put_lso(ring, ring->producer, skb, &header);
	if (!units)
		return 0;
	control->opcode = cx_be32(CX_SEND_OPCODE, CX_SEND_OP_LSO) |
			  cx_be32(CX_SEND_LSO_HEADER, 1);
	slot->packets = skb_shinfo(skb)->gso_segs;
	slot->bytes = skb->len + (slot->packets -
				  1) * (skb->encapsulation ?
						skb_inner_tcp_all_headers(skb) :
						skb_tcp_all_headers(skb));
	slot->first = header;
	return units;
}

/* ndo_start_xmit */
netdev_tx_t en_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_tx_ring *ring = en->tx[skb_get_queue_mapping(skb)];
	struct en_control control;
	struct en_tx_slot slot;
	u32 index, units;

	if (unlikely(!ring)) {
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	if (unlikely(!en_tx_has_room(ring)))
		return en_busy(ring);
	index = ring->producer;
	slot.skb = skb;
	control.flags = ring->flags;
	if (skb_is_gso(skb)) {
		units = en_xmit_lso(ring, skb, &slot, &control);
	} else {
		control.opcode = cx_be32(CX_SEND_OPCODE, CX_SEND_OP_SEND);
		slot.bytes = skb->len;
		slot.packets = 1;
		if (skb->len <= ring->inline_max && !skb_is_nonlinear(skb) &&
		    likely(skb->len >= EN_INLINE_MIN)) {
			units = en_put_inline(ring, index, skb);
			slot.first = 0;
		} else {
			units = en_put_gather(ring, index, skb);
			slot.first = 1;
		}
	}
	if (unlikely(!units))
		return en_drop(ring, skb);
	slot.units = units;
	en_offloads(skb, &control);
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		slot.first |= EN_SLOT_CHECKSUM;
	if (unlikely(skb_shinfo(skb)->tx_flags &
		     (SKBTX_HW_TSTAMP | SKBTX_SW_TSTAMP)) &&
	    en_request_timestamp(ring, skb))
		slot.first |= EN_SLOT_TIMESTAMP;
	en_post(ring, index, &slot, &control);
	return NETDEV_TX_OK;
}
