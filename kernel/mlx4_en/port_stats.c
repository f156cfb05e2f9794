// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the port counted: read from the adapter while the device is open, added
 * up in 64 bits. The adapter's counters are never reset by us, so that nobody
 * loses what came between two reads; a reset of the adapter is noticed.
 */
#include "mlx4_en/port_stats.h"

struct en_port_statistics {
	struct mutex read_lock; /* one reader of the adapter at a time */
	spinlock_t lock; /* total, and the sums below */
	bool valid; /* there is a page before */
	struct en_port_counters page; /* the adapter's values at the last read */
	struct en_port_counters total;
	struct rtnl_link_stats64 link; /* hardware's part of it */
	u8 dump[ALIGN(CX_ETH_STATS_SIZE, 8)];
	u8 flow_dump[CX_FLOW_STATS_SIZE];
};

u64 en_port_rx_sum(const struct en_port_counters *counters,
		   enum cx_eth_stats_row row)
{
	u64 sum = 0;
	int column;

	for (column = 0; column < CX_ETH_STATS_RX_COLUMNS; column++)
		sum += en_port_counter(counters,
				       CX_ETH_STATS_RX_OFFSET(row, column));
	return sum;
}

u64 en_port_tx_sum(const struct en_port_counters *counters,
		   enum cx_eth_stats_row row)
{
	u64 sum = 0;
	int column;

	for (column = 0; column < CX_ETH_STATS_LOOPBACK; column++)
		sum += en_port_counter(counters,
				       CX_ETH_STATS_TX_OFFSET(row, column));
	return sum;
}

u64 en_port_triple_sum(const struct en_port_counters *counters, u32 group,
		       u32 item)
{
	u64 sum = 0;
	int column;

	/* As many columns either way: transmit's last one is the loopback */
	for (column = 0; column < CX_ETH_STATS_RX_COLUMNS; column++)
		sum += en_port_counter(
			counters, CX_ETH_STATS_TRIPLE(group, column, item));
	return sum;
}

/* docs/hardware/statistics.md, E6.2 */
u64 en_port_rx_errors(const struct en_port_counters *counters)
{
	return en_port_field(counters, CX_ETH_STATS_RX_PCS) +
	       en_port_field(counters, CX_ETH_STATS_RX_JABBER) +
	       en_port_field(counters, CX_ETH_STATS_RX_CRC) +
	       en_port_field(counters, CX_ETH_STATS_RX_RUNT) +
	       en_port_field(counters, CX_ETH_STATS_RX_IN_RANGE_LENGTH) +
	       en_port_field(counters, CX_ETH_STATS_RX_OUT_RANGE_LENGTH) +
	       en_port_field(counters, CX_ETH_STATS_RX_SHORT) +
	       en_port_rx_sum(counters, CX_ETH_STATS_GIANT);
}

u64 en_port_tx_errors(const struct en_port_counters *counters)
{
	return en_port_tx_sum(counters, CX_ETH_STATS_GIANT);
}

static void en_decode_dump(const struct en_port_statistics *stats,
			   struct en_port_counters *now)
{
	int i;

	for (i = 0; i < EN_PORT_WIDE; i++)
		now->wide[i] = cx_load_be64(stats->dump + i * 8);
	for (i = 0; i < EN_PORT_NARROW; i++)
		now->narrow[i] = cx_load_be32(stats->dump +
					      CX_ETH_STATS_SINGLES + i * 4);
	for (i = 0; i < EN_FLOW_COUNTERS; i++)
		now->flow[i] = cx_load_be64(stats->flow_dump + i * 8);
}

/* 64-bit counters do not wrap in our time: one that went back was reset */
static bool en_was_reset(const struct en_port_counters *before,
			 const struct en_port_counters *now)
{
	int i;

	for (i = 0; i < EN_PORT_WIDE; i++)
		if (now->wide[i] < before->wide[i])
			return true;
	return false;
}

static void en_add_differences(struct en_port_counters *total,
			       const struct en_port_counters *before,
			       const struct en_port_counters *now)
{
	int i;

	for (i = 0; i < EN_PORT_WIDE; i++)
		total->wide[i] += now->wide[i] - before->wide[i];
	for (i = 0; i < EN_PORT_NARROW; i++)
		total->narrow[i] += (u32)(now->narrow[i] - before->narrow[i]);
	for (i = 0; i < EN_FLOW_COUNTERS; i++)
		total->flow[i] += now->flow[i] - before->flow[i];
}

static void en_sum_link(struct en_port_statistics *stats)
{
	const struct en_port_counters *total = &stats->total;
	struct rtnl_link_stats64 *link = &stats->link;

	link->rx_errors = en_port_rx_errors(total);
	link->tx_errors = en_port_tx_errors(total);
	link->multicast = en_port_rx_sum(total, CX_ETH_STATS_MULTICAST);
	link->rx_dropped = en_port_field(total, CX_ETH_STATS_RX_DROP);
	link->tx_dropped = en_port_field(total, CX_ETH_STATS_TX_DROP);
	link->rx_length_errors =
		en_port_field(total, CX_ETH_STATS_RX_DROP_LENGTH);
	link->rx_crc_errors = en_port_field(total, CX_ETH_STATS_RX_CRC);
	link->rx_fifo_errors =
		en_port_field(total, CX_ETH_STATS_RX_DROP_OVERFLOW);
}

static int en_dump(struct en_netdev *en)
{
	struct en_port_statistics *stats = en->port_stats;
	int err;

	err = cx_port_read_statistics(en->port, 0, stats->dump);
	if (err || !en->adapter->caps.flow_statistics)
		return err;
	return cx_port_read_statistics(en->port, CX_ETH_STATS_FLOW_CONTROL,
				       stats->flow_dump);
}

/**
 * en_port_stats_read - add what the port counted since the last time
 * @en: the device. May sleep; without success nothing changes.
 */
void en_port_stats_read(struct en_netdev *en)
{
	static const struct en_port_counters zero;
	struct en_port_statistics *stats = en->port_stats;
	const struct en_port_counters *before = &stats->page;
	struct en_port_counters *now;

	now = kmalloc_obj(*now);
	if (!now)
		return;
	mutex_lock(&stats->read_lock);
	if (READ_ONCE(en->suspended) || en_dump(en))
		goto out;
	en_decode_dump(stats, now);
	if (stats->valid) {
		if (en_was_reset(before, now))
			before = &zero;
		spin_lock_bh(&stats->lock);
		en_add_differences(&stats->total, before, now);
		en_sum_link(stats);
		spin_unlock_bh(&stats->lock);
	}
	/* The first page is where we begin: others had the port before us */
	stats->page = *now;
	stats->valid = true;
out:
	mutex_unlock(&stats->read_lock);
	kfree(now);
}

struct en_port_counters *en_port_stats_snapshot(struct en_netdev *en)
{
	struct en_port_statistics *stats = en->port_stats;
	struct en_port_counters *copy;

	copy = kmalloc_obj(*copy);
	if (!copy)
		return NULL;
	en_port_stats_read(en);
	spin_lock_bh(&stats->lock);
	*copy = stats->total;
	spin_unlock_bh(&stats->lock);
	return copy;
}

/**
 * en_port_stats_init - begin to count
 * @en: the device, new; its adapter runs
 *
 * Return: 0 or -ENOMEM.
 */
int en_port_stats_init(struct en_netdev *en)
{
	struct en_port_statistics *stats = kzalloc(sizeof(*stats), GFP_KERNEL);

	if (!stats)
		return -ENOMEM;
	spin_lock_init(&en->stats_lock);
	spin_lock_init(&stats->lock);
	mutex_init(&stats->read_lock);
	en->port_stats = stats;
	en_port_stats_read(en);
	return 0;
}

/**
 * en_port_stats_exit - free the counters
 * @en: the device, unregistered; may never have been through init
 */
void en_port_stats_exit(struct en_netdev *en)
{
	if (!en->port_stats)
		return;
	mutex_destroy(&en->port_stats->read_lock);
	kfree(en->port_stats);
	en->port_stats = NULL;
}

/**
 * en_get_stats64 - ndo_get_stats64
 * @dev: the device
 * @link: what has been counted; zeroed
 *
 * Packets and bytes are counted by the rings, errors by the port.
 */
void en_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *link)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_port_statistics *stats = en->port_stats;
	struct en_rx_stats rx;
	struct en_tx_stats tx;

	spin_lock_bh(&stats->lock);
	*link = stats->link;
	spin_unlock_bh(&stats->lock);

	en_ring_totals(en, &rx, &tx);
	link->rx_packets = rx.packets;
	link->rx_bytes = rx.bytes;
	link->rx_dropped += rx.drops;
	link->rx_errors += rx.errors;
	link->tx_packets = tx.packets;
	link->tx_bytes = tx.bytes;
	link->tx_dropped += tx.drops;
}
