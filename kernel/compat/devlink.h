/* SPDX-License-Identifier: GPL-2.0-only */
/* devlink: health reporters, ports, reload, the driver's name. */
#ifndef COMPAT_DEVLINK_H
#define COMPAT_DEVLINK_H

#include <linux/netdevice.h>
#include <net/devlink.h>

/*
 * Graceful periods: in the reporter's operations or an argument, and neither
 * of them everywhere. Leave default_graceful_period alone: it is 0 throughout.
 */
#if !COMPAT_HAS_DEVL_HEALTH_REPORTER
#define devl_health_reporter_create(devlink, ops, priv) \
	devlink_health_reporter_create(devlink, ops, 0, priv)
#define devl_health_reporter_destroy devlink_health_reporter_destroy
#elif COMPAT_HAS_REPORTER_PERIOD_ARGUMENT
#define devl_health_reporter_create(devlink, ops, priv) \
	(devl_health_reporter_create)(devlink, ops, 0, priv)
#endif

/*
 * The link between a network device and its devlink port, which kernels of
 * today keep themselves: SET_NETDEV_DEVLINK_PORT(dev, port) ahead of
 * register_netdev(), compat_devlink_port_bind() behind it,
 * compat_devlink_port_unbind() ahead of unregister_netdev(). And
 * COMPAT_DEFINE_GET_DEVLINK_PORT(name, the port of net_device `dev`); ahead of
 * the net_device_ops with COMPAT_DEVLINK_PORT_OPS(name)
 */
#if COMPAT_HAS_SET_NETDEV_DEVLINK_PORT
static inline void compat_devlink_port_bind(struct net_device *dev,
					    struct devlink_port *port)
{
}

static inline void compat_devlink_port_unbind(struct devlink_port *port)
{
}

#define COMPAT_DEFINE_GET_DEVLINK_PORT(name, port) COMPAT_NOTHING
#define COMPAT_DEVLINK_PORT_OPS(name)
#else
#define SET_NETDEV_DEVLINK_PORT(dev, port) ((void)(dev), (void)(port))

static inline void compat_devlink_port_bind(struct net_device *dev,
					    struct devlink_port *port)
{
	devlink_port_type_eth_set(port, dev);
}

static inline void compat_devlink_port_unbind(struct devlink_port *port)
{
	devlink_port_type_clear(port);
}

#define COMPAT_DEFINE_GET_DEVLINK_PORT(name, port)               \
	static struct devlink_port *name(struct net_device *dev) \
	{                                                        \
		return port;                                     \
	}                                                        \
	COMPAT_NOTHING
#define COMPAT_DEVLINK_PORT_OPS(name) .ndo_get_devlink_port = name,
#endif

/* Kernels of today see by its operations that a driver can reload. */
static inline void compat_devlink_enable_reload(struct devlink *devlink)
{
#if COMPAT_HAS_DEVLINK_FEATURES
	devlink_set_features(devlink, DEVLINK_F_RELOAD);
#endif
}

/* They know the driver's name, too. */
static inline int compat_devlink_info_driver(struct devlink_info_req *req,
					     const char *name)
{
#if COMPAT_HAS_DEVLINK_DRIVER_NAME
	return devlink_info_driver_name_put(req, name);
#else
	return 0;
#endif
}

#endif
