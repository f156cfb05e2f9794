// SPDX-License-Identifier: GPL-2.0-only
/*
 * VLAN identifiers that the port accepts. The adapter has one filter for both
 * kinds of tags, and survives the port's closing with it, but not a reset.
 */
#include "mlx4_en/en.h"

static unsigned long *en_vlans_of(struct en_netdev *en, __be16 proto)
{
	return proto == htons(ETH_P_8021AD) ? en->svlans : en->vlans;
}

static int en_vlan_send_filter(struct en_netdev *en)
{
	unsigned long *both;
	int err;

	if (en->suspended)
		return 0;
	both = bitmap_alloc(VLAN_N_VID, GFP_KERNEL);
	if (!both)
		return -ENOMEM;
	bitmap_or(both, en->vlans, en->svlans, VLAN_N_VID);
	err = cx_port_set_vlan_filter(en->port, both);
	bitmap_free(both);
	return err;
}

/**
 * en_vlan_sync - send the whole filter
 * @en: the device. Under rtnl.
 */
void en_vlan_sync(struct en_netdev *en)
{
	if (en_vlan_send_filter(en))
		netdev_warn(en->dev, "the adapter refused the VLAN filter\n");
}

/**
 * en_vlan_add - ndo_vlan_rx_add_vid
 * @dev: the device
 * @proto: the tag's EtherType
 * @vid: the identifier
 *
 * The port's VLAN table holds 126 identifiers and serves send contexts that
 * name an index; none of ours does, so that a full table is no error.
 *
 * Return: 0 or what the adapter says, and then nothing has changed.
 */
int en_vlan_add(struct net_device *dev, __be16 proto, u16 vid)
{
	struct en_netdev *en = netdev_priv(dev);
	unsigned long *vlans = en_vlans_of(en, proto);
	int err;

	if (test_and_set_bit(vid, vlans))
		return 0;
	err = en_vlan_send_filter(en);
	if (err)
		clear_bit(vid, vlans);
	return err;
}

/* ndo_vlan_rx_kill_vid, with the arguments of en_vlan_add() */
int en_vlan_kill(struct net_device *dev, __be16 proto, u16 vid)
{
	struct en_netdev *en = netdev_priv(dev);

	clear_bit(vid, en_vlans_of(en, proto));
	return en_vlan_send_filter(en);
}
