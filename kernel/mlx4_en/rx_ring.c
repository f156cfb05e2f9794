// SPDX-License-Identifier: GPL-2.0-only
/*
 * A receive ring: its memory, its queues, and how frames of the configured
 * size lie in pages (docs/hardware/datapath.md, Q7).
 */
#include <net/page_pool/helpers.h>

#include "mlx4_en/channels.h"
#include "mlx4_en/words.h"

/* More pages than this are not kept for the next frames */
#define EN_POOL_PAGES_MAX 4096U

static u32 en_page_room(u32 page)
{
	return page ? PAGE_SIZE : EN_RX_FIRST_PAGE;
}

static u32 en_page_start(u32 page)
{
	return page ? 0 : EN_RX_HEADROOM;
}

/**
 * en_rx_max_mtu - the largest payload that a descriptor's pages take
 * @en: the device
 *
 * Return: bytes.
 */
u32 en_rx_max_mtu(struct en_netdev *en)
{
	u32 pages = min_t(u32, EN_RX_MAX_PAGES,
			  en->adapter->caps.max_receive_scatter ?: 1);

	return EN_RX_FIRST_PAGE + (pages - 1) * PAGE_SIZE - EN_FRAME_OVERHEAD;
}

static void en_rx_layout(struct en_rx_ring *ring,
			 const struct en_config *config)
{
	u32 bytes = config->mtu + EN_FRAME_OVERHEAD;
	u32 room = EN_RX_FIRST_PAGE;
	u8 pages = 1;

	while (room < bytes) {
		room += PAGE_SIZE;
		pages++;
	}
	ring->entries = config->rx_entries;
	ring->pages_per_entry = pages;
	ring->max_bytes = room;
	ring->log_stride = ilog2(CX_DATA_SIZE) + order_base_2(pages);
}

static int en_rx_pool_create(struct en_rx_ring *ring)
{
	struct en_channel *channel = ring->channel;
	struct page_pool_params params = {
		.flags = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV,
		.pool_size = min(ring->entries * ring->pages_per_entry,
				 EN_POOL_PAGES_MAX),
		.nid = ring->buffer.node,
		.dev = cx_dma_device(channel->en->adapter),
		/* An XDP program may write, and send from, what it is given */
		.dma_dir = DMA_BIDIRECTIONAL,
		.max_len = PAGE_SIZE,
	};
	struct page_pool *pool;

	compat_page_pool_owner(&params, channel->en->dev, &channel->napi,
			       ring->index);
	pool = page_pool_create(&params);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	ring->pool = pool;
	return 0;
}

/*
 * A pool that counts its mapped pages allocates for that with bottom halves off,
 * by the flags that it is given (6.12.118: "sleeping function called from invalid
 * context", where the first try had no memory). So it must not sleep; what has to
 * be made free first is waited for here.
 */
static struct page *en_rx_first_page(struct page_pool *pool)
{
	struct page *page =
		page_pool_alloc_pages(pool, GFP_NOWAIT | __GFP_NOWARN);
	unsigned long spare;

	if (likely(page))
		return page;
	spare = __get_free_page(GFP_KERNEL);
	if (!spare)
		return NULL;
	free_page(spare);
	return page_pool_dev_alloc_pages(pool);
}

/* One descriptor, with pages of its own */
static int en_rx_fill_entry(struct en_rx_ring *ring, u32 entry)
{
	void **buffers = ring->buffers + entry * ring->pages_per_entry;
	void *segment = ring->descriptors + ((size_t)entry << ring->log_stride);
	__be32 lkey = cpu_to_be32(ring->channel->en->adapter->lkey);
	u32 segments = 1 << (ring->log_stride - ilog2(CX_DATA_SIZE));
	struct page *page;
	u32 i;

	for (i = 0; i < ring->pages_per_entry; i++, segment += CX_DATA_SIZE) {
		page = en_rx_first_page(ring->pool);
		if (!page)
			return -ENOMEM;
		buffers[i] = page_address(page);
		cx_write_segment(segment,
				 page_pool_get_dma_addr(page) +
					 en_page_start(i),
				 lkey, en_page_room(i));
	}
	/* What the stride has and the frame does not need ends the list */
	for (; i < segments; i++, segment += CX_DATA_SIZE)
		cx_write_segment(segment, 0, cpu_to_be32(CX_LKEY_INVALID), 0);
	return 0;
}

static void en_rx_free_pages(struct en_rx_ring *ring)
{
	u32 i, count = ring->entries * ring->pages_per_entry;

	if (!ring->buffers)
		return;
	for (i = 0; i < count; i++)
		if (ring->buffers[i])
			page_pool_put_full_page(ring->pool,
						virt_to_page(ring->buffers[i]),
						false);
	kvfree(ring->buffers);
	ring->buffers = NULL;
}

static int en_rx_fill(struct en_rx_ring *ring)
{
	u32 entry;
	int err;

	ring->buffers = kvcalloc_node(ring->entries * ring->pages_per_entry,
				      sizeof(*ring->buffers), GFP_KERNEL,
				      ring->buffer.node);
	if (!ring->buffers)
		return -ENOMEM;
	for (entry = 0; entry < ring->entries; entry++) {
		err = en_rx_fill_entry(ring, entry);
		if (err)
			return err;
	}
	return 0;
}

static int en_rx_memory_create(struct en_rx_ring *ring)
{
	struct en_channel *channel = ring->channel;
	struct cx_adapter *adapter = channel->en->adapter;
	u32 offset = cx_qp_receive_offset(ring->log_stride);
	int err;

	err = cx_buffer_alloc(adapter, &ring->buffer,
			      offset + ((size_t)ring->entries
					<< ring->log_stride),
			      channel->node);
	if (err)
		return err;
	ring->descriptors = ring->buffer.address + offset;
	err = cx_record_alloc(adapter, &ring->record);
	if (err)
		goto no_record;
	err = en_rx_pool_create(ring);
	if (err)
		goto no_pool;
	err = en_rx_fill(ring);
	if (err)
		goto no_pages;
	return 0;

no_pages:
	en_rx_free_pages(ring);
	page_pool_destroy(ring->pool);
no_pool:
	cx_record_free(adapter, &ring->record);
no_record:
	cx_buffer_free(adapter, &ring->buffer);
	return err;
}

static void en_rx_memory_destroy(struct en_rx_ring *ring)
{
	struct cx_adapter *adapter = ring->channel->en->adapter;

	en_rx_free_pages(ring);
	page_pool_destroy(ring->pool);
	cx_record_free(adapter, &ring->record);
	cx_buffer_free(adapter, &ring->buffer);
}

static void en_rx_completed(struct cx_cq *cq)
{
	struct en_rx_ring *ring = container_of(cq, struct en_rx_ring, cq);

	WRITE_ONCE(ring->armed, false);
	ring->events++;
	en_channel_event(ring->channel);
}

static void en_rx_cq_failed(struct cx_cq *cq, u8 syndrome)
{
	struct en_rx_ring *ring = container_of(cq, struct en_rx_ring, cq);

	en_request_restart(ring->channel->en, "receive completion queue error");
}

static void en_rx_qp_failed(struct cx_qp *qp, u8 event)
{
	struct en_rx_ring *ring = container_of(qp, struct en_rx_ring, qp);

	en_request_restart(ring->channel->en, "receive queue error");
}

static int en_rx_cq_create(struct en_rx_ring *ring)
{
	struct en_channel *channel = ring->channel;
	const struct en_moderation *moderation =
		&channel->en->moderation[ring->index];
	struct cx_cq_settings settings = {
		/* As many completions as descriptors can be waiting */
		.entries = ring->entries,
		.vector = channel->vector,
		.node = channel->node,
		.timestamps = ring->features & EN_RX_TIMESTAMP,
		.usecs = moderation->rx_usecs,
		.frames = moderation->rx_frames,
	};

	ring->adaptive = moderation->adaptive_rx;
	ring->cq.completed = en_rx_completed;
	ring->cq.failed = en_rx_cq_failed;
	return cx_cq_create(channel->en->adapter, &ring->cq, &settings);
}

static int en_rx_qp_start(struct en_rx_ring *ring,
			  const struct en_config *config, u32 qpn)
{
	struct en_netdev *en = ring->channel->en;
	struct cx_qp_settings settings = {
		.port = en->port->number,
		.ring = &ring->buffer,
		.record = &ring->record,
		.log_rq_entries = ilog2(ring->entries),
		.log_rq_stride = ring->log_stride,
		.send_cqn = ring->cq.number,
		.receive_cqn = ring->cq.number,
		.vlan_strip_off = !(ring->features & EN_RX_VLAN),
		.fcs_keep = config->rx_fcs,
		.loopback = en->dev->features & NETIF_F_LOOPBACK,
	};

	/* All of them, before the adapter can ask for the first */
	WRITE_ONCE(*ring->record.address, cpu_to_be32(ring->entries & 0xffff));
	ring->qp.number = qpn;
	ring->qp.failed = en_rx_qp_failed;
	return cx_qp_start(en->adapter, &ring->qp, &settings);
}

static u8 en_rx_features(struct en_netdev *en, const struct en_config *config)
{
	netdev_features_t features = en->dev->features;
	enum cx_rx_checksum_mode mode =
		en->adapter->caps.rx_checksum_mode[en->port->number - 1];
	u8 result = 0;

	if (features & NETIF_F_RXCSUM) {
		result |= EN_RX_CHECKSUM;
		/* A sum over bytes that a program may change is none */
		if (!config->xdp && (mode == CX_RX_CHECKSUM_ANY_IP ||
				     mode == CX_RX_CHECKSUM_ANY_IP_L4_OK))
			result |= EN_RX_ANY_IP_SUM;
		if (en->adapter->caps.vxlan)
			result |= EN_RX_TUNNEL;
	}
	/* A ring that nothing hashes for finds 0 in its completions */
	if ((features & NETIF_F_RXHASH) &&
	    en_rss_queues(en->adapter, config) > 1)
		result |= EN_RX_HASH;
	/* A time stamp stands where the tag would (queues.md, Q4.4) */
	if (config->timestamps.rx_filter != HWTSTAMP_FILTER_NONE)
		result |= EN_RX_TIMESTAMP;
	else if (config->vlan_strip)
		result |= EN_RX_VLAN;
	return result;
}

/**
 * en_rx_update_features - take over changed device features
 * @en: the device, its rings running or not. Under rtnl.
 */
void en_rx_update_features(struct en_netdev *en)
{
	struct en_channels *channels = en->channels;
	int i;

	if (!channels)
		return;
	for (i = 0; i < channels->config.rx_channels; i++)
		WRITE_ONCE(channels->channel[i]->rx->features,
			   en_rx_features(en, &channels->config));
}

static int en_rx_xdp_register(struct en_rx_ring *ring)
{
	struct en_channel *channel = ring->channel;
	int err;

	err = __xdp_rxq_info_reg(&ring->xdp_rxq, channel->en->dev, ring->index,
				 channel->napi.napi_id, PAGE_SIZE);
	if (err)
		return err;
	err = xdp_rxq_info_reg_mem_model(&ring->xdp_rxq, MEM_TYPE_PAGE_POOL,
					 ring->pool);
	if (err)
		xdp_rxq_info_unreg(&ring->xdp_rxq);
	return err;
}

/**
 * en_rx_ring_create - a receive queue that is ready for frames
 * @ring: its channel and index set, else zero
 * @channels: what it is part of, for the configuration
 * @qpn: its queue pair's number
 *
 * Nobody polls it yet, and no event is asked for.
 *
 * Return: 0 or -errno; then nothing is left.
 */
int en_rx_ring_create(struct en_rx_ring *ring, struct en_channels *channels,
		      u32 qpn)
{
	const struct en_config *config = &channels->config;
	int err;

	en_rx_layout(ring, config);
	ring->features = en_rx_features(ring->channel->en, config);
	ring->hash_l4 = cx_be32_mask(CX_CQE_TCP);
	if (config->rss.udp)
		ring->hash_l4 |= cx_be32_mask(CX_CQE_UDP);
	ring->xdp = config->xdp;
	err = en_rx_memory_create(ring);
	if (err)
		return err;
	err = en_rx_xdp_register(ring);
	if (err)
		goto no_xdp;
	err = en_rx_cq_create(ring);
	if (err)
		goto no_cq;
	err = en_rx_qp_start(ring, config, qpn);
	if (err)
		goto no_qp;
	return 0;

no_qp:
	cx_cq_destroy(&ring->cq);
no_cq:
	xdp_rxq_info_unreg(&ring->xdp_rxq);
no_xdp:
	en_rx_memory_destroy(ring);
	return err;
}

/**
 * en_rx_ring_destroy - undo en_rx_ring_create()
 * @ring: not steered to, and polled by nobody
 */
void en_rx_ring_destroy(struct en_rx_ring *ring)
{
	cx_qp_stop(&ring->qp);
	cx_cq_destroy(&ring->cq);
	xdp_rxq_info_unreg(&ring->xdp_rxq);
	en_rx_memory_destroy(ring);
}
