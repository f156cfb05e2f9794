/* SPDX-License-Identifier: GPL-2.0-only */
/* ethtool operations whose types have changed. */
#ifndef COMPAT_ETHTOOL_H
#define COMPAT_ETHTOOL_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>

/*
 * Receive hashing: COMPAT_DEFINE_RXFH(get, set); ahead of the ethtool_ops with
 * COMPAT_RXFH_OPS(get, set), for functions of get_rxfh's and set_rxfh's types
 */
#if COMPAT_HAS_RXFH_PARAM
#define COMPAT_DEFINE_RXFH(get, set) COMPAT_NOTHING
#define COMPAT_RXFH_OPS(get, set) .get_rxfh = get, .set_rxfh = set
#else
struct ethtool_rxfh_param {
	u8 hfunc;
	u32 indir_size;
	u32 *indir;
	u32 key_size;
	u8 *key;
	u32 rss_context;
	u8 rss_delete;
	u8 input_xfrm;
};

static inline void compat_fill_rxfh(struct net_device *dev, const u32 *indir,
				    const u8 *key, u8 hfunc,
				    struct ethtool_rxfh_param *rxfh)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;

	memset(rxfh, 0, sizeof(*rxfh));
	rxfh->hfunc = hfunc;
	/* The other way the driver reads them only. */
	rxfh->indir = (u32 *)indir;
	rxfh->key = (u8 *)key;
	if (indir && ops->get_rxfh_indir_size)
		rxfh->indir_size = ops->get_rxfh_indir_size(dev);
	if (key && ops->get_rxfh_key_size)
		rxfh->key_size = ops->get_rxfh_key_size(dev);
}

#define COMPAT_DEFINE_RXFH(get, set)                                         \
	static int compat_##get(struct net_device *dev, u32 *indir, u8 *key, \
				u8 *hfunc)                                   \
	{                                                                    \
		struct ethtool_rxfh_param rxfh;                              \
		int err;                                                     \
                                                                             \
		compat_fill_rxfh(dev, indir, key, 0, &rxfh);                 \
		err = get(dev, &rxfh);                                       \
		if (!err && hfunc)                                           \
			*hfunc = rxfh.hfunc;                                 \
		return err;                                                  \
	}                                                                    \
                                                                             \
	static int compat_##set(struct net_device *dev, const u32 *indir,    \
				const u8 *key, const u8 hfunc)               \
	{                                                                    \
		struct ethtool_rxfh_param rxfh;                              \
                                                                             \
		compat_fill_rxfh(dev, indir, key, hfunc, &rxfh);             \
		return set(dev, &rxfh, NULL);                                \
	}                                                                    \
	COMPAT_NOTHING
#define COMPAT_RXFH_OPS(get, set) \
	.get_rxfh = compat_##get, .set_rxfh = compat_##set
#endif

/*
 * Classification: rules, what is hashed, and the number of receive rings came
 * through one operation, and have one each now.
 *
 * COMPAT_DEFINE_RXNFC(get, set, rings, get_fields, set_fields); ahead of the
 * ethtool_ops with COMPAT_RXNFC_OPS() of the same, for functions of the types
 * of get_rxnfc, set_rxnfc, get_rx_ring_count, get_rxfh_fields, set_rxfh_fields
 */
#if COMPAT_HAS_RXFH_FIELDS
#define __COMPAT_RXFH_FIELDS_OPS(get_fields, set_fields) \
	.get_rxfh_fields = get_fields, .set_rxfh_fields = set_fields,
#else
struct ethtool_rxfh_fields {
	u32 data;
	u32 flow_type;
	u32 rss_context;
};

#define __COMPAT_RXFH_FIELDS_OPS(get_fields, set_fields)
#endif

#if COMPAT_HAS_RXFH_FIELDS && COMPAT_HAS_RX_RING_COUNT
#define COMPAT_DEFINE_RXNFC(get, set, rings, get_fields, set_fields) \
	COMPAT_NOTHING
#define COMPAT_RXNFC_OPS(get, set, rings, get_fields, set_fields)         \
	__COMPAT_RXFH_FIELDS_OPS(get_fields, set_fields).get_rxnfc = get, \
					     .set_rxnfc = set,            \
					     .get_rx_ring_count = rings
#else
#define COMPAT_DEFINE_RXNFC(get, set, rings, get_fields, set_fields)    \
	static int compat_##get(struct net_device *dev,                 \
				struct ethtool_rxnfc *info, u32 *rules) \
	{                                                               \
		struct ethtool_rxfh_fields fields = {                   \
			.flow_type = info->flow_type,                   \
		};                                                      \
		int err;                                                \
                                                                        \
		switch (info->cmd) {                                    \
		case ETHTOOL_GRXRINGS:                                  \
			info->data = rings(dev);                        \
			return 0;                                       \
		case ETHTOOL_GRXFH:                                     \
			err = get_fields(dev, &fields);                 \
			info->data = fields.data;                       \
			return err;                                     \
		default:                                                \
			return get(dev, info, rules);                   \
		}                                                       \
	}                                                               \
                                                                        \
	static int compat_##set(struct net_device *dev,                 \
				struct ethtool_rxnfc *info)             \
	{                                                               \
		struct ethtool_rxfh_fields fields = {                   \
			.flow_type = info->flow_type,                   \
			.data = info->data,                             \
		};                                                      \
                                                                        \
		if (info->cmd == ETHTOOL_SRXFH)                         \
			return set_fields(dev, &fields, NULL);          \
		return set(dev, info);                                  \
	}                                                               \
	COMPAT_NOTHING
#define COMPAT_RXNFC_OPS(get, set, rings, get_fields, set_fields)    \
	__COMPAT_RXFH_FIELDS_OPS(get_fields, set_fields).get_rxnfc = \
		compat_##get,                                        \
					     .set_rxnfc = compat_##set
#endif

#endif
