/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the receive path share. */
#ifndef MLX4_EN_RX_H
#define MLX4_EN_RX_H

#include <net/page_pool/helpers.h>

#include "mlx4_en/en.h"
#include "mlx4_en/words.h"

/* What a poll needs to know at each packet */
struct en_rx_poll {
	struct en_rx_ring *ring;
	struct en_rx_stats *stats; /* the ring's */
	struct net_device *dev;
	u8 features;
	bool sync; /* the processor does not see by itself what came by DMA */
	bool redirected; /* XDP: something waits for xdp_do_flush() */
};

/* An XDP program's packet, and where its metadata is (xdp_metadata.c) */
struct en_xdp_buff {
	struct xdp_buff xdp; /* first: programs are given its address */
	const void *cqe;
	struct en_rx_ring *ring;
};

static inline struct page *en_rx_page(void *buffer)
{
	return virt_to_page(buffer);
}

static __always_inline void en_rx_sync(struct en_rx_poll *poll, void *buffer,
				       u32 offset, u32 bytes)
{
	if (poll->sync)
		page_pool_dma_sync_for_cpu(poll->ring->pool, en_rx_page(buffer),
					   offset, bytes);
}

/* Bytes of a frame that lie in page @i of its descriptor */
static inline u32 en_rx_page_bytes(u32 length, u32 i)
{
	u32 before = i ? EN_RX_FIRST_PAGE + (i - 1) * PAGE_SIZE : 0;
	u32 room = i ? PAGE_SIZE : EN_RX_FIRST_PAGE;

	return min_t(u32, length - before, room);
}

/* Pages that a frame of @length bytes fills, at least in part */
static inline u32 en_rx_page_count(u32 length)
{
	if (likely(length <= EN_RX_FIRST_PAGE))
		return 1;
	return 1 + DIV_ROUND_UP(length - EN_RX_FIRST_PAGE, PAGE_SIZE);
}

/* rx.c */
bool en_rx_replace(struct en_rx_ring *ring, u32 entry, u32 count, void **old);
void en_rx_deliver(struct en_rx_poll *poll, struct sk_buff *skb,
		   const void *cqe, u32 length, const void *frame);

/* rx_checksum.c: sets skb->ip_summed where UNNECESSARY does not hold */
void en_rx_checksum_other(struct en_rx_poll *poll, struct sk_buff *skb,
			  const void *cqe, u32 length, const void *frame);

/* xdp.c */
void en_xdp_receive(struct en_rx_poll *poll, struct bpf_prog *prog, u32 entry,
		    const void *cqe, u32 length);
void en_xdp_finish(struct en_rx_poll *poll);

#endif
