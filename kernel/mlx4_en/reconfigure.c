// SPDX-License-Identifier: GPL-2.0-only
/*
 * From one configuration to another while the device runs: the new rings are
 * built and fed beside the old ones, steering moves to them, sending stops for
 * the moment in which they change places, and the old ones drain. The link
 * stays, and no frame is lost.
 */
#include <net/netdev_queues.h>

#include "mlx4_en/channels.h"

/* Frames that old rings have taken are delivered within this time */
#define EN_DELIVER_MS 20

static bool en_delivered(struct en_channels *channels)
{
	u16 i;

	for (i = 0; i < channels->config.rx_channels; i++) {
		const struct en_rx_ring *ring = channels->channel[i]->rx;
		const struct cx_cq *cq = &ring->cq;

		if (!ring->broken && cx_cq_next(cq, READ_ONCE(cq->consumer)))
			return false;
	}
	return true;
}

/* Steering has moved away: what is under way goes up before polling ends. */
static void en_deliver_rest(struct en_channels *channels)
{
	unsigned long end = jiffies + msecs_to_jiffies(EN_DELIVER_MS);

	do {
		usleep_range(100, 200);
	} while (!en_delivered(channels) && time_before(jiffies, end));
}

/* The queues' byte limits start anew: the old rings count there no more. */
static void en_detach_queues(struct en_netdev *en, struct en_channels *channels)
{
	u16 i;

	for (i = 0; i < channels->tx_count; i++) {
		WRITE_ONCE(channels->tx[i]->queue, NULL);
		netdev_tx_reset_queue(netdev_get_tx_queue(en->dev, i));
	}
}

static void en_attach_queues(struct en_netdev *en, struct en_channels *channels)
{
	unsigned int i;

	for (i = 0; i < en->dev->num_tx_queues; i++)
		WRITE_ONCE(en->tx[i], channels && i < channels->tx_count ?
					      channels->tx[i] :
					      NULL);
}

/* Queues that the stack cannot have it does not use: no reason to fail. */
static void en_set_queue_numbers(struct en_netdev *en,
				 struct en_channels *channels)
{
	if (netif_set_real_num_tx_queues(en->dev, channels->tx_count) ||
	    netif_set_real_num_rx_queues(en->dev, channels->config.rx_channels))
		netdev_warn(en->dev, "not all queues can be used\n");
}

/**
 * en_channels_activate - make channels those of the device
 * @en: the device; it has none, and sends nothing. Under rtnl.
 * @channels: the channels, not started
 */
void en_channels_activate(struct en_netdev *en, struct en_channels *channels)
{
	en_set_queue_numbers(en, channels);
	en_attach_queues(en, channels);
	en_stats_swap(en, channels);
	en_channels_start(channels);
	en_reporters_renewed(en);
	en_xdp_features(en);
}

/**
 * en_channels_deactivate - take the device's channels away
 * @en: the device. Under rtnl. On return nothing is sent.
 *
 * Return: what were the device's channels, drained.
 */
struct en_channels *en_channels_deactivate(struct en_netdev *en)
{
	struct en_channels *channels = en->channels;

	en_channels_stop(channels);
	netif_tx_disable(en->dev);
	en_detach_queues(en, channels);
	en_attach_queues(en, NULL);
	en_stats_swap(en, NULL);
	en_xdp_features(en);
	/* Other devices' XDP programs may still be sending here */
	synchronize_net();
	en_channels_drain(channels);
	en_stats_retire(en);
	return channels;
}

static int en_swap(struct en_netdev *en, struct en_channels *fresh)
{
	struct en_channels *old = en->channels;
	int err;

	err = cx_steer_move(en->port, fresh->receive_qpn);
	if (err)
		return err;
	en_arfs_stop(en);
	en_deliver_rest(old);
	/* First: completions would wake the queues that are stopped next */
	en_channels_stop(old);
	netif_tx_disable(en->dev);
	en_detach_queues(en, old);
	en_channels_activate(en, fresh);
	netif_tx_wake_all_queues(en->dev);

	synchronize_net();
	en_flows_restore(en);
	en_arfs_start(en);
	en_channels_drain(old);
	en_stats_retire(en);
	en_channels_destroy(old);
	return 0;
}

static int en_rebuild(struct en_netdev *en, const struct en_config *config)
{
	struct en_config before = en->config;
	struct en_channels *fresh;
	bool resized = config->mtu != before.mtu;
	int err;

	fresh = en_channels_create(en, config);
	if (IS_ERR(fresh))
		return PTR_ERR(fresh);
	en->config = *config;
	if (resized) {
		err = en_apply_port_settings(en);
		if (err)
			goto refused;
	}
	err = en_swap(en, fresh);
	if (!err)
		return 0;

refused:
	en->config = before;
	if (resized)
		en_apply_port_settings(en);
	en_channels_destroy(fresh);
	return err;
}

/**
 * en_reconfigure - go over to another configuration
 * @en: the device. Under rtnl.
 * @config: the configuration, valid; may be the present one
 *
 * Return: 0, or -errno and nothing has changed.
 */
int en_reconfigure(struct en_netdev *en, const struct en_config *config)
{
	if (en->channels)
		return en_rebuild(en, config);
	en->config = *config;
	return 0;
}

static void en_exchange_tx(struct en_channels *channels, struct en_tx_ring *old,
			   struct en_tx_ring *fresh)
{
	struct en_channel *channel = old->channel;
	u16 i;

	for (i = 0; i < channel->tx_count; i++)
		if (channel->tx[i] == old)
			channel->tx[i] = fresh;
	channels->tx[old->index] = fresh;
	WRITE_ONCE(channels->en->tx[old->index], fresh);
}

/**
 * en_restart_tx - replace one send queue; what it holds is dropped
 * @en: the device, with channels. Under rtnl.
 * @queue: the queue's index
 *
 * Return: 0, or -errno and the queue is as it was.
 */
int en_restart_tx(struct en_netdev *en, u16 queue)
{
	struct netdev_queue *txq = netdev_get_tx_queue(en->dev, queue);
	struct en_channels *channels = en->channels;
	struct en_tx_ring *old = channels->tx[queue], *fresh;
	struct napi_struct *napi = &old->channel->napi;

	if (!en_may_restart(en))
		return -EIO;
	fresh = en_tx_ring_build(channels, old->channel, txq, queue);
	if (IS_ERR(fresh))
		return PTR_ERR(fresh);
	napi_disable(napi);
	__netif_tx_lock_bh(txq);
	netif_tx_stop_queue(txq);
	en_stats_retire_tx(en, old);
	en_exchange_tx(channels, old, fresh);
	__netif_tx_unlock_bh(txq);
	netdev_tx_reset_queue(txq);

	napi_enable(napi);
	local_bh_disable();
	napi_schedule(napi);
	local_bh_enable();
	netif_tx_wake_queue(txq);
	/* A poll that NAPI calls complete may still be about to arm */
	synchronize_net();
	en_tx_ring_demolish(old);
	return 0;
}
