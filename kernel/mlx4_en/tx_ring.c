// SPDX-License-Identifier: GPL-2.0-only
/*
 * A send ring: its memory and its queues.
 */
#include "mlx4_en/channels.h"
#include "mlx4_en/tx_ring.h"

static void en_tx_completed(struct cx_cq *cq)
{
	struct en_tx_ring *ring = container_of(cq, struct en_tx_ring, cq);

	WRITE_ONCE(ring->armed, false);
	ring->events++;
	en_channel_event(ring->channel);
}

/* A queue of the stack is replaced alone, the others' channel as a whole. */
static void en_tx_failed(struct en_tx_ring *ring)
{
	if (!en_is_xdp(ring))
		en_tx_timeout(ring->channel->en->dev, ring->index);
	else
		en_request_xdp_restart(ring->channel->en,
				       "XDP send queue error");
}

static void en_tx_cq_failed(struct cx_cq *cq, u8 syndrome)
{
	en_tx_failed(container_of(cq, struct en_tx_ring, cq));
}

static void en_tx_qp_failed(struct cx_qp *qp, u8 event)
{
	en_tx_failed(container_of(qp, struct en_tx_ring, qp));
}

static int en_tx_memory_create(struct en_tx_ring *ring)
{
	struct en_channel *channel = ring->channel;
	u32 index;
	int err;

	err = cx_buffer_alloc(channel->en->adapter, &ring->buffer,
			      (size_t)ring->entries << EN_BLOCK_SHIFT,
			      channel->node);
	if (err)
		return err;
	ring->descriptors = ring->buffer.address;
	ring->slots = kvcalloc_node(ring->entries, sizeof(*ring->slots),
				    GFP_KERNEL, channel->node);
	if (!ring->slots)
		goto no_slots;
	if (!ring->queue) {
		ring->frames = kcalloc_node(NAPI_POLL_WEIGHT,
					    sizeof(*ring->frames), GFP_KERNEL,
					    channel->node);
		if (!ring->frames)
			goto no_frames;
	}
	/* No block is the adapter's in the first pass (datapath.md, Q6.4) */
	for (index = 0; index < ring->entries; index++)
		*cx_at(en_block(ring, index), CX_SEND_OWNER) = cpu_to_be32(~0u);
	return 0;

no_frames:
	kvfree(ring->slots);
no_slots:
	cx_buffer_free(channel->en->adapter, &ring->buffer);
	return -ENOMEM;
}

static void en_tx_memory_destroy(struct en_tx_ring *ring)
{
	kfree(ring->frames);
	kvfree(ring->slots);
	cx_buffer_free(ring->channel->en->adapter, &ring->buffer);
}

static int en_tx_cq_create(struct en_tx_ring *ring)
{
	struct en_channel *channel = ring->channel;
	const struct en_moderation *moderation =
		&channel->en->moderation[ring->index];
	struct cx_cq_settings settings = {
		.entries = ring->entries,
		.vector = channel->vector,
		.node = channel->node,
		.timestamps = ring->timestamps,
		.usecs = moderation->tx_usecs,
		.frames = moderation->tx_frames,
	};

	ring->cq.completed = en_tx_completed;
	ring->cq.failed = en_tx_cq_failed;
	return cx_cq_create(channel->en->adapter, &ring->cq, &settings);
}

/* What the user has set for the queue; no reason to do without the queue */
static void en_tx_limit_rate(struct en_tx_ring *ring)
{
	u32 mbps = ring->queue ? ring->queue->tx_maxrate : 0;

	if (mbps && cx_qp_set_rate(&ring->qp, mbps))
		netdev_warn(ring->channel->en->dev,
			    "send queue %u has no rate limit any more\n",
			    ring->index);
}

static int en_tx_qp_start(struct en_tx_ring *ring)
{
	struct en_netdev *en = ring->channel->en;
	struct cx_qp_settings settings = {
		.port = en->port->number,
		.ring = &ring->buffer,
		.log_sq_entries = ilog2(ring->entries),
		.log_sq_stride = EN_BLOCK_SHIFT,
		.send_cqn = ring->cq.number,
		.receive_cqn = ring->cq.number,
		.priority = ring->priority,
	};
	int err;

	err = cx_qpn_alloc(en->adapter, CX_QPN_SEND, 1, 1, &ring->qp.number);
	if (err)
		return err;
	ring->qp.failed = en_tx_qp_failed;
	err = cx_qp_start(en->adapter, &ring->qp, &settings);
	if (err)
		cx_qpn_free(en->adapter, ring->qp.number, 1);
	else
		en_tx_limit_rate(ring);
	return err;
}

/* ndo_set_tx_maxrate: the stack remembers what we accept */
int en_set_tx_maxrate(struct net_device *dev, int queue, u32 mbps)
{
	struct en_netdev *en = netdev_priv(dev);
	const struct cx_caps *caps = &en->adapter->caps;
	struct en_channels *channels = en->channels;

	if (!caps->tx_rate_max)
		return -EOPNOTSUPP;
	if (mbps && (mbps < caps->tx_rate_min || mbps > caps->tx_rate_max))
		return -ERANGE;
	if (!channels || en->suspended || queue >= channels->tx_count)
		return 0;
	return cx_qp_set_rate(&channels->tx[queue]->qp, mbps);
}

static __be32 en_tx_flags(struct en_netdev *en)
{
	__be32 flags = cx_be32(CX_SEND_SOLICITED, 1);

	if (en->dev->features & NETIF_F_LOOPBACK)
		flags |= cx_be32(CX_SEND_FORCE_LOOPBACK, 1);
	return flags;
}

/**
 * en_tx_update_flags - take over changed device features
 * @en: the device, its rings running or not. Under rtnl.
 */
void en_tx_update_flags(struct en_netdev *en)
{
	struct en_channels *channels = en->channels;
	__be32 flags = en_tx_flags(en);
	int i;

	if (!channels)
		return;
	for (i = 0; i < channels->tx_count; i++)
		WRITE_ONCE(channels->tx[i]->flags, flags);
	for (i = 0; i < channels->count; i++)
		if (channels->channel[i]->xdp_tx)
			WRITE_ONCE(channels->channel[i]->xdp_tx->flags, flags);
}

/**
 * en_tx_ring_create - a send queue that is ready for descriptors
 * @ring: its channel, queue, index and priority set, else zero
 * @channels: what it is part of, for the configuration
 *
 * Nobody polls it yet, and no event is asked for.
 *
 * Return: 0 or -errno; then nothing is left.
 */
int en_tx_ring_create(struct en_tx_ring *ring, struct en_channels *channels)
{
	const struct en_config *config = &channels->config;
	struct en_netdev *en = ring->channel->en;
	int err;

	spin_lock_init(&ring->lock);
	ring->entries = config->tx_entries;
	ring->mask = ring->entries - 1;
	ring->usable = ring->entries - EN_TX_READ_AHEAD;
	ring->limit = ring->usable - EN_TX_MAX_BLOCKS;
	ring->wake_room = max_t(u32, EN_TX_MAX_BLOCKS * 2, ring->usable / 4);
	ring->max_segments =
		min_t(u32, EN_TX_MAX_SEGMENTS,
		      en->adapter->caps.max_send_gather ?: EN_TX_MAX_SEGMENTS);
	ring->dma = cx_dma_device(en->adapter);
	ring->lkey = cpu_to_be32(en->adapter->lkey);
	ring->flags = en_tx_flags(en);
	ring->inline_max = config->tx_copybreak;
	ring->timestamps = ring->queue &&
			   config->timestamps.tx_type != HWTSTAMP_TX_OFF;
	err = en_tx_memory_create(ring);
	if (err)
		return err;
	err = en_tx_cq_create(ring);
	if (err)
		goto no_cq;
	err = en_tx_qp_start(ring);
	if (err)
		goto no_qp;
	ring->doorbell_word = cx_qp_doorbell_word(ring->qp.number);
	return 0;

no_qp:
	cx_cq_destroy(&ring->cq);
no_cq:
	en_tx_memory_destroy(ring);
	return err;
}

/**
 * en_tx_ring_destroy - undo en_tx_ring_create(); what is in flight is dropped
 * @ring: used by nobody any more
 */
void en_tx_ring_destroy(struct en_tx_ring *ring)
{
	struct en_netdev *en = ring->channel->en;
	u32 dropped;

	cx_qp_stop(&ring->qp);
	cx_qpn_free(en->adapter, ring->qp.number, 1);
	cx_cq_destroy(&ring->cq);
	dropped = en_tx_drop_all(ring);
	/* The ring itself is not asked any more */
	spin_lock_bh(&en->stats_lock);
	en->tx_before.drops += dropped;
	spin_unlock_bh(&en->stats_lock);
	en_tx_memory_destroy(ring);
}
