// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool -S. The names are those that scripts know from this family of
 * adapters (docs/hardware/statistics.md, E6.5); behind them come the counters
 * that are ours. Strings and values are made by one walk, so that they cannot
 * differ in order.
 */
#include "mlx4_en/en_ethtool.h"
#include "mlx4_en/port_stats.h"

/* Where a walk writes: strings or values, or nothing when it only counts */
struct en_stats_walk {
	u8 *strings;
	u64 *values;
	int count;
	const struct en_port_counters *port;
};

static __printf(3, 4) void en_stat(struct en_stats_walk *walk, u64 value,
				   const char *format, ...)
{
	va_list args;

	if (walk->strings) {
		va_start(args, format);
		vsnprintf(walk->strings, ETH_GSTRING_LEN, format, args);
		va_end(args);
		walk->strings += ETH_GSTRING_LEN;
	}
	if (walk->values)
		*walk->values++ = value;
	walk->count++;
}

#define EN_STAT_FIELD(walk, from, field) en_stat(walk, (from)->field, #field)

static void en_walk_link(struct en_netdev *en, struct en_stats_walk *walk)
{
	struct rtnl_link_stats64 link = {};

	if (walk->values)
		en_get_stats64(en->dev, &link);
	EN_STAT_FIELD(walk, &link, rx_packets);
	EN_STAT_FIELD(walk, &link, tx_packets);
	EN_STAT_FIELD(walk, &link, rx_bytes);
	EN_STAT_FIELD(walk, &link, tx_bytes);
	EN_STAT_FIELD(walk, &link, rx_errors);
	EN_STAT_FIELD(walk, &link, tx_errors);
	EN_STAT_FIELD(walk, &link, rx_dropped);
	EN_STAT_FIELD(walk, &link, tx_dropped);
	EN_STAT_FIELD(walk, &link, multicast);
	EN_STAT_FIELD(walk, &link, collisions);
	EN_STAT_FIELD(walk, &link, rx_length_errors);
	EN_STAT_FIELD(walk, &link, rx_over_errors);
	EN_STAT_FIELD(walk, &link, rx_crc_errors);
	EN_STAT_FIELD(walk, &link, rx_frame_errors);
	EN_STAT_FIELD(walk, &link, rx_fifo_errors);
	EN_STAT_FIELD(walk, &link, rx_missed_errors);
	EN_STAT_FIELD(walk, &link, tx_aborted_errors);
	EN_STAT_FIELD(walk, &link, tx_carrier_errors);
	EN_STAT_FIELD(walk, &link, tx_fifo_errors);
	EN_STAT_FIELD(walk, &link, tx_heartbeat_errors);
	EN_STAT_FIELD(walk, &link, tx_window_errors);
}

static void en_walk_software(struct en_netdev *en, struct en_stats_walk *walk)
{
	struct en_rx_stats rx = {};
	struct en_tx_stats tx = {};

	if (walk->values)
		en_ring_totals(en, &rx, &tx);
	en_stat(walk, tx.tso_packets, "tso_packets");
	en_stat(walk, tx.stops, "queue_stopped");
	en_stat(walk, tx.wakes, "wake_queue");
	en_stat(walk, tx.timeouts, "tx_timeout");
	en_stat(walk, rx.alloc_fail, "rx_alloc_fail");
	en_stat(walk, rx.csum_unnecessary, "rx_csum_good");
	en_stat(walk, rx.csum_none, "rx_csum_none");
	en_stat(walk, rx.csum_complete, "rx_csum_complete");
	en_stat(walk, tx.csum_partial, "tx_chksum_offload");
	en_stat(walk, rx.xdp_drop, "rx_xdp_drop");
	en_stat(walk, rx.xdp_redirect, "rx_xdp_redirect");
	en_stat(walk, rx.xdp_redirect_fail, "rx_xdp_redirect_fail");
	en_stat(walk, rx.xdp_tx, "rx_xdp_tx");
	en_stat(walk, rx.xdp_tx_full, "rx_xdp_tx_full");
	en_stat(walk, rx.xdp_pass, "rx_xdp_pass");
	en_stat(walk, rx.xdp_aborted, "rx_xdp_aborted");
}

static void en_walk_flow_side(struct en_stats_walk *walk, const char *side,
			      int entries, u32 pause, u32 duration,
			      u32 transition)
{
	char suffix[sizeof("_prio_0")] = "";
	int i;

	for (i = 0; i < entries; i++) {
		if (entries > 1)
			snprintf(suffix, sizeof(suffix), "_prio_%d", i & 7);
		en_stat(walk, en_flow_counter(walk->port, i, pause),
			"%s_pause%s", side, suffix);
		en_stat(walk, en_flow_counter(walk->port, i, duration),
			"%s_pause_duration%s", side, suffix);
		en_stat(walk, en_flow_counter(walk->port, i, transition),
			"%s_pause_transition%s", side, suffix);
	}
}

/* Without PFC all priorities have the same counters: one is enough */
static void en_walk_flow(struct en_netdev *en, struct en_stats_walk *walk)
{
	if (!en->adapter->caps.flow_statistics)
		return;
	en_walk_flow_side(walk, "rx", en->pfc_rx ? CX_PRIORITIES : 1,
			  CX_FLOW_STATS_RX_PAUSE, CX_FLOW_STATS_RX_DURATION,
			  CX_FLOW_STATS_RX_TRANSITION);
	en_walk_flow_side(walk, "tx", en->pfc_tx ? CX_PRIORITIES : 1,
			  CX_FLOW_STATS_TX_PAUSE, CX_FLOW_STATS_TX_DURATION,
			  CX_FLOW_STATS_TX_TRANSITION);
}

static void en_walk_columns(struct en_stats_walk *walk, const char *side,
			    u32 totals, u32 octets)
{
	char column[sizeof("prio_0")];
	int i;

	for (i = 0; i <= CX_ETH_STATS_UNTAGGED; i++) {
		if (i == CX_ETH_STATS_UNTAGGED)
			strscpy(column, "novlan", sizeof(column));
		else
			snprintf(column, sizeof(column), "prio_%d", i & 7);
		en_stat(walk,
			en_port_counter(
				walk->port,
				CX_ETH_STATS_TRIPLE(totals, i,
						    CX_ETH_STATS_FRAMES)),
			"%s_%s_packets", side, column);
		en_stat(walk,
			en_port_counter(
				walk->port,
				CX_ETH_STATS_TRIPLE(octets, i,
						    CX_ETH_STATS_OCTETS)),
			"%s_%s_bytes", side, column);
	}
}

static void en_walk_port(struct en_stats_walk *walk)
{
	const struct en_port_counters *port = walk->port;

	en_stat(walk, en_port_rx_sum(port, CX_ETH_STATS_MULTICAST),
		"rx_multicast_packets");
	en_stat(walk, en_port_rx_sum(port, CX_ETH_STATS_BROADCAST),
		"rx_broadcast_packets");
	en_stat(walk, en_port_field(port, CX_ETH_STATS_RX_JABBER),
		"rx_jabbers");
	en_stat(walk, en_port_field(port, CX_ETH_STATS_RX_IN_RANGE_LENGTH),
		"rx_in_range_length_error");
	en_stat(walk, en_port_field(port, CX_ETH_STATS_RX_OUT_RANGE_LENGTH),
		"rx_out_range_length_error");
	en_stat(walk, en_port_tx_sum(port, CX_ETH_STATS_MULTICAST),
		"tx_multicast_packets");
	en_stat(walk, en_port_tx_sum(port, CX_ETH_STATS_BROADCAST),
		"tx_broadcast_packets");
	en_walk_columns(walk, "rx", CX_ETH_STATS_RX_TOTALS,
			CX_ETH_STATS_RX_OCTETS);
	en_walk_columns(walk, "tx", CX_ETH_STATS_TX_TOTALS,
			CX_ETH_STATS_TX_OCTETS);
	en_stat(walk,
		en_port_triple_sum(port, CX_ETH_STATS_RX_TOTALS,
				   CX_ETH_STATS_FRAMES),
		"rx_packets_phy");
	en_stat(walk,
		en_port_triple_sum(port, CX_ETH_STATS_RX_OCTETS,
				   CX_ETH_STATS_OCTETS),
		"rx_bytes_phy");
	en_stat(walk,
		en_port_triple_sum(port, CX_ETH_STATS_TX_TOTALS,
				   CX_ETH_STATS_FRAMES),
		"tx_packets_phy");
	en_stat(walk,
		en_port_triple_sum(port, CX_ETH_STATS_TX_OCTETS,
				   CX_ETH_STATS_OCTETS),
		"tx_bytes_phy");
}

static void en_walk_rx(struct en_stats_walk *walk, int index,
		       const struct en_rx_ring *ring)
{
	struct en_rx_stats rx = {};

	if (ring && walk->values)
		en_read_rx_stats(ring, &rx);
	en_stat(walk, rx.packets, "rx%d_packets", index);
	en_stat(walk, rx.bytes, "rx%d_bytes", index);
	en_stat(walk, rx.drops, "rx%d_dropped", index);
	en_stat(walk, rx.xdp_drop, "rx%d_xdp_drop", index);
	en_stat(walk, rx.xdp_redirect, "rx%d_xdp_redirect", index);
	en_stat(walk, rx.xdp_tx, "rx%d_xdp_tx", index);
}

static void en_walk_tx(struct en_stats_walk *walk, int index,
		       const struct en_tx_ring *ring)
{
	struct en_tx_stats tx = {};

	if (ring && walk->values)
		en_read_tx_stats(ring, &tx);
	en_stat(walk, tx.packets, "tx%d_packets", index);
	en_stat(walk, tx.bytes, "tx%d_bytes", index);
}

/* As many as configured: a closed device shows the same list, with zeros */
static void en_walk_rings(struct en_netdev *en, struct en_stats_walk *walk)
{
	const struct en_channels *channels = en->channels;
	int tx = en_tx_queue_count(&en->config);
	int i;

	for (i = 0; i < tx; i++)
		en_walk_tx(walk, i,
			   channels && i < channels->tx_count ?
				   channels->tx[i] :
				   NULL);
	for (i = 0; i < en->config.rx_channels; i++)
		en_walk_rx(walk, i,
			   channels && i < channels->count ?
				   channels->channel[i]->rx :
				   NULL);
}

static void en_walk(struct en_netdev *en, struct en_stats_walk *walk)
{
	static const struct en_port_counters nothing;
	struct en_port_counters *port = NULL;

	if (walk->values)
		port = en_port_stats_snapshot(en);
	walk->port = port ? port : &nothing;
	en_walk_link(en, walk);
	en_walk_software(en, walk);
	en_walk_flow(en, walk);
	en_walk_port(walk);
	en_walk_rings(en, walk);
	kfree(port);
}

int en_stats_count(struct en_netdev *en)
{
	struct en_stats_walk walk = {};

	en_walk(en, &walk);
	return walk.count;
}

void en_stats_strings(struct en_netdev *en, u8 *data)
{
	struct en_stats_walk walk = { .strings = data };

	en_walk(en, &walk);
}

void en_get_ethtool_stats(struct net_device *dev, struct ethtool_stats *stats,
			  u64 *data)
{
	struct en_stats_walk walk = { .values = data };

	en_walk(netdev_priv(dev), &walk);
}
