// SPDX-License-Identifier: GPL-2.0-only
/*
 * All rings of one configuration: built beside those that run, started, and
 * taken down as a whole. A channel is what one interrupt vector serves, in one
 * NAPI instance.
 */
#include "mlx4_en/channels.h"

/* Sends of the rings that go may take so long to end */
#define EN_DRAIN_MS 200

static int en_node_of(struct cx_adapter *adapter, int vector)
{
	const struct cpumask *affinity = cx_vector_affinity(adapter, vector);
	unsigned int cpu = affinity ? cpumask_first(affinity) : nr_cpu_ids;

	return cpu < nr_cpu_ids ? cpu_to_node(cpu) :
				  dev_to_node(cx_dma_device(adapter));
}

static struct en_channel *en_channel_alloc(struct en_channels *channels,
					   struct en_netdev *en, u16 index)
{
	struct cx_adapter *adapter = en->adapter;
	struct en_channel *channel;
	int vector, node;

	/* The ports share the vectors: neither begins where the other does. */
	vector = (index + (en->port->number - 1) * channels->count) %
		 adapter->completion_vectors;
	node = en_node_of(adapter, vector);
	channel = kzalloc_node(sizeof(*channel), GFP_KERNEL, node);
	if (!channel)
		return NULL;
	channel->tx =
		kcalloc_node(max_t(u8, channels->config.traffic_classes, 1),
			     sizeof(struct en_tx_ring *), GFP_KERNEL, node);
	if (!channel->tx) {
		kfree(channel);
		return NULL;
	}
	channel->en = en;
	channel->index = index;
	channel->vector = vector;
	channel->node = node;
	netif_napi_add_config(en->dev, &channel->napi, en_channel_poll, index);
	netif_napi_set_irq(&channel->napi, cx_vector_irq(adapter, vector));
	return channel;
}

static void en_channel_free(struct en_channel *channel)
{
	netif_napi_del(&channel->napi);
	kfree(channel->tx);
	kfree(channel);
}

/**
 * en_tx_ring_build - a send ring of a channel
 * @channels: what it is part of
 * @channel: the channel
 * @queue: the stack's queue, or NULL for XDP
 * @index: the queue's
 *
 * Return: the ring, or ERR_PTR.
 */
struct en_tx_ring *en_tx_ring_build(struct en_channels *channels,
				    struct en_channel *channel,
				    struct netdev_queue *queue, u16 index)
{
	struct en_tx_ring *ring;
	int err;

	ring = kzalloc_node(sizeof(*ring), GFP_KERNEL, channel->node);
	if (!ring)
		return ERR_PTR(-ENOMEM);
	ring->channel = channel;
	ring->queue = queue;
	ring->index = index;
	if (queue && channels->config.traffic_classes)
		ring->priority = index / channels->config.tx_channels;
	err = en_tx_ring_create(ring, channels);
	if (err) {
		kfree(ring);
		return ERR_PTR(err);
	}
	return ring;
}

/**
 * en_tx_ring_demolish - undo en_tx_ring_build()
 * @ring: the ring, or NULL
 */
void en_tx_ring_demolish(struct en_tx_ring *ring)
{
	if (!ring)
		return;
	en_tx_ring_destroy(ring);
	kfree(ring);
}

static int en_build_rx(struct en_channels *channels, struct en_channel *channel)
{
	struct en_rx_ring *ring;
	int err;

	ring = kzalloc_node(sizeof(*ring), GFP_KERNEL, channel->node);
	if (!ring)
		return -ENOMEM;
	ring->channel = channel;
	ring->index = channel->index;
	err = en_rx_ring_create(ring, channels,
				channels->rx_base_qpn + channel->index);
	if (err) {
		kfree(ring);
		return err;
	}
	channel->rx = ring;
	return 0;
}

static int en_build_xdp_tx(struct en_channels *channels,
			   struct en_channel *channel)
{
	struct en_tx_ring *ring;

	if (!channels->config.xdp)
		return 0;
	ring = en_tx_ring_build(channels, channel, NULL, channel->index);
	if (IS_ERR(ring))
		return PTR_ERR(ring);
	channel->xdp_tx = ring;
	return 0;
}

static int en_build_tx(struct en_channels *channels, struct en_netdev *en)
{
	u16 queue;

	for (queue = 0; queue < channels->tx_count; queue++) {
		struct en_channel *channel =
			channels->channel[queue % channels->config.tx_channels];
		struct en_tx_ring *ring;

		ring = en_tx_ring_build(channels, channel,
					netdev_get_tx_queue(en->dev, queue),
					queue);
		if (IS_ERR(ring))
			return PTR_ERR(ring);
		channels->tx[queue] = ring;
		channel->tx[channel->tx_count++] = ring;
	}
	return 0;
}

static int en_build_channels(struct en_channels *channels, struct en_netdev *en)
{
	u16 i;
	int err;

	for (i = 0; i < channels->count; i++) {
		struct en_channel *channel = en_channel_alloc(channels, en, i);

		if (!channel)
			return -ENOMEM;
		channels->channel[i] = channel;
		if (i >= channels->config.rx_channels)
			continue;
		err = en_build_rx(channels, channel);
		if (!err)
			err = en_build_xdp_tx(channels, channel);
		if (err)
			return err;
	}
	return en_build_tx(channels, en);
}

/**
 * en_rss_queues - how many receive queues the hash chooses from
 * @adapter: the adapter
 * @config: the configuration
 *
 * Return: a power of two; 1: there is no hash.
 */
u16 en_rss_queues(const struct cx_adapter *adapter,
		  const struct en_config *config)
{
	u16 queues = rounddown_pow_of_two(config->rx_channels);

	if (config->rss.queues)
		queues = min(queues, config->rss.queues);
	return min_t(u16, queues, 1 << adapter->caps.log_max_rss_queues);
}

/**
 * en_rss_start - a queue pair that hashes, and chooses a ring by it
 * @channels: the rings, and the configuration
 * @qp: the queue pair, zeroed
 * @first: the first ring
 * @queues: how many of them; a power of two, that divides @first
 *
 * Return: 0 or -errno; then nothing is left.
 */
int en_rss_start(struct en_channels *channels, struct cx_qp *qp, u16 first,
		 u16 queues)
{
	const struct en_config *config = &channels->config;
	struct en_netdev *en = channels->en;
	struct cx_rss_settings rss = {
		.base_qpn = channels->rx_base_qpn + first,
		.log_queues = ilog2(queues),
		.default_qpn = channels->rx_base_qpn + first,
		.hash_function = config->rss.function,
		.udp = config->rss.udp,
		.inner = en->adapter->caps.vxlan,
	};
	struct cx_qp_settings settings = {
		.port = en->port->number,
		.send_cqn = channels->channel[0]->rx->cq.number,
		.receive_cqn = channels->channel[0]->rx->cq.number,
		.rss = &rss,
	};
	int err;

	memcpy(rss.key, config->rss.key, sizeof(rss.key));
	err = cx_qpn_alloc(en->adapter, CX_QPN_ANY, 1, 1, &qp->number);
	if (err)
		return err;
	err = cx_qp_start(en->adapter, qp, &settings);
	if (err)
		cx_qpn_free(en->adapter, qp->number, 1);
	return err;
}

/**
 * en_rss_stop - undo en_rss_start()
 * @qp: nothing is steered to it any more
 */
void en_rss_stop(struct cx_qp *qp)
{
	cx_qp_stop(qp);
	cx_qpn_free(qp->adapter, qp->number, 1);
}

/* The one destination of steering: the only ring, or what spreads over them */
static int en_build_rss(struct en_channels *channels, struct en_netdev *en)
{
	u16 queues = en_rss_queues(en->adapter, &channels->config);
	int err;

	channels->receive_qpn = channels->rx_base_qpn;
	if (queues == 1)
		return 0;
	err = en_rss_start(channels, &channels->rss_qp, 0, queues);
	if (!err)
		channels->receive_qpn = channels->rss_qp.number;
	return err;
}

static int en_alloc_numbers(struct en_channels *channels, struct en_netdev *en)
{
	u32 count = roundup_pow_of_two(channels->config.rx_channels);
	int err;

	err = cx_qpn_alloc(en->adapter, CX_QPN_ANY, count, count,
			   &channels->rx_base_qpn);
	if (err)
		return err;
	/* Stays in reset: what is steered to it is dropped. */
	err = cx_qpn_alloc(en->adapter, CX_QPN_ANY, 1, 1, &channels->drop_qpn);
	if (err)
		cx_qpn_free(en->adapter, channels->rx_base_qpn, count);
	return err;
}

static void en_free_numbers(struct en_channels *channels, struct en_netdev *en)
{
	cx_qpn_free(en->adapter, channels->drop_qpn, 1);
	cx_qpn_free(en->adapter, channels->rx_base_qpn,
		    roundup_pow_of_two(channels->config.rx_channels));
}

static struct en_channels *en_channels_alloc(const struct en_config *config)
{
	struct en_channels *channels = kzalloc(sizeof(*channels), GFP_KERNEL);

	if (!channels)
		return NULL;
	channels->config = *config;
	channels->count = max(config->rx_channels, config->tx_channels);
	channels->tx_count = en_tx_queue_count(config);
	channels->channel = kcalloc(channels->count, sizeof(*channels->channel),
				    GFP_KERNEL);
	channels->tx =
		kcalloc(channels->tx_count, sizeof(*channels->tx), GFP_KERNEL);
	if (channels->channel && channels->tx)
		return channels;
	kfree(channels->channel);
	kfree(channels->tx);
	kfree(channels);
	return NULL;
}

static void en_channels_free(struct en_channels *channels)
{
	kfree(channels->channel);
	kfree(channels->tx);
	kfree(channels);
}

static void en_demolish(struct en_channels *channels)
{
	u16 i;

	for (i = 0; i < channels->tx_count; i++)
		en_tx_ring_demolish(channels->tx[i]);
	for (i = 0; i < channels->count; i++) {
		struct en_channel *channel = channels->channel[i];

		if (!channel)
			break;
		en_tx_ring_demolish(channel->xdp_tx);
		if (channel->rx) {
			en_rx_ring_destroy(channel->rx);
			kfree(channel->rx);
		}
		en_channel_free(channel);
	}
}

/**
 * en_channels_create - all rings of a configuration
 * @en: the device
 * @config: the configuration, valid
 *
 * What is received waits in the rings until en_channels_start().
 *
 * Return: the channels, or ERR_PTR.
 */
struct en_channels *en_channels_create(struct en_netdev *en,
				       const struct en_config *config)
{
	struct en_channels *channels = en_channels_alloc(config);
	int err;

	if (!channels)
		return ERR_PTR(-ENOMEM);
	channels->en = en;
	err = en_alloc_numbers(channels, en);
	if (err)
		goto no_numbers;
	err = en_build_channels(channels, en);
	if (!err)
		err = en_build_rss(channels, en);
	if (err)
		goto no_rings;
	return channels;

no_rings:
	en_demolish(channels);
	en_free_numbers(channels, en);
no_numbers:
	en_channels_free(channels);
	return ERR_PTR(err);
}

/**
 * en_channels_destroy - undo en_channels_create()
 * @channels: stopped or never started, and not steered to
 */
void en_channels_destroy(struct en_channels *channels)
{
	struct en_netdev *en = channels->en;

	if (channels->receive_qpn != channels->rx_base_qpn)
		en_rss_stop(&channels->rss_qp);
	en_demolish(channels);
	en_free_numbers(channels, en);
	en_channels_free(channels);
}

static void en_tell_queues(struct en_channels *channels, bool there)
{
	struct net_device *dev = channels->en->dev;
	u16 i;

	for (i = 0; i < channels->config.rx_channels; i++)
		netif_queue_set_napi(dev, i, NETDEV_QUEUE_TYPE_RX,
				     there ? &channels->channel[i]->napi :
					     NULL);
	for (i = 0; i < channels->tx_count; i++)
		netif_queue_set_napi(dev, i, NETDEV_QUEUE_TYPE_TX,
				     there ? &channels->tx[i]->channel->napi :
					     NULL);
}

/**
 * en_spread_queues - give each processor the send queue near to it (XPS)
 * @en: the device. Under rtnl.
 *
 * What the user has chosen is lost.
 */
void en_spread_queues(struct en_netdev *en)
{
	struct en_channels *channels = en->channels;
	u16 i;

	en->spread_queues = channels ? channels->tx_count : 0;
	if (!channels)
		return;
	for (i = 0; i < channels->tx_count; i++) {
		const struct cpumask *affinity = cx_vector_affinity(
			en->adapter, channels->tx[i]->channel->vector);

		if (affinity)
			netif_set_xps_queue(en->dev, affinity, i);
	}
}

/**
 * en_channels_start - begin to poll; the first poll asks for events
 * @channels: those of the device, whose numbers of queues are theirs
 */
void en_channels_start(struct en_channels *channels)
{
	u16 i;

	en_dim_start(channels);
	en_tell_queues(channels, true);
	/* Once for each number of them: the user may have chosen since */
	if (channels->en->spread_queues != channels->tx_count)
		en_spread_queues(channels->en);
	for (i = 0; i < channels->count; i++)
		napi_enable(&channels->channel[i]->napi);
	local_bh_disable();
	for (i = 0; i < channels->count; i++)
		napi_schedule(&channels->channel[i]->napi);
	local_bh_enable();
}

/* What is in flight comes back; false: it does not */
static bool en_drained(struct en_channels *channels)
{
	bool empty = true;
	u16 i;

	local_bh_disable();
	for (i = 0; i < channels->tx_count; i++) {
		struct en_tx_ring *ring = channels->tx[i];

		en_tx_poll(ring, 0);
		if (!ring->broken)
			empty &= ring->consumer == READ_ONCE(ring->producer);
	}
	for (i = 0; i < channels->config.rx_channels; i++)
		if (channels->channel[i]->xdp_tx)
			en_xdp_tx_poll(channels->channel[i]->xdp_tx, 0);
	local_bh_enable();
	return empty;
}

/**
 * en_channels_drain - wait, not for ever, until what was sent has completed
 * @channels: the channels; polled by nobody, and nobody sends, for an RCU
 *	period: a poll asks for events, and measures, behind the end of NAPI's
 */
void en_channels_drain(struct en_channels *channels)
{
	unsigned long end = jiffies + msecs_to_jiffies(EN_DRAIN_MS);

	en_dim_stop(channels);
	while (!en_drained(channels) && time_before(jiffies, end) &&
	       !cx_adapter_failed(channels->en->adapter))
		usleep_range(200, 400);
}

/**
 * en_channels_stop - end polling; on return nobody polls
 * @channels: those of the device
 */
void en_channels_stop(struct en_channels *channels)
{
	u16 i;

	for (i = 0; i < channels->count; i++)
		napi_disable(&channels->channel[i]->napi);
	en_tell_queues(channels, false);
}
