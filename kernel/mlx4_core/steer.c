// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which addresses a port receives, and where they go: the same for all modes
 * of steering (docs/hardware/steering.md, E3).
 */
#include <linux/slab.h>

#include "mlx4_core/steer.h"

static const struct cx_steer_mode *mode_of(const struct cx_steer_port *port)
{
	return port->core->steering->mode;
}

static struct cx_steer_address *find(struct cx_steer_port *port, const u8 *mac)
{
	struct cx_steer_address *at;

	list_for_each_entry(at, &port->addresses, list)
		if (ether_addr_equal(at->mac, mac))
			return at;
	return NULL;
}

/* One more user of an address, which may be new. ERR_PTR(-errno) */
static struct cx_steer_address *get(struct cx_steer_port *port, const u8 *mac)
{
	struct cx_steer_address *at = find(port, mac);
	bool unicast = is_unicast_ether_addr(mac);
	int err;

	if (at) {
		at->users++;
		return at;
	}
	if (unicast && mode_of(port)->one_unicast && port->own)
		return ERR_PTR(-EOPNOTSUPP);
	at = kzalloc_obj(*at);
	if (!at)
		return ERR_PTR(-ENOMEM);
	at->users = 1;
	ether_addr_copy(at->mac, mac);
	if (unicast) {
		err = cx_mac_table_add(port, mac, &at->mac_index);
		if (err)
			goto free;
	}
	err = mode_of(port)->attach(port, at);
	if (err)
		goto remove;
	list_add_tail(&at->list, &port->addresses);
	return at;

remove:
	if (unicast)
		cx_mac_table_remove(port, at->mac_index);
free:
	kfree(at);
	return ERR_PTR(err);
}

static void put(struct cx_steer_port *port, struct cx_steer_address *at)
{
	if (--at->users)
		return;
	list_del(&at->list);
	mode_of(port)->detach(port, at);
	if (is_unicast_ether_addr(at->mac))
		cx_mac_table_remove(port, at->mac_index);
	kfree(at);
}

/* What stays would send frames to whoever has the destination's number next. */
static void close_catch_all(struct cx_steer_port *port)
{
	int tries = 2;

	if (!port->promiscuous && !port->all_multicast)
		return;
	while (mode_of(port)->set_catch_all(port, false, false))
		if (!--tries) {
			cx_adapter_report_error(&port->core->adapter,
						"a port stays promiscuous");
			break;
		}
	port->promiscuous = false;
	port->all_multicast = false;
}

static void close(struct cx_steer_port *port)
{
	struct cx_steer_address *at, *next;

	close_catch_all(port);
	list_for_each_entry_safe(at, next, &port->addresses, list) {
		at->users = 1;
		put(port, at);
	}
	port->own = NULL;
	port->broadcast = NULL;
	port->open = false;
}

static int open(struct cx_steer_port *port, const u8 *mac, u32 qpn)
{
	struct cx_steer_address *at;
	u8 broadcast[ETH_ALEN];
	int err;

	if (port->open)
		return -EBUSY;
	port->qpn = qpn;
	err = mode_of(port)->open(port);
	if (err)
		return err;
	port->open = true;
	at = get(port, mac);
	if (IS_ERR(at))
		goto close;
	port->own = at;
	eth_broadcast_addr(broadcast);
	at = get(port, broadcast);
	if (IS_ERR(at))
		goto close;
	port->broadcast = at;
	return 0;

close:
	close(port);
	return PTR_ERR(at);
}

/**
 * cx_steer_open - receive what is sent to the port's own address and broadcast
 * @port: the port
 * @mac: its own address
 * @qpn: the destination; the queue pair is ready to receive
 *
 * Return: 0; -EBUSY if it was called already; what a command returned.
 */
int cx_steer_open(struct cx_port *port, const u8 *mac, u32 qpn)
{
	struct cx_steer_port *steer = cx_steer_port_of(port);
	int err;

	mutex_lock(&steer->lock);
	err = open(steer, mac, qpn);
	mutex_unlock(&steer->lock);
	return err;
}
EXPORT_SYMBOL_GPL(cx_steer_open);

/**
 * cx_steer_close - receive nothing, and forget all addresses
 * @port: the port; nothing happens if it is not open
 */
void cx_steer_close(struct cx_port *port)
{
	struct cx_steer_port *steer = cx_steer_port_of(port);

	mutex_lock(&steer->lock);
	if (steer->open)
		close(steer);
	mutex_unlock(&steer->lock);
}
EXPORT_SYMBOL_GPL(cx_steer_close);

/**
 * cx_steer_move - another destination for all that the port receives
 * @port: an open port
 * @qpn: ready to receive; that before must be too until this returns
 *
 * Return: 0; what a command returned: then the destination is the old one.
 */
int cx_steer_move(struct cx_port *port, u32 qpn)
{
	struct cx_steer_port *steer = cx_steer_port_of(port);
	int err = -ENETDOWN;

	mutex_lock(&steer->lock);
	if (steer->open)
		err = mode_of(steer)->move(steer, qpn);
	if (!err)
		steer->qpn = qpn;
	mutex_unlock(&steer->lock);
	return err;
}
EXPORT_SYMBOL_GPL(cx_steer_move);

static int set_mac(struct cx_steer_port *port, const u8 *mac)
{
	struct cx_steer_address *at;
	int err;

	if (ether_addr_equal(port->own->mac, mac))
		return 0;
	if (mode_of(port)->one_unicast) {
		/* In its place: its index is part of the destination. */
		err = cx_mac_table_replace(port, port->own->mac_index, mac);
		if (!err)
			ether_addr_copy(port->own->mac, mac);
		return err;
	}
	at = get(port, mac);
	if (IS_ERR(at))
		return PTR_ERR(at);
	put(port, port->own);
	port->own = at;
	return 0;
}

/**
 * cx_steer_set_mac - the port's own address, in place of the one before
 * @port: an open port
 * @mac: the address
 *
 * Return: 0; what a command returned: then nothing has changed.
 */
int cx_steer_set_mac(struct cx_port *port, const u8 *mac)
{
	struct cx_steer_port *steer = cx_steer_port_of(port);
	int err = -ENETDOWN;

	mutex_lock(&steer->lock);
	if (steer->open)
		err = set_mac(steer, mac);
	mutex_unlock(&steer->lock);
	return err;
}
EXPORT_SYMBOL_GPL(cx_steer_set_mac);

/**
 * cx_steer_add - receive what is sent to one more address
 * @port: an open port
 * @mac: unicast or multicast; if it was added before, it has one more user
 *
 * Return: 0; -EOPNOTSUPP for unicast if the port can have its own alone;
 * -ENOSPC; what a command returned.
 */
int cx_steer_add(struct cx_port *port, const u8 *mac)
{
	struct cx_steer_port *steer = cx_steer_port_of(port);
	int err = -ENETDOWN;

	mutex_lock(&steer->lock);
	if (steer->open)
		err = PTR_ERR_OR_ZERO(get(steer, mac));
	mutex_unlock(&steer->lock);
	return err;
}
EXPORT_SYMBOL_GPL(cx_steer_add);

/**
 * cx_steer_remove - one user of an address less
 * @port: the port
 * @mac: an address that was added; nothing happens if it was not
 */
void cx_steer_remove(struct cx_port *port, const u8 *mac)
{
	struct cx_steer_port *steer = cx_steer_port_of(port);
	struct cx_steer_address *at;
	int own = 0;

	mutex_lock(&steer->lock);
	at = find(steer, mac);
	/* The port's own users are not the caller's to take. */
	if (at == steer->own)
		own++;
	if (at == steer->broadcast)
		own++;
	if (at && at->users > own)
		put(steer, at);
	mutex_unlock(&steer->lock);
}
EXPORT_SYMBOL_GPL(cx_steer_remove);

static int catch_all(struct cx_steer_port *port, bool promiscuous,
		     bool all_multicast)
{
	int err;

	if (!port->open)
		return -ENETDOWN;
	if (port->promiscuous == promiscuous &&
	    port->all_multicast == all_multicast)
		return 0;
	err = mode_of(port)->set_catch_all(port, promiscuous, all_multicast);
	if (err)
		return err;
	port->promiscuous = promiscuous;
	port->all_multicast = all_multicast;
	return 0;
}

/**
 * cx_steer_promiscuous - receive everything
 * @port: an open port
 * @on: receive it
 *
 * Return: 0 or what a command returned.
 */
int cx_steer_promiscuous(struct cx_port *port, bool on)
{
	struct cx_steer_port *steer = cx_steer_port_of(port);
	int err;

	mutex_lock(&steer->lock);
	err = catch_all(steer, on, steer->all_multicast);
	mutex_unlock(&steer->lock);
	return err;
}
EXPORT_SYMBOL_GPL(cx_steer_promiscuous);

/**
 * cx_steer_all_multicast - receive every multicast frame
 * @port: an open port
 * @on: receive them
 *
 * Return: 0 or what a command returned.
 */
int cx_steer_all_multicast(struct cx_port *port, bool on)
{
	struct cx_steer_port *steer = cx_steer_port_of(port);
	int err;

	mutex_lock(&steer->lock);
	err = catch_all(steer, steer->promiscuous, on);
	mutex_unlock(&steer->lock);
	return err;
}
EXPORT_SYMBOL_GPL(cx_steer_all_multicast);

/**
 * cx_steering_init - make it possible to steer
 * @core: an adapter after INIT_HCA, which chose the mode
 *
 * Return: 0 or -ENOMEM.
 */
int cx_steering_init(struct cx_core *core)
{
	static const struct cx_steer_mode *const modes[] = {
		[CX_STEERING_A0] = &cx_steer_a0,
		[CX_STEERING_B0] = &cx_steer_b0,
		[CX_STEERING_MANAGED] = &cx_steer_managed,
	};
	struct cx_steering *steering;
	int i;

	steering = kvzalloc_obj(*steering);
	if (!steering)
		return -ENOMEM;
	steering->mode = modes[core->adapter.caps.steering];
	mutex_init(&steering->mcg_lock);
	ida_init(&steering->mcg_overflow);
	for (i = 0; i < CX_PORTS; i++) {
		struct cx_steer_port *port = &steering->ports[i];

		port->core = core;
		port->number = i + 1;
		mutex_init(&port->lock);
		INIT_LIST_HEAD(&port->addresses);
	}
	core->steering = steering;
	/* In these words others look for it: 0 A0, 1 B0, 2 device-managed */
	dev_info(cx_dma_device(&core->adapter), "Steering Mode %d\n",
		 core->adapter.caps.steering);
	return 0;
}

/**
 * cx_steering_exit - undo cx_steering_init()
 * @core: an adapter whose ports are closed
 */
void cx_steering_exit(struct cx_core *core)
{
	struct cx_steering *steering = core->steering;
	int i;

	for (i = 0; i < CX_PORTS; i++) {
		WARN_ON(steering->ports[i].open);
		mutex_destroy(&steering->ports[i].lock);
	}
	ida_destroy(&steering->mcg_overflow);
	mutex_destroy(&steering->mcg_lock);
	kvfree(steering);
	core->steering = NULL;
}
