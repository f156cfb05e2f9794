// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending XDP frames: what a program sends back (XDP_TX), and what another
 * device's program sends here (ndo_xdp_xmit). Several processors may want to
 * send at once, so that a ring has a lock; it is taken once a burst.
 */
#include <net/page_pool/helpers.h>

#include "mlx4_en/tx_ring.h"

/*
 * The last descriptor waits for its first word until the next one comes, or
 * the burst ends: then it is the one to ask for a completion.
 */
static void en_commit_held(struct en_tx_ring *ring, bool last)
{
	void *segment = ring->held;

	if (!segment)
		return;
	if (last || ++ring->unsignalled >= EN_TX_SIGNAL_EVERY) {
		ring->unsignalled = 0;
		*cx_at(segment, CX_SEND_COMPLETION) |=
			cx_be32(CX_SEND_COMPLETION, CX_SEND_COMPLETION_ALWAYS);
	}
	dma_wmb();
	WRITE_ONCE(*cx_at(segment, CX_SEND_OWNER), ring->held_opcode);
	ring->held = NULL;
}

static void en_end_burst(struct en_tx_ring *ring)
{
	if (!ring->held)
		return;
	en_commit_held(ring, true);
	cx_qp_ring(ring->qp.adapter, ring->doorbell_word);
}

/* Memory of the receive pool: mapped both ways as long as it is there */
static void en_pool_segment(struct en_tx_ring *ring, void *segment,
			    struct page *page, u32 offset, u32 length)
{
	dma_addr_t dma = page_pool_get_dma_addr(page) + offset;

	dma_sync_single_for_device(ring->dma, dma, length, DMA_BIDIRECTIONAL);
	cx_write_segment(segment, dma, ring->lkey, length);
}

static void en_put_pool(struct en_tx_ring *ring, u32 index,
			const struct xdp_frame *frame,
			const struct skb_shared_info *info, u32 frags)
{
	while (frags--) {
		const skb_frag_t *frag = &info->frags[frags];

		en_pool_segment(ring, en_unit(ring, index, 2 + frags),
				skb_frag_page(frag), skb_frag_off(frag),
				skb_frag_size(frag));
	}
	en_pool_segment(ring, en_unit(ring, index, 1),
			virt_to_page(frame->data), offset_in_page(frame->data),
			frame->len);
}

static int en_put_mapped(struct en_tx_ring *ring, u32 index,
			 const struct xdp_frame *frame,
			 const struct skb_shared_info *info, u32 frags)
{
	dma_addr_t dma;

	if (frags && en_map_frags(ring, index, 2, info))
		return -ENOMEM;
	dma = dma_map_single(ring->dma, frame->data, frame->len, DMA_TO_DEVICE);
	if (unlikely(dma_mapping_error(ring->dma, dma))) {
		en_unmap(ring, index, 2, 2 + frags);
		return -ENOMEM;
	}
	cx_write_segment(en_unit(ring, index, 1), dma, ring->lkey, frame->len);
	return 0;
}

/* One frame; false: it has not been taken, the caller still owns it. */
static bool en_post_frame(struct en_tx_ring *ring, struct xdp_frame *frame,
			  bool pool)
{
	const struct skb_shared_info *info = NULL;
	u32 index = ring->producer, frags = 0;
	struct en_tx_slot *slot;
	void *segment;

	if (xdp_frame_has_frags(frame)) {
		info = xdp_get_shared_info_from_frame(frame);
		frags = info->nr_frags;
	}
	if (unlikely(!en_tx_has_room(ring) || frags >= ring->max_segments ||
		     ring->broken))
		return false;
	if (pool)
		en_put_pool(ring, index, frame, info, frags);
	else if (en_put_mapped(ring, index, frame, info, frags))
		return false;

	slot = &ring->slots[index & ring->mask];
	slot->frame = frame;
	slot->bytes = xdp_get_frame_len(frame);
	slot->packets = 1;
	slot->units = 2 + frags;
	slot->first = 1 | (pool ? EN_SLOT_POOL : 0);

	en_commit_held(ring, false);
	segment = en_block(ring, index);
	*cx_at(segment, CX_SEND_UNITS) = cx_be32(CX_SEND_UNITS, 2 + frags);
	*cx_at(segment, CX_SEND_COMPLETION) = ring->flags;
	*cx_at(segment, CX_SEND_DMAC_LOW) = 0;
	ring->held = segment;
	ring->held_opcode = cx_be32(CX_SEND_OPCODE, CX_SEND_OP_SEND) |
			    en_owner(ring, index);
	WRITE_ONCE(ring->producer, index + en_slot_blocks(slot));
	return true;
}

/**
 * en_xdp_tx_flush - send what a receive poll has queued
 * @ring: the channel's ring
 *
 * Return: how many frames found no room, and were dropped.
 */
u32 en_xdp_tx_flush(struct en_tx_ring *ring)
{
	u32 i, dropped = 0;

	if (!ring->frame_count)
		return 0;
	spin_lock(&ring->lock);
	for (i = 0; i < ring->frame_count; i++) {
		if (unlikely(!en_post_frame(ring, ring->frames[i], true))) {
			xdp_return_frame_rx_napi(ring->frames[i]);
			dropped++;
		}
	}
	en_end_burst(ring);
	ring->stats.drops += dropped;
	spin_unlock(&ring->lock);
	ring->frame_count = 0;
	return dropped;
}

/**
 * en_xdp_tx_queue - send a frame of the channel's receive ring, soon
 * @ring: the channel's ring; en_xdp_tx_flush() ends the burst
 * @frame: the frame; taken
 *
 * Return: how many frames found no room, and were dropped.
 */
u32 en_xdp_tx_queue(struct en_tx_ring *ring, struct xdp_frame *frame)
{
	ring->frames[ring->frame_count++] = frame;
	if (likely(ring->frame_count < NAPI_POLL_WEIGHT))
		return 0;
	return en_xdp_tx_flush(ring);
}

/**
 * en_xdp_xmit - ndo_xdp_xmit
 * @dev: the device
 * @n: frames
 * @frames: them; those sent are taken
 * @flags: XDP_XMIT_...
 *
 * Return: how many were taken, from the first on; -ENETDOWN while the device
 * is closed, -ENXIO without rings for it: they come with an XDP program.
 */
int en_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		u32 flags)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_channels *channels = READ_ONCE(en->channels);
	struct en_tx_ring *ring;
	int sent;
	u32 cpu;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (unlikely(!channels || !netif_carrier_ok(dev)))
		return -ENETDOWN;
	cpu = smp_processor_id() % channels->config.rx_channels;
	ring = channels->channel[cpu]->xdp_tx;
	if (unlikely(!ring))
		return -ENXIO;

	spin_lock(&ring->lock);
	for (sent = 0; sent < n; sent++)
		if (unlikely(!en_post_frame(ring, frames[sent], false)))
			break;
	if (flags & XDP_XMIT_FLUSH)
		en_end_burst(ring);
	ring->stats.drops += n - sent;
	spin_unlock(&ring->lock);
	return sent;
}
