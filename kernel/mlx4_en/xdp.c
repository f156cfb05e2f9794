// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP: what a program decides about a received frame, in one page or several.
 *
 * A frame in one page keeps it until the program has decided: dropped, the
 * page stays in its descriptor and nothing has to be allocated. A frame in
 * several gives them up at once, since a program may cut pages off.
 */
#include <linux/bpf_trace.h>
#include <linux/filter.h>

#include "mlx4_en/rx.h"
#include "mlx4_en/tx_ring.h"

static void en_xdp_fragments(struct en_rx_poll *poll, struct xdp_buff *xdp,
			     void **pages, u32 length)
{
	struct skb_shared_info *info = xdp_get_shared_info_from_buff(xdp);
	u32 i, count = en_rx_page_count(length);

	info->nr_frags = count - 1;
	info->xdp_frags_size = length - EN_RX_FIRST_PAGE;
	for (i = 1; i < count; i++) {
		u32 bytes = en_rx_page_bytes(length, i);
		struct page *page = en_rx_page(pages[i]);

		en_rx_sync(poll, pages[i], 0, bytes);
		skb_frag_fill_page_desc(&info->frags[i - 1], page, 0, bytes);
		if (page_is_pfmemalloc(page))
			xdp_buff_set_frag_pfmemalloc(xdp);
	}
	xdp_buff_set_frags_flag(xdp);
}

/* The stack's packet of what a program let pass */
static struct sk_buff *en_xdp_build_skb(struct xdp_buff *xdp)
{
	u32 metadata = xdp->data - xdp->data_meta;
	const struct skb_shared_info *info;
	u32 frags = 0, bytes = 0;
	struct sk_buff *skb;

	/* Building clears the count, not the fragments themselves. */
	if (unlikely(xdp_buff_has_frags(xdp))) {
		info = xdp_get_shared_info_from_buff(xdp);
		frags = info->nr_frags;
		bytes = info->xdp_frags_size;
	}
	skb = napi_build_skb(xdp->data_hard_start, PAGE_SIZE);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	__skb_put(skb, xdp->data_end - xdp->data);
	if (metadata)
		skb_metadata_set(skb, metadata);
	if (unlikely(frags)) {
		skb_shinfo(skb)->nr_frags = frags;
		skb->len += bytes;
		skb->data_len += bytes;
		skb->truesize += frags * PAGE_SIZE;
	}
	return skb;
}

static void en_xdp_pass(struct en_rx_poll *poll, struct en_xdp_buff *buff,
			u32 length)
{
	struct sk_buff *skb = en_xdp_build_skb(&buff->xdp);

	if (unlikely(!skb)) {
		xdp_return_buff(&buff->xdp);
		poll->stats->alloc_fail++;
		poll->stats->drops++;
		return;
	}
	poll->stats->xdp_pass++;
	en_rx_deliver(poll, skb, buff->cqe, length, skb->data);
}

static bool en_xdp_send_back(struct en_rx_poll *poll, struct xdp_buff *xdp)
{
	struct en_tx_ring *ring = poll->ring->channel->xdp_tx;
	struct xdp_frame *frame = xdp_convert_buff_to_frame(xdp);

	if (unlikely(!frame || !ring))
		return false;
	poll->stats->xdp_tx_full += en_xdp_tx_queue(ring, frame);
	poll->stats->xdp_tx++;
	return true;
}

static bool en_xdp_redirect(struct en_rx_poll *poll, struct xdp_buff *xdp,
			    struct bpf_prog *prog)
{
	if (unlikely(xdp_do_redirect(poll->dev, xdp, prog))) {
		poll->stats->xdp_redirect_fail++;
		return false;
	}
	poll->redirected = true;
	poll->stats->xdp_redirect++;
	return true;
}

/*
 * Carries out what the program decided. The frame's memory is no descriptor's
 * any more, unless the frame is dropped.
 *
 * Return: false if it is: its memory is still the caller's.
 */
static bool en_xdp_act(struct en_rx_poll *poll, struct en_xdp_buff *buff,
		       struct bpf_prog *prog, u32 action, u32 length)
{
	bool done = false;

	switch (action) {
	case XDP_PASS:
		en_xdp_pass(poll, buff, length);
		return true;
	case XDP_TX:
		done = en_xdp_send_back(poll, &buff->xdp);
		break;
	case XDP_REDIRECT:
		done = en_xdp_redirect(poll, &buff->xdp, prog);
		break;
	default:
		bpf_warn_invalid_xdp_action(poll->dev, prog, action);
		break;
	}
	if (unlikely(!done)) {
		trace_xdp_exception(poll->dev, prog, action);
		poll->stats->xdp_aborted++;
	}
	return done;
}

/* The page goes on in its descriptor: what the processor wrote is of no use */
static void en_xdp_keep(struct en_rx_poll *poll, void *buffer, u32 bytes)
{
	if (!poll->sync)
		return;
	dma_sync_single_range_for_device(
		poll->ring->pool->p.dev,
		page_pool_get_dma_addr(en_rx_page(buffer)), EN_RX_HEADROOM,
		bytes, DMA_BIDIRECTIONAL);
}

static bool en_xdp_dropped(struct en_rx_poll *poll, struct bpf_prog *prog,
			   u32 action)
{
	if (likely(action == XDP_DROP)) {
		poll->stats->xdp_drop++;
		return true;
	}
	if (action == XDP_ABORTED) {
		trace_xdp_exception(poll->dev, prog, action);
		poll->stats->xdp_aborted++;
		return true;
	}
	return false;
}

static void en_xdp_one_page(struct en_rx_poll *poll, struct bpf_prog *prog,
			    u32 entry, struct en_xdp_buff *buff, u32 length)
{
	struct en_rx_ring *ring = poll->ring;
	void *buffer = buff->xdp.data_hard_start;
	u32 action;

	action = bpf_prog_run_xdp(prog, &buff->xdp);
	if (en_xdp_dropped(poll, prog, action)) {
		en_xdp_keep(poll, buffer, length);
		return;
	}
	if (unlikely(!en_rx_replace(ring, entry, 1, NULL))) {
		en_xdp_keep(poll, buffer, length);
		poll->stats->alloc_fail++;
		poll->stats->drops++;
		return;
	}
	if (unlikely(!en_xdp_act(poll, buff, prog, action, length)))
		page_pool_recycle_direct(ring->pool, en_rx_page(buffer));
}

static void en_xdp_pages(struct en_rx_poll *poll, struct bpf_prog *prog,
			 u32 entry, struct en_xdp_buff *buff, u32 length)
{
	void *pages[EN_RX_MAX_PAGES];
	u32 action;

	if (unlikely(!en_rx_replace(poll->ring, entry, en_rx_page_count(length),
				    pages))) {
		poll->stats->alloc_fail++;
		poll->stats->drops++;
		return;
	}
	en_xdp_fragments(poll, &buff->xdp, pages, length);
	action = bpf_prog_run_xdp(prog, &buff->xdp);
	if (en_xdp_dropped(poll, prog, action) ||
	    !en_xdp_act(poll, buff, prog, action, length))
		xdp_return_buff(&buff->xdp);
}

/**
 * en_xdp_receive - run the program on a received frame and do what it says
 * @poll: the poll
 * @prog: the program
 * @entry: the frame's descriptor; keeps its pages or gets others
 * @cqe: the completion
 * @length: of the frame
 */
void en_xdp_receive(struct en_rx_poll *poll, struct bpf_prog *prog, u32 entry,
		    const void *cqe, u32 length)
{
	struct en_rx_ring *ring = poll->ring;
	void *buffer = ring->buffers[entry * ring->pages_per_entry];
	u32 head = min_t(u32, length, EN_RX_FIRST_PAGE);
	struct en_xdp_buff buff;

	buff.cqe = cqe;
	buff.ring = ring;
	en_rx_sync(poll, buffer, EN_RX_HEADROOM, head);
	xdp_init_buff(&buff.xdp, PAGE_SIZE, &ring->xdp_rxq);
	xdp_prepare_buff(&buff.xdp, buffer, EN_RX_HEADROOM, head, true);
	if (likely(length <= EN_RX_FIRST_PAGE))
		en_xdp_one_page(poll, prog, entry, &buff, length);
	else
		en_xdp_pages(poll, prog, entry, &buff, length);
}

/**
 * en_xdp_finish - end of a poll: send what the program wanted sent
 * @poll: the poll
 */
void en_xdp_finish(struct en_rx_poll *poll)
{
	struct en_tx_ring *ring = poll->ring->channel->xdp_tx;

	if (ring)
		poll->stats->xdp_tx_full += en_xdp_tx_flush(ring);
	if (poll->redirected)
		xdp_do_flush();
}
