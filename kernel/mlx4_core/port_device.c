// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each Ethernet port is a device on the auxiliary bus, to which mlx4_en, or
 * another client, is bound: its modalias loads it. The device stays through
 * recovery and power management; its client is told to suspend and resume
 * meanwhile. devlink's reload alone makes it anew: no port may be left then.
 */
#include <linux/etherdevice.h>
#include <linux/idr.h>
#include <linux/slab.h>

#include "mlx4_core/core.h"

struct port_device {
	struct cx_port port;
	spinlock_t lock; /* the client's callbacks in interrupt context */
	bool suspended; /* under state_lock; written under lock, too */
};

static DEFINE_IDA(port_ids);

static struct port_device *port_device_of(struct cx_port *port)
{
	return container_of(port, struct port_device, port);
}

static void port_release(struct device *dev)
{
	struct auxiliary_device *aux = to_auxiliary_dev(dev);

	ida_free(&port_ids, aux->id);
	kfree(port_device_of(cx_port_of(aux)));
}

/* Addresses and limits, as the card tells them at each start */
static void port_describe(struct cx_core *core, struct cx_port *port)
{
	const struct cx_device_limits *limits = core->limits;
	const void *data = limits->query_port[port->number - 1];
	u64 mac = cx_get(data, CX_QUERY_PORT_MAC);

	u64_to_ether_addr(mac, port->mac);
	port->max_mtu = cx_get(data, CX_QUERY_PORT_ETH_MTU);
	cx_store_be64(port->physical_id, limits->physical_id[port->number - 1]);
}

static int port_register(struct cx_core *core, struct cx_port *port)
{
	struct devlink_port_attrs attrs = {
		.flavour = DEVLINK_PORT_FLAVOUR_PHYSICAL,
		.phys.port_number = port->number,
	};
	int error;

	devlink_port_attrs_set(&port->devlink_port, &attrs);
	error = devl_port_register(core->devlink, &port->devlink_port,
				   port->number);
	if (error)
		return error;
	error = auxiliary_device_add(&port->aux);
	if (error)
		devl_port_unregister(&port->devlink_port);
	return error;
}

static void port_publish(struct cx_core *core, u8 number, struct cx_port *port)
{
	mutex_lock(&core->state_lock);
	WRITE_ONCE(core->ports[number - 1], port);
	mutex_unlock(&core->state_lock);
	if (!port)
		synchronize_rcu(); /* an event may still look at it */
}

static int port_create(struct cx_core *core, u8 number)
{
	struct port_device *device;
	struct cx_port *port;
	int error;

	device = kzalloc_obj(*device);
	if (!device)
		return -ENOMEM;
	port = &device->port;
	port->adapter = &core->adapter;
	port->number = number;
	spin_lock_init(&device->lock);
	port_describe(core, port);
	if (!is_valid_ether_addr(port->mac)) {
		dev_warn(&core->adapter.pdev->dev,
			 "port %u has no valid address: %pM\n", number,
			 port->mac);
		eth_random_addr(port->mac);
	}
	error = ida_alloc(&port_ids, GFP_KERNEL);
	if (error < 0) {
		kfree(device);
		return error;
	}
	port->aux.id = error;
	port->aux.name = CX_AUX_PORT;
	port->aux.dev.parent = &core->adapter.pdev->dev;
	port->aux.dev.release = port_release;
	error = auxiliary_device_init(&port->aux);
	if (error) {
		ida_free(&port_ids, port->aux.id);
		kfree(device);
		return error;
	}
	port_publish(core, number, port);
	error = port_register(core, port);
	if (error) {
		port_publish(core, number, NULL);
		auxiliary_device_uninit(&port->aux);
	}
	return error;
}

static void port_destroy(struct cx_core *core, struct cx_port *port)
{
	auxiliary_device_delete(&port->aux);
	devl_port_unregister(&port->devlink_port);
	port_publish(core, port->number, NULL);
	auxiliary_device_uninit(&port->aux);
}

/**
 * cx_ports_create - a device for each port that can be Ethernet
 * @core: the adapter, running; devlink's lock is held, state_lock is not, for
 *	clients attach
 *
 * Return: 0 or -errno.
 */
int cx_ports_create(struct cx_core *core)
{
	unsigned int i;
	int error;

	for (i = 0; i < core->adapter.caps.ports; i++) {
		if (!core->limits->port_ethernet[i]) {
			dev_info(&core->adapter.pdev->dev,
				 "port %u is InfiniBand only\n", i + 1);
			continue;
		}
		error = port_create(core, i + 1);
		if (error) {
			cx_ports_destroy(core);
			return error;
		}
	}
	return 0;
}

/** cx_ports_destroy - undo cx_ports_create(), under the same locks */
void cx_ports_destroy(struct cx_core *core)
{
	unsigned int i;

	for (i = CX_PORTS; i--;)
		if (core->ports[i])
			port_destroy(core, core->ports[i]);
}

/**
 * cx_port_attach - become the client of a port
 * @port: the port of the auxiliary device
 * @client: what to call
 * @data: for the client, in port->client_data
 *
 * Must not be called with the RTNL held: a client that is told to suspend may
 * take it.
 *
 * Return: 0; -EBUSY: there is a client; -EPROBE_DEFER: the adapter is not
 * running now.
 */
int cx_port_attach(struct cx_port *port, const struct cx_port_client *client,
		   void *data)
{
	struct port_device *device = port_device_of(port);
	struct cx_core *core = cx_core_of(port->adapter);
	int error = 0;

	mutex_lock(&core->state_lock);
	if (port->client) {
		error = -EBUSY;
	} else if (!core->running || cx_adapter_failed(port->adapter)) {
		error = -EPROBE_DEFER;
	} else {
		spin_lock_irq(&device->lock);
		port->client_data = data;
		port->client = client;
		device->suspended = false;
		spin_unlock_irq(&device->lock);
	}
	mutex_unlock(&core->state_lock);
	return error;
}
EXPORT_SYMBOL_GPL(cx_port_attach);

/**
 * cx_port_detach - be its client no more
 * @port: the port
 *
 * On return no callback runs, or will. Not with the RTNL held.
 */
void cx_port_detach(struct cx_port *port)
{
	struct port_device *device = port_device_of(port);
	struct cx_core *core = cx_core_of(port->adapter);

	mutex_lock(&core->state_lock);
	spin_lock_irq(&device->lock);
	port->client = NULL;
	port->client_data = NULL;
	spin_unlock_irq(&device->lock);
	mutex_unlock(&core->state_lock);
}
EXPORT_SYMBOL_GPL(cx_port_detach);

static void set_suspended(struct port_device *device, bool suspended)
{
	spin_lock_irq(&device->lock);
	device->suspended = suspended;
	spin_unlock_irq(&device->lock);
}

/** cx_ports_suspend - clients give up their queues; state_lock is held */
void cx_ports_suspend(struct cx_core *core)
{
	unsigned int i;

	lockdep_assert_held(&core->state_lock);
	for (i = 0; i < CX_PORTS; i++) {
		struct cx_port *port = core->ports[i];

		if (!port || !port->client || port_device_of(port)->suspended)
			continue;
		set_suspended(port_device_of(port), true);
		port->client->suspend(port);
	}
}

/**
 * cx_ports_resume - clients may have queues again; state_lock is held
 * @core: the adapter, running
 *
 * A client that cannot is one without queues: it is told to suspend the next
 * time all the same, for it may have queues again by then.
 */
void cx_ports_resume(struct cx_core *core)
{
	unsigned int i;
	int error;

	lockdep_assert_held(&core->state_lock);
	for (i = 0; i < CX_PORTS; i++) {
		struct cx_port *port = core->ports[i];

		if (!port)
			continue;
		port_describe(core, port);
		if (!port->client || !port_device_of(port)->suspended)
			continue;
		set_suspended(port_device_of(port), false);
		error = port->client->resume(port);
		if (error)
			dev_err(&core->adapter.pdev->dev,
				"port %u does not come back (%d)\n",
				port->number, error);
	}
}

/* The link of a port went up or down; interrupt context */
void cx_port_event(struct cx_core *core, u8 number, bool up)
{
	struct port_device *device;
	struct cx_port *port;
	unsigned long flags;

	if (!number || number > CX_PORTS)
		return;
	rcu_read_lock();
	port = READ_ONCE(core->ports[number - 1]);
	if (port) {
		device = port_device_of(port);
		spin_lock_irqsave(&device->lock, flags);
		if (port->client && !device->suspended &&
		    port->client->link_changed)
			port->client->link_changed(port, up);
		spin_unlock_irqrestore(&device->lock, flags);
	}
	rcu_read_unlock();
}
