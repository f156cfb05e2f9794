// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receiving: completions become packets, and other pages take the place of
 * those that went up (docs/hardware/datapath.md, Q7). A frame goes up only if
 * there are such pages, so that a ring never runs empty: under memory pressure
 * frames are dropped one by one, and nothing has to be started again.
 */
#include <linux/etherdevice.h>
#include <linux/prefetch.h>
#include <net/gro.h>

#include "mlx4_en/rx.h"

/* Page @page takes the place of page @i of a descriptor */
static __always_inline void en_rx_put_page(struct en_rx_ring *ring, u32 entry,
					   u32 i, struct page *page)
{
	void *segment = ring->descriptors +
			((size_t)entry << ring->log_stride) + i * CX_DATA_SIZE;

	ring->buffers[entry * ring->pages_per_entry + i] = page_address(page);
	*(__be64 *)(segment + CX_FIELD_OFFSET(CX_DATA_ADDRESS)) = cpu_to_be64(
		page_pool_get_dma_addr(page) + (i ? 0 : EN_RX_HEADROOM));
}

/**
 * en_rx_replace - put other pages in the place of a descriptor's first ones
 * @ring: the receive ring
 * @entry: the descriptor
 * @count: pages
 * @old: where the pages are noted that were there, or NULL
 *
 * Return: false without memory, and then nothing has changed.
 */
bool en_rx_replace(struct en_rx_ring *ring, u32 entry, u32 count, void **old)
{
	struct page *fresh[EN_RX_MAX_PAGES];
	u32 i;

	for (i = 0; i < count; i++) {
		fresh[i] = page_pool_dev_alloc_pages(ring->pool);
		if (unlikely(!fresh[i])) {
			while (i--)
				page_pool_recycle_direct(ring->pool, fresh[i]);
			return false;
		}
	}
	for (i = 0; i < count; i++) {
		if (old)
			old[i] =
				ring->buffers[entry * ring->pages_per_entry + i];
		en_rx_put_page(ring, entry, i, fresh[i]);
	}
	return true;
}

static __always_inline void en_rx_hash(struct en_rx_poll *poll,
				       struct sk_buff *skb, const void *cqe)
{
	__be32 status = cx_load(cqe, CX_CQE_IP_GOOD);

	if (!(poll->features & EN_RX_HASH))
		return;
	if (likely(status & poll->ring->hash_l4))
		skb_set_hash(skb, be32_to_cpu(cx_load(cqe, CX_CQE_RSS_HASH)),
			     PKT_HASH_TYPE_L4);
	else if (status &
		 (cx_be32_mask(CX_CQE_IPV4) | cx_be32_mask(CX_CQE_IPV6)))
		skb_set_hash(skb, be32_to_cpu(cx_load(cqe, CX_CQE_RSS_HASH)),
			     PKT_HASH_TYPE_L3);
}

static __always_inline void en_rx_checksum(struct en_rx_poll *poll,
					   struct sk_buff *skb, const void *cqe,
					   u32 length, const void *frame)
{
	const __be32 good = cx_be32_mask(CX_CQE_IP_GOOD);
	const __be32 l4 = cx_be32_mask(CX_CQE_TCP) | cx_be32_mask(CX_CQE_UDP);
	__be32 status = cx_load(cqe, CX_CQE_IP_GOOD);
	__be32 sum = cx_load(cqe, CX_CQE_CHECKSUM) &
		     cx_be32_mask(CX_CQE_CHECKSUM);

	if (!(poll->features & EN_RX_CHECKSUM))
		return;
	/* A good sum, pseudo header included, is all ones (queues.md, Q4.5) */
	if (likely((status & good) && (status & l4) &&
		   sum == cx_be32_mask(CX_CQE_CHECKSUM))) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		if ((poll->features & EN_RX_TUNNEL) &&
		    (cx_load(cqe, CX_CQE_L2_TUNNEL) &
		     cx_be32_mask(CX_CQE_L2_TUNNEL))) {
			skb->csum_level = 1;
			skb->encapsulation = 1;
		}
		poll->stats->csum_unnecessary++;
		return;
	}
	en_rx_checksum_other(poll, skb, cqe, length, frame);
}

static __always_inline void en_rx_vlan(struct en_rx_poll *poll,
				       struct sk_buff *skb, const void *cqe)
{
	__be32 word = cx_load(cqe, CX_CQE_CVLAN);
	__be16 proto;

	if (likely(!(word & (cx_be32_mask(CX_CQE_CVLAN) |
			     cx_be32_mask(CX_CQE_SVLAN)))) ||
	    !(poll->features & EN_RX_VLAN))
		return;
	proto = word & cx_be32_mask(CX_CQE_CVLAN) ? htons(ETH_P_8021Q) :
						    htons(ETH_P_8021AD);
	__vlan_hwaccel_put_tag(
		skb, proto,
		cx_word_get(be32_to_cpu(cx_load(cqe, CX_CQE_VLAN_TCI)),
			    CX_CQE_VLAN_TCI));
}

/**
 * en_rx_deliver - hand a packet to the stack
 * @poll: the poll
 * @skb: the packet, its data at the Ethernet header
 * @cqe: what the adapter says of it
 * @length: of the frame, as it came
 * @frame: where it begins
 */
void en_rx_deliver(struct en_rx_poll *poll, struct sk_buff *skb,
		   const void *cqe, u32 length, const void *frame)
{
	struct en_rx_ring *ring = poll->ring;

	skb_mark_for_recycle(skb);
	en_rx_checksum(poll, skb, cqe, length, frame);
	en_rx_hash(poll, skb, cqe);
	en_rx_vlan(poll, skb, cqe);
	if (unlikely(poll->features & EN_RX_TIMESTAMP))
		skb_hwtstamps(skb)->hwtstamp = en_clock_to_ktime(
			ring->channel->en, en_cqe_timestamp(cqe));
	skb_record_rx_queue(skb, ring->index);
	skb->protocol = eth_type_trans(skb, poll->dev);
	napi_gro_receive(&ring->channel->napi, skb);
}

static void en_rx_no_memory(struct en_rx_poll *poll)
{
	poll->stats->alloc_fail++;
	poll->stats->drops++;
}

/* A frame in several pages: the first one's bytes are the packet's head. */
static noinline void en_rx_pages(struct en_rx_poll *poll, u32 entry,
				 const void *cqe, u32 length)
{
	u32 i, count = en_rx_page_count(length);
	struct en_rx_ring *ring = poll->ring;
	void *pages[EN_RX_MAX_PAGES];
	struct sk_buff *skb;

	if (unlikely(!en_rx_replace(ring, entry, count, pages))) {
		en_rx_no_memory(poll);
		return;
	}
	for (i = 0; i < count; i++)
		en_rx_sync(poll, pages[i], i ? 0 : EN_RX_HEADROOM,
			   en_rx_page_bytes(length, i));
	skb = napi_build_skb(pages[0], PAGE_SIZE);
	if (unlikely(!skb)) {
		for (i = 0; i < count; i++)
			page_pool_recycle_direct(ring->pool,
						 en_rx_page(pages[i]));
		en_rx_no_memory(poll);
		return;
	}
	skb_reserve(skb, EN_RX_HEADROOM);
	__skb_put(skb, EN_RX_FIRST_PAGE);
	for (i = 1; i < count; i++)
		skb_add_rx_frag(skb, i - 1, en_rx_page(pages[i]), 0,
				en_rx_page_bytes(length, i), PAGE_SIZE);
	en_rx_deliver(poll, skb, cqe, length, skb->data);
}

static __always_inline void en_rx_packet(struct en_rx_poll *poll, u32 entry,
					 const void *cqe, u32 length)
{
	struct en_rx_ring *ring = poll->ring;
	void *buffer = ring->buffers[entry * ring->pages_per_entry];
	struct sk_buff *skb;
	struct page *fresh;

	if (unlikely(length > EN_RX_FIRST_PAGE)) {
		en_rx_pages(poll, entry, cqe, length);
		return;
	}
	en_rx_sync(poll, buffer, EN_RX_HEADROOM, length);
	fresh = page_pool_dev_alloc_pages(ring->pool);
	if (unlikely(!fresh))
		goto no_page;
	skb = napi_build_skb(buffer, PAGE_SIZE);
	if (unlikely(!skb))
		goto no_skb;
	en_rx_put_page(ring, entry, 0, fresh);
	skb_reserve(skb, EN_RX_HEADROOM);
	__skb_put(skb, length);
	en_rx_deliver(poll, skb, cqe, length, buffer + EN_RX_HEADROOM);
	return;

no_skb:
	page_pool_recycle_direct(ring->pool, fresh);
no_page:
	en_rx_no_memory(poll);
}

static void en_rx_broken(struct en_rx_ring *ring, const void *cqe)
{
	struct en_netdev *en = ring->channel->en;

	ring->broken = true;
	en_request_restart(en, "bad completion of a receive queue");
	if (net_ratelimit())
		netdev_err(en->dev,
			   "receive queue %u: bad completion %*ph at %u\n",
			   ring->index, CX_CQE_SIZE, cqe, ring->cq.consumer);
}

/*
 * An entry that is ours but does not say "received": an error completion takes
 * its descriptor as well, whose pages stay (queues.md, Q4.6). Only a frame that
 * did not fit leaves the queue alive.
 *
 * Return: false if the ring is of no use any more.
 */
static bool en_rx_error(struct en_rx_poll *poll, const u8 *cqe)
{
	u32 opcode = cqe[CX_ENTRY_OWNER_BYTE] & cx_mask32(CX_CQE_OPCODE);
	u32 syndrome = cx_get(cqe, CX_CQE_ERROR_SYNDROME);

	poll->stats->errors++;
	return opcode == CX_CQE_OP_ERROR &&
	       syndrome == CX_SYNDROME_LOCAL_LENGTH;
}

/* Descriptors up to @consumer may be used again. */
static __always_inline void en_rx_publish(struct en_rx_ring *ring, u32 consumer)
{
	ring->cq.consumer = consumer;
	cx_cq_publish(&ring->cq);
	/* Room for completions before descriptors that bring them about */
	dma_wmb();
	WRITE_ONCE(*ring->record.address,
		   cpu_to_be32((consumer + ring->entries) & 0xffff));
}

static __always_inline int en_rx_loop(struct en_rx_poll *poll, int budget,
				      struct bpf_prog *prog)
{
	struct en_rx_ring *ring = poll->ring;
	struct cx_cq *cq = &ring->cq;
	u32 consumer = cq->consumer;
	u32 mask = ring->entries - 1;
	u32 packets = 0, bytes = 0;
	int work;

	for (work = 0; work < budget; work++, consumer++) {
		const u8 *cqe = cx_cq_next(cq, consumer);
		u32 word, length;

		if (!cqe)
			break;
		prefetch(ring->buffers[(consumer & mask) *
				       ring->pages_per_entry] +
			 EN_RX_HEADROOM);
		word = be32_to_cpu(cx_load(cqe, CX_CQE_WQE_INDEX));
		length = be32_to_cpu(cx_load(cqe, CX_CQE_BYTE_COUNT));
		/* Completions come in the order of descriptors, one each */
		if (unlikely((u16)consumer !=
				     cx_word_get(word, CX_CQE_WQE_INDEX) ||
			     (cqe[CX_ENTRY_OWNER_BYTE] & ~CX_ENTRY_OWNER_BIT) !=
				     CX_CQE_OP_RECEIVED)) {
			if ((u16)consumer !=
				    cx_word_get(word, CX_CQE_WQE_INDEX) ||
			    !en_rx_error(poll, cqe)) {
				en_rx_broken(ring, cqe);
				break;
			}
			continue;
		}
		if (unlikely(length - ETH_HLEN > ring->max_bytes - ETH_HLEN)) {
			poll->stats->errors++;
			continue;
		}
		packets++;
		bytes += length;
		if (prog)
			en_xdp_receive(poll, prog, consumer & mask, cqe,
				       length);
		else
			en_rx_packet(poll, consumer & mask, cqe, length);
	}
	if (work)
		en_rx_publish(ring, consumer);
	poll->stats->packets += packets;
	poll->stats->bytes += bytes;
	return work;
}

static __always_inline int en_rx_take(struct en_rx_ring *ring, int budget)
{
	struct bpf_prog *prog = READ_ONCE(ring->xdp);
	struct en_rx_poll poll = {
		.ring = ring,
		.stats = &ring->stats,
		.dev = ring->channel->en->dev,
		.features = READ_ONCE(ring->features),
		.sync = dma_dev_need_sync(ring->pool->p.dev),
	};
	int work;

	if (!prog)
		return en_rx_loop(&poll, budget, NULL);
	work = en_rx_loop(&poll, budget, prog);
	en_xdp_finish(&poll);
	return work;
}

/**
 * en_rx_poll - take what has been received
 * @ring: the ring, in its NAPI poll
 * @budget: how many at most
 *
 * Return: how many it were.
 */
int en_rx_poll(struct en_rx_ring *ring, int budget)
{
	/* First: half of the polls are for what has been sent */
	if (!cx_cq_next(&ring->cq, ring->cq.consumer) || unlikely(ring->broken))
		return 0;
	return en_rx_take(ring, budget);
}
