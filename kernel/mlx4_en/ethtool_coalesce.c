// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt moderation of ethtool, of all queues or of one, changed in place. A
 * queue's is kept by its index, the receive part for receive queues and the
 * other one for send queues, so that whatever rings come later have it too.
 */
#include "mlx4_en/en_ethtool.h"

/* As many as there can be queues of either kind */
static u32 en_moderation_count(const struct en_netdev *en)
{
	return max(en->dev->num_rx_queues, en->dev->num_tx_queues);
}

static void en_show_moderation(const struct en_moderation *moderation,
			       struct ethtool_coalesce *coalesce)
{
	coalesce->rx_coalesce_usecs = moderation->rx_usecs;
	coalesce->rx_max_coalesced_frames = moderation->rx_frames;
	coalesce->tx_coalesce_usecs = moderation->tx_usecs;
	coalesce->tx_max_coalesced_frames = moderation->tx_frames;
	coalesce->use_adaptive_rx_coalesce = moderation->adaptive_rx;
}

int en_get_coalesce(struct net_device *dev, struct ethtool_coalesce *coalesce,
		    struct kernel_ethtool_coalesce *kernel_coalesce,
		    struct netlink_ext_ack *extack)
{
	const struct en_netdev *en = netdev_priv(dev);

	en_show_moderation(&en->config.moderation, coalesce);
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

/* The rings that have this index, as en->moderation says */
static int en_moderate_queue(struct en_netdev *en, u32 queue)
{
	const struct en_moderation *moderation = &en->moderation[queue];
	struct en_channels *channels = en->channels;
	int err = 0;

	if (queue < channels->config.rx_channels) {
		struct en_channel *channel = channels->channel[queue];

		err = en_moderate_rx(channel->rx, moderation);
		if (!err && channel->xdp_tx)
			err = en_moderate_tx(channel->xdp_tx, moderation);
	}
	if (!err && queue < channels->tx_count)
		err = en_moderate_tx(channels->tx[queue], moderation);
	return err;
}

static u32 en_queue_indexes(const struct en_netdev *en)
{
	return max(en->config.rx_channels, en_tx_queue_count(&en->config));
}

/* From @first on @count queues; what is away or closed has it when it opens */
static int en_moderate(struct en_netdev *en, u32 first, u32 count)
{
	u32 i;
	int err;

	if (!en->channels || en->suspended)
		return 0;
	for (i = first; i < first + count; i++) {
		err = en_moderate_queue(en, i);
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
	u32 all = en_moderation_count(en), i;
	struct en_moderation *before, next;
	int err;

	err = en_take_moderation(coalesce, &next, extack);
	if (err)
		return err;
	before = kmemdup(en->moderation, all * sizeof(*before), GFP_KERNEL);
	if (!before)
		return -ENOMEM;
	for (i = 0; i < all; i++)
		en->moderation[i] = next;
	err = en_moderate(en, 0, en_queue_indexes(en));
	if (err) {
		memcpy(en->moderation, before, all * sizeof(*before));
		en_moderate(en, 0, en_queue_indexes(en));
	} else {
		en->config.moderation = next;
	}
	kfree(before);
	return err;
}

int en_get_per_queue_coalesce(struct net_device *dev, u32 queue,
			      struct ethtool_coalesce *coalesce)
{
	const struct en_netdev *en = netdev_priv(dev);

	if (queue >= en_queue_indexes(en))
		return -EINVAL;
	en_show_moderation(&en->moderation[queue], coalesce);
	return 0;
}

int en_set_per_queue_coalesce(struct net_device *dev, u32 queue,
			      struct ethtool_coalesce *coalesce)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_moderation before, next;
	int err;

	if (queue >= en_queue_indexes(en))
		return -EINVAL;
	err = en_take_moderation(coalesce, &next, NULL);
	if (err)
		return err;
	before = en->moderation[queue];
	en->moderation[queue] = next;
	err = en_moderate(en, queue, 1);
	if (err) {
		en->moderation[queue] = before;
		en_moderate(en, queue, 1);
	}
	return err;
}

/**
 * en_moderation_create - all queues of a new device as its configuration says
 * @en: the device
 *
 * Return: 0 or -ENOMEM.
 */
int en_moderation_create(struct en_netdev *en)
{
	u32 count = en_moderation_count(en), i;

	en->moderation = kcalloc(count, sizeof(*en->moderation), GFP_KERNEL);
	if (!en->moderation)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		en->moderation[i] = en->config.moderation;
	return 0;
}

/**
 * en_moderation_destroy - undo en_moderation_create()
 * @en: the device, unregistered
 */
void en_moderation_destroy(struct en_netdev *en)
{
	kfree(en->moderation);
	en->moderation = NULL;
}
