// SPDX-License-Identifier: GPL-2.0-only
/*
 * Offloads: which ones the card has, and what changes when they are switched
 * (docs/hardware/drivers.md, E9.2).
 */
#include "mlx4_en/en.h"

#define EN_CHECKSUMS (NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM)
#define EN_TSO (NETIF_F_TSO | NETIF_F_TSO_ECN | NETIF_F_TSO6)
#define EN_TUNNEL_TSO                                           \
	(NETIF_F_GSO_UDP_TUNNEL | NETIF_F_GSO_UDP_TUNNEL_CSUM | \
	 NETIF_F_GSO_PARTIAL)
#define EN_CVLAN (NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_RX)

static void en_init_vlan_features(struct net_device *dev,
				  const struct cx_caps *caps)
{
	dev->hw_features |= EN_CVLAN;
	dev->features |= NETIF_F_HW_VLAN_CTAG_FILTER;
	/* With "skip outer", service tags are no tags to the card. */
	if (caps->skip_outer_vlan)
		return;
	dev->hw_features |= NETIF_F_HW_VLAN_STAG_RX;
	dev->features |= NETIF_F_HW_VLAN_STAG_FILTER;
}

static void en_init_tunnel_features(struct net_device *dev,
				    const struct cx_caps *caps)
{
	if (!caps->vxlan)
		return;
	dev->hw_enc_features = EN_CHECKSUMS | NETIF_F_RXCSUM | NETIF_F_SG;
	if (!caps->max_lso)
		return;
	dev->hw_features |= EN_TUNNEL_TSO;
	dev->hw_enc_features |= EN_TSO | EN_TUNNEL_TSO;
	dev->gso_partial_features = NETIF_F_GSO_UDP_TUNNEL_CSUM;
}

/**
 * en_init_features - say what the card can do
 * @en: the device, not registered
 */
void en_init_features(struct en_netdev *en)
{
	const struct cx_caps *caps = &en->adapter->caps;
	struct net_device *dev = en->dev;

	dev->hw_features = NETIF_F_SG | EN_CHECKSUMS | NETIF_F_RXCSUM |
			   NETIF_F_RXHASH;
	if (caps->max_lso)
		dev->hw_features |= EN_TSO;
	dev->vlan_features = dev->hw_features & ~NETIF_F_RXHASH;
	en_init_vlan_features(dev, caps);
	en_init_tunnel_features(dev, caps);
	dev->features |= dev->hw_features | NETIF_F_HIGHDMA;

	/* These are off until somebody wants them */
	dev->hw_features |= NETIF_F_LOOPBACK;
	if (caps->fcs_keep)
		dev->hw_features |= NETIF_F_RXFCS;
	if (caps->ignore_fcs)
		dev->hw_features |= NETIF_F_RXALL;
	if (caps->svlan_insertion && !caps->skip_outer_vlan)
		dev->hw_features |= NETIF_F_HW_VLAN_STAG_TX;
	if (caps->steering == CX_STEERING_MANAGED)
		dev->hw_features |= NETIF_F_NTUPLE;
	if (caps->max_lso)
		netif_set_tso_max_size(dev, min_t(u32, caps->max_lso,
						  COMPAT_TSO_MAX_SIZE));
}

/* ndo_fix_features */
netdev_features_t en_fix_features(struct net_device *dev,
				  netdev_features_t features)
{
	struct en_netdev *en = netdev_priv(dev);

	/* A completion has room for a time stamp or a tag, not for both. */
	if (en->config.timestamps.rx_filter != HWTSTAMP_FILTER_NONE)
		features &= ~NETIF_F_HW_VLAN_CTAG_RX;
	/* One switch for both kinds of tags */
	if (features & NETIF_F_HW_VLAN_CTAG_RX)
		features |= dev->hw_features & NETIF_F_HW_VLAN_STAG_RX;
	else
		features &= ~NETIF_F_HW_VLAN_STAG_RX;
	return features;
}

/* The same queues do: only what they do with the next frame is another thing */
static void en_set_live_features(struct en_netdev *en,
				 netdev_features_t changed,
				 netdev_features_t features)
{
	struct en_channels *channels = en->channels;
	int i;

	en_rx_update_features(en);
	en_tx_update_flags(en);
	if (changed & NETIF_F_NTUPLE) {
		en_arfs_stop(en);
		en_arfs_start(en);
	}
	if (!(changed & NETIF_F_LOOPBACK) || !channels ||
	    !en->adapter->caps.update_qp)
		return;
	for (i = 0; i < channels->config.rx_channels; i++)
		if (cx_qp_set_loopback(&channels->channel[i]->rx->qp,
				       features & NETIF_F_LOOPBACK))
			netdev_warn(en->dev,
				    "no own multicast frames in loopback\n");
}

static int en_set_queue_features(struct en_netdev *en,
				 netdev_features_t features)
{
	struct en_config config = en->config;

	config.vlan_strip = features & NETIF_F_HW_VLAN_CTAG_RX;
	config.rx_fcs = features & NETIF_F_RXFCS;
	if (config.rx_fcs != en->config.rx_fcs ||
	    (config.vlan_strip != en->config.vlan_strip &&
	     config.timestamps.rx_filter == HWTSTAMP_FILTER_NONE))
		return en_reconfigure(en, &config);
	/* With time stamps nothing was stripped before, either. */
	en->config.vlan_strip = config.vlan_strip;
	if (en->channels)
		en->channels->config.vlan_strip = config.vlan_strip;
	return 0;
}

/* While the adapter is away nothing is sent: opening the port says it again */
static int en_set_rx_all(struct en_netdev *en, netdev_features_t features)
{
	if (en->suspended)
		return 0;
	return cx_port_set_ignore_fcs(en->port, features & NETIF_F_RXALL);
}

/**
 * en_set_phv - let the port insert service tags, which ETH_SS_PRIV_FLAGS shows
 * @en: the device. Under rtnl.
 * @on: let it
 *
 * Return: 0; -EOPNOTSUPP; -EBUSY while tags are inserted; what the adapter says.
 */
int en_set_phv(struct en_netdev *en, bool on)
{
	int err = 0;

	if (on == en->phv)
		return 0;
	if (!en->adapter->caps.svlan_insertion)
		return -EOPNOTSUPP;
	if (!on && (en->dev->features & NETIF_F_HW_VLAN_STAG_TX))
		return -EBUSY;
	/* Opening the port says it again */
	if (!en->suspended)
		err = cx_port_set_phv(en->port, on);
	if (!err)
		en->phv = on;
	return err;
}

/* ndo_set_features */
int en_set_features(struct net_device *dev, netdev_features_t features)
{
	struct en_netdev *en = netdev_priv(dev);
	netdev_features_t before = dev->features;
	netdev_features_t changed = features ^ before;
	int err;

	if (changed & features & NETIF_F_HW_VLAN_STAG_TX) {
		err = en_set_phv(en, true);
		if (err)
			return err;
	}
	if (changed & NETIF_F_RXALL) {
		err = en_set_rx_all(en, features);
		if (err)
			return err;
	}
	/* What rings are made from; the stack sets it once we return. */
	dev->features = features;
	err = en_set_queue_features(en, features);
	if (err) {
		dev->features = before;
		if (changed & NETIF_F_RXALL)
			en_set_rx_all(en, before);
		return err;
	}
	en_set_live_features(en, changed, features);
	dev->features = before;
	return 0;
}
