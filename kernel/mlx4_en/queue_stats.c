// SPDX-License-Identifier: GPL-2.0-only
/* Counters of each queue, as the kernel defines them (netdev_stat_ops) */
#include <net/netdev_queues.h>

#include "mlx4_en/port_stats.h"

static void en_give_rx(const struct en_rx_stats *from,
		       struct netdev_queue_stats_rx *to)
{
	to->packets = from->packets;
	to->bytes = from->bytes;
	to->alloc_fail = from->alloc_fail;
	to->hw_drops = from->drops;
	to->csum_unnecessary = from->csum_unnecessary;
	to->csum_none = from->csum_none;
	compat_set_csum_complete(to, from->csum_complete);
}

static void en_give_tx(const struct en_tx_stats *from,
		       struct netdev_queue_stats_tx *to)
{
	to->packets = from->packets;
	to->bytes = from->bytes;
	to->hw_drops = from->drops;
	to->needs_csum = from->csum_partial;
	to->hw_gso_packets = from->tso_packets;
	to->stop = from->stops;
	to->wake = from->wakes;
}

static void en_queue_stats_rx(struct net_device *dev, int index,
			      struct netdev_queue_stats_rx *stats)
{
	const struct en_netdev *en = netdev_priv(dev);
	struct en_rx_stats rx;

	if (!en->channels || index >= en->channels->count ||
	    !en->channels->channel[index]->rx)
		return;
	en_read_rx_stats(en->channels->channel[index]->rx, &rx);
	en_give_rx(&rx, stats);
}

static void en_queue_stats_tx(struct net_device *dev, int index,
			      struct netdev_queue_stats_tx *stats)
{
	const struct en_netdev *en = netdev_priv(dev);
	struct en_tx_stats tx;

	if (!en->channels || index >= en->channels->tx_count)
		return;
	en_read_tx_stats(en->channels->tx[index], &tx);
	en_give_tx(&tx, stats);
}

/* What queues that are gone counted */
static void en_base_stats(struct net_device *dev,
			  struct netdev_queue_stats_rx *rx,
			  struct netdev_queue_stats_tx *tx)
{
	const struct en_netdev *en = netdev_priv(dev);

	en_give_rx(&en->rx_before, rx);
	en_give_tx(&en->tx_before, tx);
}

static const struct netdev_stat_ops en_stat_ops = {
	.get_queue_stats_rx = en_queue_stats_rx,
	.get_queue_stats_tx = en_queue_stats_tx,
	.get_base_stats = en_base_stats,
};

/**
 * en_queue_stats_init - offer counters of each queue
 * @en: the device, before it is registered
 */
void en_queue_stats_init(struct en_netdev *en)
{
	compat_set_stat_ops(en->dev, &en_stat_ops);
}
