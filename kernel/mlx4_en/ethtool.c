// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of ethtool operations, and those that take a few lines: identity,
 * pause, Wake-on-LAN, the LED, time stamps.
 */
#include "mlx4_en/en_ethtool.h"

static void en_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	const struct en_netdev *en = netdev_priv(dev);
	const struct cx_caps *caps = &en->adapter->caps;

	strscpy(info->driver, EN_DRIVER_NAME, sizeof(info->driver));
	strscpy(info->version, CX_DRIVER_VERSION, sizeof(info->version));
	strscpy(info->bus_info, pci_name(en->adapter->pdev),
		sizeof(info->bus_info));
	/* Board ids are MT_ and ten digits: as long as there is room */
	snprintf(info->fw_version, sizeof(info->fw_version),
		 "%u.%u.%04u%s%.13s", caps->fw_major, caps->fw_minor,
		 caps->fw_subminor, caps->board_id[0] ? " " : "",
		 caps->board_id);
}

static u32 en_get_msglevel(struct net_device *dev)
{
	const struct en_netdev *en = netdev_priv(dev);

	return en->msg_enable;
}

static void en_set_msglevel(struct net_device *dev, u32 level)
{
	struct en_netdev *en = netdev_priv(dev);

	en->msg_enable = level;
}

static void en_get_pauseparam(struct net_device *dev,
			      struct ethtool_pauseparam *pause)
{
	const struct en_netdev *en = netdev_priv(dev);

	pause->autoneg = AUTONEG_DISABLE;
	pause->rx_pause = en->pause_rx;
	pause->tx_pause = en->pause_tx;
}

/* Pause and PFC exclude each other: who switches on pause ends PFC */
static int en_set_pauseparam(struct net_device *dev,
			     struct ethtool_pauseparam *pause)
{
	struct en_netdev *en = netdev_priv(dev);
	bool rx = en->pause_rx, tx = en->pause_tx;
	u8 pfc_rx = en->pfc_rx, pfc_tx = en->pfc_tx;
	int err;

	if (pause->autoneg)
		return -EINVAL;
	en->pause_rx = pause->rx_pause;
	en->pause_tx = pause->tx_pause;
	if (en->pause_rx || en->pause_tx) {
		en->pfc_rx = 0;
		en->pfc_tx = 0;
	}
	err = en_apply_port_settings(en);
	if (err) {
		en->pause_rx = rx;
		en->pause_tx = tx;
		en->pfc_rx = pfc_rx;
		en->pfc_tx = pfc_tx;
	}
	return err;
}

static void en_get_wol(struct net_device *dev, struct ethtool_wolinfo *wol)
{
	struct en_netdev *en = netdev_priv(dev);

	if (!en->adapter->caps.wol[en->port->number - 1])
		return;
	wol->supported = WAKE_MAGIC;
	if (cx_port_get_wol(en->port) > 0)
		wol->wolopts = WAKE_MAGIC;
}

static int en_set_wol(struct net_device *dev, struct ethtool_wolinfo *wol)
{
	struct en_netdev *en = netdev_priv(dev);

	if (!en->adapter->caps.wol[en->port->number - 1])
		return -EOPNOTSUPP;
	if (wol->wolopts & ~WAKE_MAGIC)
		return -EINVAL;
	return cx_port_set_wol(en->port, wol->wolopts & WAKE_MAGIC);
}

static int en_set_phys_id(struct net_device *dev,
			  enum ethtool_phys_id_state state)
{
	struct en_netdev *en = netdev_priv(dev);

	if (!en->adapter->caps.port_beacon)
		return -EOPNOTSUPP;
	switch (state) {
	case ETHTOOL_ID_ACTIVE:
		return cx_port_set_beacon(en->port, CX_PORT_BEACON_FOREVER);
	case ETHTOOL_ID_INACTIVE:
		return cx_port_set_beacon(en->port, 0);
	default:
		return -EOPNOTSUPP;
	}
}

static int en_get_ts_info(struct net_device *dev,
			  struct kernel_ethtool_ts_info *info)
{
	const struct en_netdev *en = netdev_priv(dev);
	int err;

	err = ethtool_op_get_ts_info(dev, info);
	if (err || !en->clock)
		return err;
	info->so_timestamping |=
		SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_HARDWARE |
		SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
	info->tx_types = BIT(HWTSTAMP_TX_OFF) | BIT(HWTSTAMP_TX_ON);
	info->rx_filters = BIT(HWTSTAMP_FILTER_NONE) | BIT(HWTSTAMP_FILTER_ALL);
	info->phc_index = en_clock_index(en);
	return 0;
}

static int en_get_sset_count(struct net_device *dev, int set)
{
	struct en_netdev *en = netdev_priv(dev);

	switch (set) {
	case ETH_SS_STATS:
		return en_stats_count(en);
	case ETH_SS_TEST:
		return en_test_count(en);
	case ETH_SS_PRIV_FLAGS:
		/* The stack's bit sets cannot be empty */
		return en_priv_flags_count(en) ?: -EOPNOTSUPP;
	default:
		return -EOPNOTSUPP;
	}
}

static void en_get_strings(struct net_device *dev, u32 set, u8 *data)
{
	struct en_netdev *en = netdev_priv(dev);

	if (set == ETH_SS_STATS)
		en_stats_strings(en, data);
	else if (set == ETH_SS_TEST)
		en_test_strings(en, data);
	else if (set == ETH_SS_PRIV_FLAGS)
		en_priv_flags_strings(en, data);
}

COMPAT_DEFINE_RXFH(en_get_rxfh, en_set_rxfh);
COMPAT_DEFINE_RXNFC(en_get_rxnfc, en_set_rxnfc, en_get_rx_ring_count,
		    en_get_rxfh_fields, en_set_rxfh_fields);

const struct ethtool_ops en_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_USECS |
				     ETHTOOL_COALESCE_MAX_FRAMES |
				     ETHTOOL_COALESCE_USE_ADAPTIVE_RX,
	.get_drvinfo = en_get_drvinfo,
	.get_regs_len = en_get_regs_len,
	.get_regs = en_get_regs,
	.get_msglevel = en_get_msglevel,
	.set_msglevel = en_set_msglevel,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = en_get_link_ksettings,
	.set_link_ksettings = en_set_link_ksettings,
	.get_link_ext_state = en_get_link_ext_state,
	.get_wol = en_get_wol,
	.set_wol = en_set_wol,
	.set_phys_id = en_set_phys_id,
	.get_pauseparam = en_get_pauseparam,
	.set_pauseparam = en_set_pauseparam,
	.get_pause_stats = en_get_pause_stats,
	.get_ringparam = en_get_ringparam,
	.set_ringparam = en_set_ringparam,
	.get_channels = en_get_channels,
	.set_channels = en_set_channels,
	.get_coalesce = en_get_coalesce,
	.set_coalesce = en_set_coalesce,
	.get_per_queue_coalesce = en_get_per_queue_coalesce,
	.set_per_queue_coalesce = en_set_per_queue_coalesce,
	.get_rxfh_key_size = en_get_rxfh_key_size,
	.get_rxfh_indir_size = en_get_rxfh_indir_size,
	COMPAT_RXFH_OPS(en_get_rxfh, en_set_rxfh),
	COMPAT_RXNFC_OPS(en_get_rxnfc, en_set_rxnfc, en_get_rx_ring_count,
			 en_get_rxfh_fields, en_set_rxfh_fields),
	.get_tunable = en_get_tunable,
	.set_tunable = en_set_tunable,
	.get_ts_info = en_get_ts_info,
	.get_module_info = en_get_module_info,
	.get_module_eeprom = en_get_module_eeprom,
	.get_module_eeprom_by_page = en_get_module_eeprom_by_page,
	.get_sset_count = en_get_sset_count,
	.get_strings = en_get_strings,
	.get_priv_flags = en_get_priv_flags,
	.set_priv_flags = en_set_priv_flags,
	.get_ethtool_stats = en_get_ethtool_stats,
	.get_eth_phy_stats = en_get_eth_phy_stats,
	.get_eth_mac_stats = en_get_eth_mac_stats,
	.get_eth_ctrl_stats = en_get_eth_ctrl_stats,
	.get_rmon_stats = en_get_rmon_stats,
	.self_test = en_self_test,
};
