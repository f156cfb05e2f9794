// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completions of a send ring: each stands for its descriptor and all before it
 * that asked for none (docs/hardware/datapath.md, Q6.8).
 */
#include "mlx4_en/tx_ring.h"

/* Completions taken in one poll: more than a budget of packets received */
#define EN_TX_POLL_MAX 256

/* What a poll has found; added to the ring's counters once */
struct en_tx_done {
	u32 packets, bytes;
	u32 tso, checksum;
};

static void en_deliver_timestamp(struct en_tx_ring *ring, struct sk_buff *skb,
				 const void *cqe)
{
	struct skb_shared_hwtstamps stamps = {
		.hwtstamp = en_clock_to_ktime(ring->channel->en,
					      en_cqe_timestamp(cqe)),
	};

	skb_tstamp_tx(skb, &stamps);
}

static __always_inline void en_release_frame(struct en_tx_ring *ring, u32 index,
					     const struct en_tx_slot *slot,
					     bool unmap, int budget)
{
	if (unmap && !(slot->first & EN_SLOT_POOL))
		en_unmap(ring, index, slot->first & EN_SLOT_FIRST, slot->units);
	if (likely(budget))
		xdp_return_frame_rx_napi(slot->frame);
	else
		xdp_return_frame(slot->frame);
}

static __always_inline void en_release(struct en_tx_ring *ring, u32 index,
				       const void *cqe, bool unmap, int budget,
				       bool xdp, struct en_tx_done *done)
{
	const struct en_tx_slot *slot = &ring->slots[index & ring->mask];
	u32 first = slot->first & EN_SLOT_FIRST;

	done->packets += slot->packets;
	done->bytes += slot->bytes;
	if (unlikely(!slot->owner))
		return;
	if (xdp) {
		en_release_frame(ring, index, slot, unmap, budget);
		return;
	}
	if (unmap && first)
		en_unmap(ring, index, first, slot->units);
	if (slot->packets > 1)
		done->tso++;
	if (slot->first & EN_SLOT_CHECKSUM)
		done->checksum++;
	if (unlikely(slot->first & EN_SLOT_TIMESTAMP) && cqe)
		en_deliver_timestamp(ring, slot->skb, cqe);
	napi_consume_skb(slot->skb, budget);
}

/*
 * Frees descriptors up to the one that @cqe names. The adapter's word is not
 * taken for granted: the index has to be that of a descriptor in flight.
 */
static __always_inline bool en_complete(struct en_tx_ring *ring, u32 *consumer,
					const void *cqe, bool unmap, int budget,
					bool xdp, struct en_tx_done *done)
{
	u32 word = be32_to_cpu(cx_load(cqe, CX_CQE_WQE_INDEX));
	u32 last = cx_word_get(word, CX_CQE_WQE_INDEX);
	u32 ahead = (u16)(last - *consumer);
	u32 index = *consumer, end = index + ahead;

	if (unlikely(ahead >= READ_ONCE(ring->producer) - index))
		return false;
	do {
		index = *consumer;
		en_release(ring, index, index == end ? cqe : NULL, unmap,
			   budget, xdp, done);
		*consumer += en_slot_blocks(&ring->slots[index & ring->mask]);
	} while ((s32)(end - *consumer) >= 0);
	return likely(index == end);
}

/*
 * Marks free blocks, so that the adapter does not take what lies in them for
 * descriptors of its next pass (docs/hardware/datapath.md, Q6.4).
 */
static void en_stamp(struct en_tx_ring *ring, u32 from, u32 to)
{
	__be32 *block = en_block(ring, from);
	__be32 *end =
		ring->descriptors + ((size_t)ring->entries << EN_BLOCK_SHIFT);
	__be32 stamp = ~cx_be32_mask(CX_SEND_OWNER) | en_owner(ring, from);
	u32 count = to - from;

	while (count--) {
		WRITE_ONCE(*block, stamp);
		block += EN_BLOCK / sizeof(*block);
		if (unlikely(block == end)) {
			block = ring->descriptors;
			stamp ^= cx_be32_mask(CX_SEND_OWNER);
		}
	}
}

static void en_tx_broken(struct en_tx_ring *ring, const void *cqe)
{
	struct en_netdev *en = ring->channel->en;

	ring->broken = true;
	if (en_is_xdp(ring))
		en_request_xdp_restart(en,
				       "bad completion of an XDP send queue");
	else
		en_tx_timeout(en->dev, ring->index);
	if (net_ratelimit())
		netdev_err(
			en->dev,
			"send queue %u: bad completion %*ph (in flight %u to %u)\n",
			ring->index, CX_CQE_SIZE, cqe, ring->consumer,
			READ_ONCE(ring->producer));
}

static void en_tx_account(struct en_tx_ring *ring,
			  const struct en_tx_done *done)
{
	struct netdev_queue *queue = ring->queue;
	bool woken = false;

	/* 0: woken, see netdev_queues.h */
	if (likely(queue))
		woken = !__netif_txq_completed_wake(queue, done->packets,
						    done->bytes,
						    en_tx_room(ring),
						    ring->wake_room, false);
	ring->stats.packets += done->packets;
	ring->stats.bytes += done->bytes;
	ring->stats.tso_packets += done->tso;
	ring->stats.csum_partial += done->checksum;
	ring->stats.wakes += woken;
}

static __always_inline bool en_poll_completions(struct en_tx_ring *ring,
						int budget, bool xdp)
{
	bool unmap = dma_need_unmap(ring->dma);
	struct cx_cq *cq = &ring->cq;
	struct en_tx_done done = {};
	u32 start = ring->consumer, consumer = start;
	u32 taken = cq->consumer;
	u32 stop = taken + EN_TX_POLL_MAX;
	const u8 *cqe;

	while (taken != stop && (cqe = cx_cq_next(cq, taken))) {
		u8 opcode = cqe[CX_ENTRY_OWNER_BYTE] & cx_mask32(CX_CQE_OPCODE);

		if (unlikely(opcode == CX_CQE_OP_ERROR) ||
		    unlikely(!en_complete(ring, &consumer, cqe, unmap, budget,
					  xdp, &done))) {
			en_tx_broken(ring, cqe);
			break;
		}
		taken++;
	}
	cq->consumer = taken;
	cx_cq_publish(cq);
	en_stamp(ring, start, consumer);
	/* The producer may write these blocks from here on */
	smp_store_release(&ring->consumer, consumer);
	en_tx_account(ring, &done);
	return taken != stop;
}

/**
 * en_tx_poll - take the completions of a send queue of the stack
 * @ring: the ring, in its NAPI poll
 * @budget: NAPI's; 0 when the poll is netpoll's
 *
 * Return: true if none is left.
 */
bool en_tx_poll(struct en_tx_ring *ring, int budget)
{
	if (!cx_cq_next(&ring->cq, ring->cq.consumer) || ring->broken)
		return true;
	return en_poll_completions(ring, budget, false);
}

/**
 * en_xdp_tx_poll - the same for a queue of XDP frames
 * @ring: the ring, in its NAPI poll
 * @budget: NAPI's; 0 when the poll is netpoll's
 *
 * Return: true if none is left.
 */
bool en_xdp_tx_poll(struct en_tx_ring *ring, int budget)
{
	if (!cx_cq_next(&ring->cq, ring->cq.consumer) || ring->broken)
		return true;
	return en_poll_completions(ring, budget, true);
}

/**
 * en_tx_drop_all - free what is in flight
 * @ring: the ring; its queue pair has been stopped, nobody uses it
 *
 * Return: how many packets it were.
 */
u32 en_tx_drop_all(struct en_tx_ring *ring)
{
	bool unmap = dma_need_unmap(ring->dma);
	u32 index = ring->consumer, dropped = 0;

	while (index != ring->producer) {
		const struct en_tx_slot *slot =
			&ring->slots[index & ring->mask];
		u32 first = slot->first & EN_SLOT_FIRST;

		if (unmap && first && !(slot->first & EN_SLOT_POOL))
			en_unmap(ring, index, first, slot->units);
		if (slot->owner) {
			if (en_is_xdp(ring))
				xdp_return_frame(slot->frame);
			else
				dev_kfree_skb_any(slot->skb);
			dropped++;
		}
		index += en_slot_blocks(slot);
	}
	ring->consumer = index;
	return dropped;
}
