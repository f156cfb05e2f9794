/* SPDX-License-Identifier: GPL-2.0-only */
/* devlink: parameters, health reporters, ports, reload, the driver's name. */
#ifndef COMPAT_DEVLINK_H
#define COMPAT_DEVLINK_H

#include <linux/netdevice.h>
#include <net/devlink.h>

/*
 * Parameters: COMPAT_DEFINE_PARAM_GET(get); and so on ahead of the table with
 * COMPAT_PARAM_GET(get), for functions of the types that kernels of today have
 * (`extack` is NULL where the kernel gives none).
 */
#if !COMPAT_HAS_DEVL_PARAMS
#define devl_params_register devlink_params_register
#define devl_params_unregister devlink_params_unregister
#define devl_param_driverinit_value_get devlink_param_driverinit_value_get
#define devl_param_driverinit_value_set(devlink, id, value) \
	devlink_param_driverinit_value_set(devlink, id, *(value))
#elif !COMPAT_HAS_DRIVERINIT_POINTER
#define devl_param_driverinit_value_set(devlink, id, value) \
	(devl_param_driverinit_value_set)(devlink, id, *(value))
#endif

#if COMPAT_HAS_PARAM_GET_EXTACK
#define COMPAT_DEFINE_PARAM_GET(get) COMPAT_NOTHING
#define COMPAT_PARAM_GET(get) get
#else
#define COMPAT_DEFINE_PARAM_GET(get)                              \
	static int compat_##get(struct devlink *devlink, u32 id,  \
				struct devlink_param_gset_ctx *c) \
	{                                                         \
		return get(devlink, id, c, NULL);                 \
	}                                                         \
	COMPAT_NOTHING
#define COMPAT_PARAM_GET(get) compat_##get
#endif

#if COMPAT_HAS_PARAM_SET_EXTACK
#define COMPAT_DEFINE_PARAM_SET(set) COMPAT_NOTHING
#define COMPAT_PARAM_SET(set) set
#else
#define COMPAT_DEFINE_PARAM_SET(set)                              \
	static int compat_##set(struct devlink *devlink, u32 id,  \
				struct devlink_param_gset_ctx *c) \
	{                                                         \
		return set(devlink, id, c, NULL);                 \
	}                                                         \
	COMPAT_NOTHING
#define COMPAT_PARAM_SET(set) compat_##set
#endif

#if COMPAT_HAS_PARAM_VALIDATE_POINTER
#define COMPAT_DEFINE_PARAM_VALIDATE(validate) COMPAT_NOTHING
#define COMPAT_PARAM_VALIDATE(validate) validate
#else
#define COMPAT_DEFINE_PARAM_VALIDATE(validate)                        \
	static int compat_##validate(struct devlink *devlink, u32 id, \
				     union devlink_param_value value, \
				     struct netlink_ext_ack *extack)  \
	{                                                             \
		return validate(devlink, id, &value, extack);         \
	}                                                             \
	COMPAT_NOTHING
#define COMPAT_PARAM_VALIDATE(validate) compat_##validate
#endif

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
