// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters whose meaning the kernel defines (ethtool -S --groups): what of
 * them the port counts. The others are left as "not counted".
 */
#include "mlx4_en/en_ethtool.h"
#include "mlx4_en/port_stats.h"

void en_get_pause_stats(struct net_device *dev,
			struct ethtool_pause_stats *stats)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_port_counters *port;

	if (!en->adapter->caps.flow_statistics)
		return;
	port = en_port_stats_snapshot(en);
	if (!port)
		return;
	/* Without PFC every priority shows the pause frames of the port */
	if (!en->pfc_rx)
		stats->rx_pause_frames =
			en_flow_counter(port, 0, CX_FLOW_STATS_RX_PAUSE);
	if (!en->pfc_tx)
		stats->tx_pause_frames =
			en_flow_counter(port, 0, CX_FLOW_STATS_TX_PAUSE);
	kfree(port);
}

void en_get_eth_phy_stats(struct net_device *dev,
			  struct ethtool_eth_phy_stats *stats)
{
	struct en_port_counters *port =
		en_port_stats_snapshot(netdev_priv(dev));

	if (!port)
		return;
	stats->SymbolErrorDuringCarrier =
		en_port_field(port, CX_ETH_STATS_RX_PCS);
	kfree(port);
}

void en_get_eth_mac_stats(struct net_device *dev,
			  struct ethtool_eth_mac_stats *stats)
{
	struct en_port_counters *port =
		en_port_stats_snapshot(netdev_priv(dev));

	if (!port)
		return;
	stats->FramesTransmittedOK = en_port_triple_sum(
		port, CX_ETH_STATS_TX_TOTALS, CX_ETH_STATS_FRAMES);
	stats->OctetsTransmittedOK = en_port_triple_sum(
		port, CX_ETH_STATS_TX_OCTETS, CX_ETH_STATS_OCTETS);
	stats->MulticastFramesXmittedOK =
		en_port_tx_sum(port, CX_ETH_STATS_MULTICAST);
	stats->BroadcastFramesXmittedOK =
		en_port_tx_sum(port, CX_ETH_STATS_BROADCAST);
	stats->FramesLostDueToIntMACXmitError =
		en_port_field(port, CX_ETH_STATS_TX_DROP);
	stats->FramesReceivedOK = en_port_rx_sum(port, CX_ETH_STATS_UNICAST) +
				  en_port_rx_sum(port, CX_ETH_STATS_MULTICAST) +
				  en_port_rx_sum(port, CX_ETH_STATS_BROADCAST);
	stats->OctetsReceivedOK = en_port_triple_sum(
		port, CX_ETH_STATS_RX_OCTETS, CX_ETH_STATS_OCTETS);
	stats->MulticastFramesReceivedOK =
		en_port_rx_sum(port, CX_ETH_STATS_MULTICAST);
	stats->BroadcastFramesReceivedOK =
		en_port_rx_sum(port, CX_ETH_STATS_BROADCAST);
	stats->FrameCheckSequenceErrors =
		en_port_field(port, CX_ETH_STATS_RX_CRC);
	stats->FramesLostDueToIntMACRcvError =
		en_port_field(port, CX_ETH_STATS_RX_DROP_OVERFLOW);
	stats->InRangeLengthErrors =
		en_port_field(port, CX_ETH_STATS_RX_IN_RANGE_LENGTH);
	stats->OutOfRangeLengthField =
		en_port_field(port, CX_ETH_STATS_RX_OUT_RANGE_LENGTH);
	stats->FrameTooLongErrors =
		en_port_field(port, CX_ETH_STATS_RX_TOO_LONG);
	kfree(port);
}

void en_get_eth_ctrl_stats(struct net_device *dev,
			   struct ethtool_eth_ctrl_stats *stats)
{
	struct en_port_counters *port =
		en_port_stats_snapshot(netdev_priv(dev));

	if (!port)
		return;
	stats->MACControlFramesReceived =
		en_port_field(port, CX_ETH_STATS_RX_CONTROL);
	kfree(port);
}

static const struct ethtool_rmon_hist_range en_size_ranges[] = {
	{ 0, 64 },	{ 65, 127 },
	{ 128, 255 },	{ 256, 511 },
	{ 512, 1023 },	{ 1024, 1518 },
	{ 1519, 1522 }, { 1523, 1548 },
	{ 1549, 9600 }, {},
};

void en_get_rmon_stats(struct net_device *dev, struct ethtool_rmon_stats *stats,
		       const struct ethtool_rmon_hist_range **ranges)
{
	struct en_port_counters *port =
		en_port_stats_snapshot(netdev_priv(dev));
	int row;

	*ranges = en_size_ranges;
	if (!port)
		return;
	for (row = CX_ETH_STATS_64; row <= CX_ETH_STATS_TO_MTU; row++) {
		stats->hist[row] = en_port_rx_sum(port, row);
		stats->hist_tx[row] = en_port_tx_sum(port, row);
	}
	stats->undersize_pkts = en_port_field(port, CX_ETH_STATS_RX_SHORT);
	stats->oversize_pkts = en_port_rx_sum(port, CX_ETH_STATS_GIANT);
	stats->fragments = en_port_field(port, CX_ETH_STATS_RX_RUNT);
	stats->jabbers = en_port_field(port, CX_ETH_STATS_RX_JABBER);
	kfree(port);
}
