// SPDX-License-Identifier: GPL-2.0-only
/*
 * The link: events say that it changed, QUERY_PORT says to what
 * (docs/hardware/ports.md, E7.1). And what is set for the whole port: frame
 * size, flow control, traffic classes.
 */
#include "mlx4_en/en.h"

static void en_link_work(struct work_struct *work)
{
	en_link_sync(container_of(work, struct en_netdev, link_work));
}

/**
 * en_link_init - prepare the link's work; flow control as it is by default
 * @en: the device, new
 */
void en_link_init(struct en_netdev *en)
{
	INIT_WORK(&en->link_work, en_link_work);
	mutex_init(&en->link_lock);
	en->pause_rx = true;
	en->pause_tx = true;
}

/* struct cx_port_client's link_changed: interrupt context */
void en_link_changed(struct cx_port *port, bool up)
{
	struct en_netdev *en = port->client_data;

	queue_work(en->workqueue, &en->link_work);
}

static void link_sync_locked(struct en_netdev *en)
{
	struct cx_link_state state = {};
	bool up;

	up = READ_ONCE(en->port_up) && !READ_ONCE(en->suspended) &&
	     !cx_port_query(en->port, &state) && state.up;
	if (up == netif_carrier_ok(en->dev))
		return;
	if (up) {
		netif_info(en, link, en->dev, "link is up, %u Mbit/s\n",
			   state.speed);
		netif_carrier_on(en->dev);
	} else {
		netif_info(en, link, en->dev, "link is down\n");
		netif_carrier_off(en->dev);
	}
}

/**
 * en_link_sync - set the carrier to what the port says
 * @en: the device. May sleep.
 *
 * Whoever opens the port asks, and so does the work of an event that comes
 * meanwhile: an older answer must not be the last one that is acted upon.
 */
void en_link_sync(struct en_netdev *en)
{
	mutex_lock(&en->link_lock);
	link_sync_locked(en);
	mutex_unlock(&en->link_lock);
}

/**
 * en_link_off - no carrier, whatever the port says
 * @en: the device; port_up is false, and so it stays off. May sleep.
 */
void en_link_off(struct en_netdev *en)
{
	mutex_lock(&en->link_lock);
	netif_carrier_off(en->dev);
	mutex_unlock(&en->link_lock);
}

/**
 * en_apply_port_settings - send what is set for the whole port
 * @en: the device, with the settings that are wanted. Under rtnl.
 *
 * Return: 0, also while the adapter is away; or what the adapter says.
 */
int en_apply_port_settings(struct en_netdev *en)
{
	struct cx_port_settings settings = {
		.mtu = en->config.mtu,
		.pause_rx = en->pause_rx,
		.pause_tx = en->pause_tx,
		.pfc_rx = en->pfc_rx,
		.pfc_tx = en->pfc_tx,
	};

	int err;

	if (en->suspended)
		return 0;
	err = cx_port_configure(en->port, &settings);
	if (!err)
		en_dcb_sync(en);
	return err;
}
