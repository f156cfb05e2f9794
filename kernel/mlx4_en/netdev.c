// SPDX-License-Identifier: GPL-2.0-only
/*
 * The network device: made and unmade, opened and closed, and away while the
 * adapter is.
 */
#include <linux/crash_dump.h>

#include "mlx4_en/channels.h"
#include "mlx4_en/tx_ring.h"

#define EN_SERVICE_PERIOD msecs_to_jiffies(250)
/* Whoever wants newer statistics (ethtool -S) has them read at once */
#define EN_SECOND_TICKS 4
#define EN_WATCHDOG (15 * HZ)
#define EN_DEFAULT_RX_CHANNELS 16
#define EN_DEFAULT_TX_CHANNELS 32

/**
 * en_max_rx_channels - how many receive channels there can be
 * @en: the device
 *
 * Return: at least 1.
 */
u16 en_max_rx_channels(struct en_netdev *en)
{
	if (en->adapter->small_memory)
		return 1;
	return min3(num_possible_cpus(), EN_MAX_CHANNELS,
		    en->dev->num_rx_queues);
}

/**
 * en_max_tx_channels - how many send queues each traffic class can have
 * @en: the device
 *
 * Return: at least 1.
 */
u16 en_max_tx_channels(struct en_netdev *en)
{
	if (en->adapter->small_memory)
		return 1;
	return min3(num_possible_cpus(), EN_DEFAULT_TX_CHANNELS,
		    en->dev->num_tx_queues);
}

static void en_service_work(struct work_struct *work)
{
	struct en_netdev *en = container_of(to_delayed_work(work),
					    struct en_netdev, service_work);

	if (!READ_ONCE(en->suspended)) {
		if (en->service_ticks++ % EN_SECOND_TICKS == 0) {
			en_port_stats_read(en);
			en_overdue_tick(en);
		}
		en_clock_tick(en);
		en_arfs_tick(en);
	}
	queue_delayed_work(en->workqueue, &en->service_work, EN_SERVICE_PERIOD);
}

/* The port and its link, the queues apart */
static int en_open_port(struct en_netdev *en, u32 receive_qpn)
{
	int err;

	err = en_apply_port_settings(en);
	if (err)
		return err;
	/* Both are off when the port begins, and after a reset */
	if (en->dev->features & NETIF_F_RXALL) {
		err = cx_port_set_ignore_fcs(en->port, true);
		if (err)
			return err;
	}
	if (en->phv) {
		err = cx_port_set_phv(en->port, true);
		if (err)
			return err;
	}
	err = cx_port_open(en->port);
	if (err)
		return err;
	err = cx_steer_open(en->port, en->dev->dev_addr, receive_qpn);
	if (err)
		cx_port_close(en->port);
	return err;
}

/* From nothing to a running device. Under rtnl. */
static int en_up(struct en_netdev *en)
{
	struct en_channels *channels;
	int err;

	channels = en_channels_create(en, &en->config);
	if (IS_ERR(channels))
		return PTR_ERR(channels);
	err = en_open_port(en, channels->receive_qpn);
	if (err) {
		en_channels_destroy(channels);
		return err;
	}
	en_channels_activate(en, channels);
	WRITE_ONCE(en->port_up, true);
	en_rx_mode_sync(en);
	en_vxlan_sync(en);
	en_flows_restore(en);
	en_arfs_start(en);
	netif_tx_start_all_queues(en->dev);
	en_link_sync(en);
	queue_delayed_work(en->workqueue, &en->service_work, EN_SERVICE_PERIOD);
	return 0;
}

/* And back. Under rtnl. */
static void en_down(struct en_netdev *en)
{
	struct en_channels *channels;

	WRITE_ONCE(en->port_up, false);
	cancel_delayed_work_sync(&en->service_work);
	en_link_off(en);
	en_arfs_stop(en);
	channels = en_channels_deactivate(en);
	en_flows_release(en);
	en_rx_mode_stop(en);
	cx_steer_close(en->port);
	cx_port_close(en->port);
	en_channels_destroy(channels);
}

static int en_open(struct net_device *dev)
{
	int err = en_up(netdev_priv(dev));

	if (err)
		netdev_err(dev, "cannot be opened: %pe\n", ERR_PTR(err));
	return err;
}

static int en_stop(struct net_device *dev)
{
	struct en_netdev *en = netdev_priv(dev);

	if (en->channels)
		en_down(en);
	return 0;
}

static int en_change_mtu(struct net_device *dev, int mtu)
{
	struct en_netdev *en = netdev_priv(dev);
	struct en_config config = en->config;
	int err;

	if (config.xdp && mtu > EN_XDP_ONE_PAGE_MTU &&
	    !config.xdp->aux->xdp_has_frags) {
		netdev_err(
			dev,
			"the XDP program takes no fragments: MTU %u at most\n",
			(u32)EN_XDP_ONE_PAGE_MTU);
		return -EOPNOTSUPP;
	}
	config.mtu = mtu;
	err = en_reconfigure(en, &config);
	if (err)
		return err;
	WRITE_ONCE(dev->mtu, mtu);
	return 0;
}

static int en_get_phys_port_id(struct net_device *dev,
			       struct netdev_phys_item_id *id)
{
	struct en_netdev *en = netdev_priv(dev);
	const struct cx_port *port = en->port;

	if (!memchr_inv(port->physical_id, 0, sizeof(port->physical_id)))
		return -EOPNOTSUPP;
	id->id_len = sizeof(port->physical_id);
	memcpy(id->id, port->physical_id, id->id_len);
	return 0;
}

COMPAT_DEFINE_HWTSTAMP(en_hwtstamp_get, en_hwtstamp_set);
COMPAT_DEFINE_GET_DEVLINK_PORT(
	en_get_devlink_port,
	&((struct en_netdev *)netdev_priv(dev))->port->devlink_port);

const struct net_device_ops en_netdev_ops = {
	.ndo_open = en_open,
	.ndo_stop = en_stop,
	.ndo_start_xmit = en_xmit,
	.ndo_features_check = en_features_check,
	.ndo_set_rx_mode = en_set_rx_mode,
	.ndo_set_mac_address = en_set_mac_address,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_change_mtu = en_change_mtu,
	.ndo_tx_timeout = en_tx_timeout,
	.ndo_get_stats64 = en_get_stats64,
	.ndo_vlan_rx_add_vid = en_vlan_add,
	.ndo_vlan_rx_kill_vid = en_vlan_kill,
	.ndo_setup_tc = en_setup_tc,
	.ndo_set_tx_maxrate = en_set_tx_maxrate,
	.ndo_fix_features = en_fix_features,
	.ndo_set_features = en_set_features,
	.ndo_get_phys_port_id = en_get_phys_port_id,
	.ndo_bpf = en_bpf,
	.ndo_xdp_xmit = en_xdp_xmit,
	COMPAT_HWTSTAMP_OPS(en_hwtstamp_get, en_hwtstamp_set),
	COMPAT_RFS_OPS(en_rx_flow_steer)
		COMPAT_DEVLINK_PORT_OPS(en_get_devlink_port)
};

/**
 * en_netdev_suspend - the adapter is going away, or is gone
 * @en: the device
 *
 * All queues of the port are gone on return. Takes rtnl.
 */
void en_netdev_suspend(struct en_netdev *en)
{
	rtnl_lock();
	netif_device_detach(en->dev);
	WRITE_ONCE(en->suspended, true);
	if (en->channels)
		en_down(en);
	en_clock_suspend(en);
	rtnl_unlock();
}

/**
 * en_netdev_resume - the adapter is there again, as if new
 * @en: the device
 *
 * A device that was open runs again, with what was set since. Takes rtnl.
 *
 * Return: 0; -errno if it was open and does not run: it is closed then.
 */
int en_netdev_resume(struct en_netdev *en)
{
	int err = 0;

	rtnl_lock();
	WRITE_ONCE(en->suspended, false);
	en_clock_resume(en);
	netif_device_attach(en->dev);
	if (netif_running(en->dev)) {
		err = en_up(en);
		if (err)
			dev_close(en->dev);
	}
	rtnl_unlock();
	return err;
}

static void en_port_suspend(struct cx_port *port)
{
	en_netdev_suspend(port->client_data);
}

static int en_port_resume(struct cx_port *port)
{
	return en_netdev_resume(port->client_data);
}

static const struct cx_port_client en_port_client = {
	.link_changed = en_link_changed,
	.suspend = en_port_suspend,
	.resume = en_port_resume,
};

static void en_init_config(struct en_netdev *en)
{
	const struct cx_caps *caps = &en->adapter->caps;
	bool small = en->adapter->small_memory;
	struct en_config *config = &en->config;
	u32 cpus =
		min_t(u32, num_online_cpus(), en->adapter->completion_vectors);

	config->rx_channels =
		rounddown_pow_of_two(min3(cpus, (u32)en_max_rx_channels(en),
					  (u32)EN_DEFAULT_RX_CHANNELS));
	config->tx_channels = min_t(u32, cpus, en_max_tx_channels(en));
	config->rx_entries = small ? EN_RX_ENTRIES_MIN : EN_ENTRIES_DEFAULT;
	config->tx_entries = small ? EN_TX_ENTRIES_MIN : EN_ENTRIES_DEFAULT;
	config->mtu = en->dev->mtu;
	config->tx_copybreak = EN_INLINE_MAX;
	config->moderation = (struct en_moderation){
		/* Where adaptive moderation begins */
		.rx_usecs = 16,	 .rx_frames = 44,     .tx_usecs = 64,
		.tx_frames = 64, .adaptive_rx = true,
	};
	config->timestamps.tx_type = HWTSTAMP_TX_OFF;
	config->timestamps.rx_filter = HWTSTAMP_FILTER_NONE;
	config->vlan_strip = true;
	config->rss.function = caps->rss_toeplitz ? CX_RSS_HASH_TOEPLITZ :
						    CX_RSS_HASH_XOR;
	config->rss.udp = caps->udp_rss;
	netdev_rss_key_fill(config->rss.key, sizeof(config->rss.key));
}

static void en_init_address(struct en_netdev *en)
{
	if (is_valid_ether_addr(en->port->mac)) {
		eth_hw_addr_set(en->dev, en->port->mac);
		return;
	}
	eth_hw_addr_random(en->dev);
	dev_warn(&en->port->aux.dev,
		 "the card has no valid address; a random one it is\n");
}

static void en_init_netdev(struct en_netdev *en)
{
	const struct cx_caps *caps = &en->adapter->caps;
	struct net_device *dev = en->dev;

	SET_NETDEV_DEV(dev, cx_dma_device(en->adapter));
	SET_NETDEV_DEVLINK_PORT(dev, &en->port->devlink_port);
	dev->dev_port = en->port->number - 1;
	dev->netdev_ops = &en_netdev_ops;
	dev->ethtool_ops = &en_ethtool_ops;
	dev->watchdog_timeo = EN_WATCHDOG;
	dev->min_mtu = EN_MIN_MTU;
	/* 0, which a card may say, would be no limit at all to the stack. */
	dev->max_mtu = clamp_t(u32, en->port->max_mtu, ETH_DATA_LEN,
			       en_rx_max_mtu(en));
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	/* A0 has no entries for further addresses (steering.md, E3.2) */
	if (caps->steering != CX_STEERING_A0)
		dev->priv_flags |= IFF_UNICAST_FLT;
	en_init_features(en);
	en_xdp_init(en);
	en_init_address(en);
}

/* What has memory or work of its own; any of them may have been left out */
static void en_exit_parts(struct en_netdev *en)
{
	cancel_work_sync(&en->restart_work);
	cancel_work_sync(&en->timeout_work);
	cancel_work_sync(&en->link_work);
	en_reporters_destroy(en);
	en_dcb_destroy(en);
	en_moderation_destroy(en);
	en_arfs_destroy(en);
	en_flows_destroy(en);
	en_clock_destroy(en);
	en_port_stats_exit(en);
	en_rx_mode_exit(en);
	destroy_workqueue(en->workqueue);
}

static int en_init_parts(struct en_netdev *en)
{
	int err;

	en->workqueue =
		alloc_workqueue("mlx4_en", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!en->workqueue)
		return -ENOMEM;
	INIT_DELAYED_WORK(&en->service_work, en_service_work);
	en_restart_init(en);
	en_tx_timeout_init(en);
	en_link_init(en);
	err = en_rx_mode_init(en);
	if (!err)
		err = en_port_stats_init(en);
	if (!err)
		err = en_clock_create(en);
	if (!err)
		err = en_flows_create(en);
	if (!err)
		err = en_arfs_create(en);
	if (!err)
		err = en_moderation_create(en);
	if (!err)
		err = en_dcb_create(en);
	if (!err)
		err = en_reporters_create(en);
	if (err) {
		en_exit_parts(en);
		return err;
	}
	en_vxlan_init(en);
	en_queue_stats_init(en);
	return 0;
}

static int en_register(struct en_netdev *en)
{
	int err;

	netif_carrier_off(en->dev);
	err = cx_port_attach(en->port, &en_port_client, en);
	if (err)
		return err;
	err = register_netdev(en->dev);
	if (err) {
		cx_port_detach(en->port);
		return err;
	}
	compat_devlink_port_bind(en->dev, &en->port->devlink_port);
	return 0;
}

static struct en_netdev *en_alloc(struct cx_port *port)
{
	u32 cpus = port->adapter->small_memory ? 1 : num_possible_cpus();
	u32 rx = min_t(u32, cpus, EN_MAX_CHANNELS);
	u32 tx = min_t(u32, cpus, EN_DEFAULT_TX_CHANNELS) * CX_PRIORITIES;
	struct net_device *dev;
	struct en_netdev *en;

	dev = alloc_etherdev_mqs(struct_size(en, tx, tx), tx, rx);
	if (!dev)
		return NULL;
	en = netdev_priv(dev);
	en->dev = dev;
	en->port = port;
	en->adapter = port->adapter;
	en->msg_enable = NETIF_MSG_LINK | NETIF_MSG_IFDOWN;
	return en;
}

/**
 * en_netdev_create - a network device for a port
 * @port: the port; its adapter runs
 *
 * Return: the device, registered; or ERR_PTR.
 */
struct en_netdev *en_netdev_create(struct cx_port *port)
{
	struct en_netdev *en = en_alloc(port);
	int err;

	if (!en)
		return ERR_PTR(-ENOMEM);
	en_init_netdev(en);
	en_init_config(en);
	err = en_init_parts(en);
	if (err)
		goto no_parts;
	err = en_register(en);
	if (err)
		goto no_device;
	return en;

no_device:
	en_exit_parts(en);
no_parts:
	free_netdev(en->dev);
	return ERR_PTR(err);
}

/**
 * en_netdev_destroy - undo en_netdev_create()
 * @en: the device
 */
void en_netdev_destroy(struct en_netdev *en)
{
	struct bpf_prog *prog;

	compat_devlink_port_unbind(&en->port->devlink_port);
	unregister_netdev(en->dev);
	cx_port_detach(en->port);
	prog = en->config.xdp;
	if (prog)
		bpf_prog_put(prog);
	en_exit_parts(en);
	free_netdev(en->dev);
}
