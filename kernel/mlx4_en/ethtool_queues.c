// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings, channels and interrupt moderation of ethtool. Sizes and numbers are
 * changed by going over to other rings (reconfigure.c), moderation in place.
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

int en_get_coalesce(struct net_device *dev, struct ethtool_coalesce *coalesce,
		    struct kernel_ethtool_coalesce *kernel_coalesce,
		    struct netlink_ext_ack *extack)
{
	const struct en_netdev *en = netdev_priv(dev);
	const struct en_moderation *moderation = &en->config.moderation;

	coalesce->rx_coalesce_usecs = moderation->rx_usecs;
	coalesce->rx_max_coalesced_frames = moderation->rx_frames;
	coalesce->tx_coalesce_usecs = moderation->tx_usecs;
	coalesce->tx_max_coalesced_frames = moderation->tx_frames;
	coalesce->use_adaptive_rx_coalesce = moderation->adaptive_rx;
	return 0;
}

/* The adapter counts both in 16 bits */
static int en_take_moderation(const struct ethtool_coalesce *coalesce,
			      struct en_moderation *moderation,
			      struct netlink_ext_ack *extack)
{
	if (coalesce->rx_coalesce_usecs > U16_MAX ||
	    coalesce->tx_coalesce_usecs > U16_MAX ||
	    coalesce->rx_max_coalesced_frames > U16_MAX ||
	    coalesce->tx_max_coalesced_frames > U16_MAX) {
		NL_SET_ERR_MSG_MOD(extack, "Times and numbers go up to 65535");
		return -ERANGE;
	}
	moderation->rx_usecs = coalesce->rx_coalesce_usecs;
	moderation->rx_frames = coalesce->rx_max_coalesced_frames;
	moderation->tx_usecs = coalesce->tx_coalesce_usecs;
	moderation->tx_frames = coalesce->tx_max_coalesced_frames;
	moderation->adaptive_rx = coalesce->use_adaptive_rx_coalesce;
	return 0;
}

static int en_moderate_rx(struct en_rx_ring *ring,
			  const struct en_moderation *moderation)
{
	WRITE_ONCE(ring->adaptive, moderation->adaptive_rx);
	/* A work of before must not have the last word */
	cancel_work_sync(&ring->dim.work);
	ring->dim.state = DIM_START_MEASURE;
	return cx_cq_moderate(&ring->cq, moderation->rx_usecs,
			      moderation->rx_frames);
}

static int en_moderate_tx(struct en_tx_ring *ring,
			  const struct en_moderation *moderation)
{
	return cx_cq_moderate(&ring->cq, moderation->tx_usecs,
			      moderation->tx_frames);
}

static int en_moderate_all(struct en_channels *channels,
			   const struct en_moderation *moderation)
{
	int i, err;

	for (i = 0; i < channels->count; i++) {
		struct en_channel *channel = channels->channel[i];

		err = channel->rx ? en_moderate_rx(channel->rx, moderation) : 0;
		if (!err && channel->xdp_tx)
			err = en_moderate_tx(channel->xdp_tx, moderation);
		if (err)
			return err;
	}
	for (i = 0; i < channels->tx_count; i++) {
		err = en_moderate_tx(channels->tx[i], moderation);
		if (err)
			return err;
	}
	return 0;
}

int en_set_coalesce(struct net_device *dev, struct ethtool_coalesce *coalesce,
		    struct kernel_ethtool_coalesce *kernel_coalesce,
		    struct netlink_ext_ack *extack)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_moderation next;
	int err;

	err = en_take_moderation(coalesce, &next, extack);
	if (err)
		return err;
	if (en->channels && !en->suspended) {
		err = en_moderate_all(en->channels, &next);
		if (err) {
			en_moderate_all(en->channels, &en->config.moderation);
			return err;
		}
		en->channels->config.moderation = next;
	}
	en->config.moderation = next;
	return 0;
}
