// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which frames the port accepts: its own address, the lists of further
 * addresses, promiscuous and all-multicast. The stack says what it wants in
 * atomic context, steering sleeps; a work applies the difference between what
 * is wanted and what steering was told.
 */
#include <linux/jhash.h>

#include "mlx4_en/en.h"

#define EN_ADDRESS_BUCKETS 64

/* An address that steering was told, or is to be told */
struct en_address {
	struct hlist_node node;
	u8 mac[ETH_ALEN];
	bool wanted;
	bool steered;
};

struct en_rx_mode {
	struct mutex lock; /* work against open and stop */
	bool active;
	struct hlist_head addresses[EN_ADDRESS_BUCKETS];
	bool promiscuous, all_multicast; /* as steering knows them */
	bool short_said; /* the complaint, once for each shortage */
};

/* What one run of the work has found out */
struct en_rx_wish {
	bool promiscuous, all_multicast;
	bool unicast_short, multicast_short;
};

static struct hlist_head *en_bucket(struct en_rx_mode *mode, const u8 *mac)
{
	return &mode->addresses[jhash(mac, ETH_ALEN, 0) % EN_ADDRESS_BUCKETS];
}

/* Marks @mac as wanted; under the device's address lock */
static void en_want(struct en_rx_mode *mode, const u8 *mac,
		    struct en_rx_wish *wish)
{
	struct hlist_head *bucket = en_bucket(mode, mac);
	struct en_address *address;

	hlist_for_each_entry(address, bucket, node) {
		if (ether_addr_equal(address->mac, mac)) {
			address->wanted = true;
			return;
		}
	}
	address = kzalloc(sizeof(*address), GFP_ATOMIC);
	if (!address) {
		if (is_multicast_ether_addr(mac))
			wish->multicast_short = true;
		else
			wish->unicast_short = true;
		return;
	}
	ether_addr_copy(address->mac, mac);
	address->wanted = true;
	hlist_add_head(&address->node, bucket);
}

static void en_collect(struct en_netdev *en, struct en_rx_wish *wish)
{
	struct en_rx_mode *mode = en->rx_mode;
	struct net_device *dev = en->dev;
	struct en_address *address;
	struct netdev_hw_addr *ha;
	int i;

	for (i = 0; i < EN_ADDRESS_BUCKETS; i++)
		hlist_for_each_entry(address, &mode->addresses[i], node)
			address->wanted = false;

	netif_addr_lock_bh(dev);
	wish->promiscuous = dev->flags & IFF_PROMISC;
	wish->all_multicast = dev->flags & IFF_ALLMULTI;
	netdev_for_each_uc_addr(ha, dev)
		en_want(mode, ha->addr, wish);
	netdev_for_each_mc_addr(ha, dev)
		en_want(mode, ha->addr, wish);
	netif_addr_unlock_bh(dev);
}

static void en_add_wanted(struct en_netdev *en, struct en_rx_wish *wish)
{
	struct en_rx_mode *mode = en->rx_mode;
	struct en_address *address;
	int i;

	for (i = 0; i < EN_ADDRESS_BUCKETS; i++) {
		hlist_for_each_entry(address, &mode->addresses[i], node) {
			if (!address->wanted || address->steered)
				continue;
			if (!cx_steer_add(en->port, address->mac))
				address->steered = true;
			else if (is_multicast_ether_addr(address->mac))
				wish->multicast_short = true;
			else
				wish->unicast_short = true;
		}
	}
}

static void en_remove_unwanted(struct en_netdev *en)
{
	struct en_rx_mode *mode = en->rx_mode;
	struct en_address *address;
	struct hlist_node *next;
	int i;

	for (i = 0; i < EN_ADDRESS_BUCKETS; i++) {
		hlist_for_each_entry_safe(address, next, &mode->addresses[i],
					  node) {
			if (address->wanted)
				continue;
			if (address->steered)
				cx_steer_remove(en->port, address->mac);
			hlist_del(&address->node);
			kfree(address);
		}
	}
}

static void en_say_short(struct en_netdev *en, const struct en_rx_wish *wish)
{
	struct en_rx_mode *mode = en->rx_mode;
	bool is_short = wish->unicast_short || wish->multicast_short;

	if (is_short && !mode->short_said)
		netdev_warn(en->dev,
			    "no room for every address: accepting all %s\n",
			    wish->unicast_short ? "frames" :
						  "multicast frames");
	mode->short_said = is_short;
}

/*
 * What accepts more is done before what accepts less, so that no wanted frame
 * is missed in between.
 */
static void en_rx_mode_apply(struct en_netdev *en)
{
	struct en_rx_mode *mode = en->rx_mode;
	struct en_rx_wish wish = {};
	bool promiscuous, all_multicast;

	en_collect(en, &wish);
	en_add_wanted(en, &wish);
	en_say_short(en, &wish);

	promiscuous = wish.promiscuous || wish.unicast_short;
	all_multicast = wish.all_multicast || wish.multicast_short;
	if (all_multicast != mode->all_multicast &&
	    !cx_steer_all_multicast(en->port, all_multicast))
		mode->all_multicast = all_multicast;
	if (promiscuous != mode->promiscuous &&
	    !cx_steer_promiscuous(en->port, promiscuous))
		mode->promiscuous = promiscuous;
	if (promiscuous != mode->promiscuous ||
	    all_multicast != mode->all_multicast)
		netdev_warn(en->dev, "the adapter refused the receive mode\n");
	en_remove_unwanted(en);
}

static void en_rx_mode_work(struct work_struct *work)
{
	struct en_netdev *en =
		container_of(work, struct en_netdev, rx_mode_work);
	struct en_rx_mode *mode = en->rx_mode;

	mutex_lock(&mode->lock);
	if (mode->active)
		en_rx_mode_apply(en);
	mutex_unlock(&mode->lock);
}

static void en_forget_addresses(struct en_rx_mode *mode)
{
	struct en_address *address;
	struct hlist_node *next;
	int i;

	for (i = 0; i < EN_ADDRESS_BUCKETS; i++) {
		hlist_for_each_entry_safe(address, next, &mode->addresses[i],
					  node) {
			hlist_del(&address->node);
			kfree(address);
		}
	}
	mode->promiscuous = false;
	mode->all_multicast = false;
}

/**
 * en_rx_mode_init - prepare the receive mode of a new device
 * @en: the device
 *
 * Return: 0 or -ENOMEM.
 */
int en_rx_mode_init(struct en_netdev *en)
{
	struct en_rx_mode *mode = kzalloc(sizeof(*mode), GFP_KERNEL);

	if (!mode)
		return -ENOMEM;
	mutex_init(&mode->lock);
	en->rx_mode = mode;
	INIT_WORK(&en->rx_mode_work, en_rx_mode_work);
	return 0;
}

/**
 * en_rx_mode_exit - end the work and free what it knew
 * @en: the device, unregistered; may never have been through init
 */
void en_rx_mode_exit(struct en_netdev *en)
{
	if (!en->rx_mode)
		return;
	cancel_work_sync(&en->rx_mode_work);
	en_forget_addresses(en->rx_mode);
	mutex_destroy(&en->rx_mode->lock);
	kfree(en->rx_mode);
	en->rx_mode = NULL;
}

/* ndo_set_rx_mode: atomic */
void en_set_rx_mode(struct net_device *dev)
{
	struct en_netdev *en = netdev_priv(dev);

	queue_work(en->workqueue, &en->rx_mode_work);
}

/**
 * en_rx_mode_sync - tell steering the receive mode, all of it
 * @en: the device; steering has just been opened and knows its own address
 *
 * The VLAN filter is sent as well: it may have changed while the port was
 * closed, and a reset forgets it.
 */
void en_rx_mode_sync(struct en_netdev *en)
{
	struct en_rx_mode *mode = en->rx_mode;

	en_vlan_sync(en);
	mutex_lock(&mode->lock);
	if (!mode->active)
		en_forget_addresses(mode);
	mode->active = true;
	en_rx_mode_apply(en);
	mutex_unlock(&mode->lock);
}

/**
 * en_rx_mode_stop - leave steering alone from here on
 * @en: the device; its steering is about to be closed, with all addresses
 */
void en_rx_mode_stop(struct en_netdev *en)
{
	struct en_rx_mode *mode = en->rx_mode;

	mutex_lock(&mode->lock);
	mode->active = false;
	en_forget_addresses(mode);
	mutex_unlock(&mode->lock);
}

/**
 * en_set_mac_address - ndo_set_mac_address
 * @dev: the device
 * @address: a struct sockaddr with the new address
 *
 * Return: 0; -EADDRNOTAVAIL for an address that no station may have; what the
 * adapter says, and then nothing has changed.
 */
int en_set_mac_address(struct net_device *dev, void *address)
{
	struct en_netdev *en = netdev_priv(dev);
	const u8 *mac = ((struct sockaddr *)address)->sa_data;
	int err;

	if (!is_valid_ether_addr(mac))
		return -EADDRNOTAVAIL;
	if (en->channels && !en->suspended) {
		err = cx_steer_set_mac(en->port, mac);
		if (err)
			return err;
	}
	eth_hw_addr_set(dev, mac);
	if (en->flows)
		en_flows_restore(en);
	/* Rules of flows name the address before */
	en_arfs_stop(en);
	en_arfs_start(en);
	/* For the card's management alone: no frame depends on it */
	if (en->adapter->caps.user_mac && !en->suspended &&
	    cx_port_set_user_mac(en->port, mac))
		netdev_warn(
			dev,
			"the adapter's management keeps the address before\n");
	return 0;
}
