// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings and channels of ethtool: sizes and numbers are changed by going over to
 * other rings (reconfigure.c).
 */
#include "mlx4_en/en_ethtool.h"

void en_get_ringparam(struct net_device *dev, struct ethtool_ringparam *param,
		      struct kernel_ethtool_ringparam *kernel_param,
		      struct netlink_ext_ack *extack)
{
	const struct en_netdev *en = netdev_priv(dev);

	param->rx_max_pending = EN_ENTRIES_MAX;
	param->tx_max_pending = EN_ENTRIES_MAX;
	param->rx_pending = en->config.rx_entries;
	param->tx_pending = en->config.tx_entries;
}

int en_set_ringparam(struct net_device *dev, struct ethtool_ringparam *param,
		     struct kernel_ethtool_ringparam *kernel_param,
		     struct netlink_ext_ack *extack)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_config next = en->config;

	if (!param->rx_pending || !param->tx_pending) {
		NL_SET_ERR_MSG_MOD(extack, "A ring cannot be empty");
		return -EINVAL;
	}
	next.rx_entries = clamp_t(u32, roundup_pow_of_two(param->rx_pending),
				  EN_RX_ENTRIES_MIN, EN_ENTRIES_MAX);
	next.tx_entries = clamp_t(u32, roundup_pow_of_two(param->tx_pending),
				  EN_TX_ENTRIES_MIN, EN_ENTRIES_MAX);
	if (next.rx_entries == en->config.rx_entries &&
	    next.tx_entries == en->config.tx_entries)
		return 0;
	return en_reconfigure(en, &next);
}

void en_get_channels(struct net_device *dev, struct ethtool_channels *channels)
{
	struct en_netdev *en = netdev_priv(dev);

	channels->max_rx = en_max_rx_channels(en);
	channels->max_tx = en_max_tx_channels(en);
	channels->rx_count = en->config.rx_channels;
	channels->tx_count = en->config.tx_channels;
}

int en_set_channels(struct net_device *dev, struct ethtool_channels *channels)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_config next = en->config;
	u8 classes[TC_BITMASK + 1];
	int i, err;

	if (!channels->rx_count || !channels->tx_count)
		return -EINVAL;
	next.rx_channels = channels->rx_count;
	next.tx_channels = channels->tx_count;
	/* The core refuses fewer channels than a table of the user's names */
	if (next.rss.queues > next.rx_channels)
		next.rss.queues = 0;
	/* Classes of queues that go are a complaint of the stack's */
	for (i = 0; i <= TC_BITMASK; i++)
		classes[i] = netdev_get_prio_tc_map(dev, i);
	netdev_reset_tc(dev);
	err = en_reconfigure(en, &next);
	en_tc_sync(en);
	for (i = 0; i <= TC_BITMASK; i++)
		netdev_set_prio_tc_map(dev, i, classes[i]);
	return err;
}
