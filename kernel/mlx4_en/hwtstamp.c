// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time stamps of frames, switched on and off. The adapter stamps every frame
 * of a completion queue or none, so that each filter becomes "all".
 */
#include "mlx4_en/en.h"

/**
 * en_hwtstamp_get - ndo_hwtstamp_get
 * @dev: the device
 * @config: what is switched on
 *
 * Return: 0; -EOPNOTSUPP on a card without a clock.
 */
int en_hwtstamp_get(struct net_device *dev,
		    struct kernel_hwtstamp_config *config)
{
	struct en_netdev *en = netdev_priv(dev);

	if (!en->clock)
		return -EOPNOTSUPP;
	config->flags = 0;
	config->tx_type = en->config.timestamps.tx_type;
	config->rx_filter = en->config.timestamps.rx_filter;
	return 0;
}

/**
 * en_hwtstamp_set - ndo_hwtstamp_set
 * @dev: the device. Under rtnl.
 * @config: what is wanted, and what it became
 * @extack: why not
 *
 * Return: 0; -EOPNOTSUPP on a card without a clock; -ERANGE for a kind of
 * stamp that it cannot; what going over to other queues says.
 */
int en_hwtstamp_set(struct net_device *dev,
		    struct kernel_hwtstamp_config *config,
		    struct netlink_ext_ack *extack)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_config next = en->config;
	int err;

	if (!en->clock) {
		NL_SET_ERR_MSG_MOD(extack, "This card has no time stamps");
		return -EOPNOTSUPP;
	}
	if (config->tx_type != HWTSTAMP_TX_OFF &&
	    config->tx_type != HWTSTAMP_TX_ON) {
		NL_SET_ERR_MSG_MOD(
			extack,
			"Sent frames are stamped in their completion, not in the frame");
		return -ERANGE;
	}
	if (config->rx_filter != HWTSTAMP_FILTER_NONE)
		config->rx_filter = HWTSTAMP_FILTER_ALL;

	next.timestamps.tx_type = config->tx_type;
	next.timestamps.rx_filter = config->rx_filter;
	err = en_reconfigure(en, &next);
	if (err)
		return err;
	/*
	 * Time stamp and VLAN tag share bytes of a completion: stripping goes
	 * off and comes back with stamps of received frames.
	 */
	netdev_update_features(dev);
	return 0;
}
