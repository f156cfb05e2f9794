/* SPDX-License-Identifier: GPL-2.0-only */
/* XDP: what a device says that it can, and what programs may ask of a packet. */
#ifndef COMPAT_XDP_H
#define COMPAT_XDP_H

#include <linux/netdevice.h>
#include <net/xdp.h>

#if !COMPAT_HAS_XDP_FEATURES
#define NETDEV_XDP_ACT_BASIC 1
#define NETDEV_XDP_ACT_REDIRECT 2
#define NETDEV_XDP_ACT_NDO_XMIT 4
#define NETDEV_XDP_ACT_XSK_ZEROCOPY 8
#define NETDEV_XDP_ACT_RX_SG 32
#define NETDEV_XDP_ACT_NDO_XMIT_SG 64

typedef u32 xdp_features_t;

static inline void xdp_set_features_flag(struct net_device *dev,
					 xdp_features_t features)
{
}

static inline void xdp_features_set_redirect_target(struct net_device *dev,
						    bool support_sg)
{
}

static inline void xdp_features_clear_redirect_target(struct net_device *dev)
{
}
#endif

#if COMPAT_HAS_XDP_METADATA_OPS
static inline void
compat_set_xdp_metadata_ops(struct net_device *dev,
			    const struct xdp_metadata_ops *ops)
{
	dev->xdp_metadata_ops = ops;
}
#else
/* As in newer kernels; here no program can ask. */
enum xdp_rss_hash_type {
	XDP_RSS_TYPE_NONE = 0,
	XDP_RSS_TYPE_L3_IPV4 = BIT(0),
	XDP_RSS_TYPE_L3_IPV6 = BIT(1),
	XDP_RSS_TYPE_L4_ANY = BIT(3),
	XDP_RSS_TYPE_L4_IPV4_TCP = BIT(0) | BIT(3) | BIT(4),
	XDP_RSS_TYPE_L4_IPV4_UDP = BIT(0) | BIT(3) | BIT(5),
	XDP_RSS_TYPE_L4_IPV6_TCP = BIT(1) | BIT(3) | BIT(4),
	XDP_RSS_TYPE_L4_IPV6_UDP = BIT(1) | BIT(3) | BIT(5),
};

struct xdp_metadata_ops {
	int (*xmo_rx_timestamp)(const struct xdp_md *ctx, u64 *timestamp);
	int (*xmo_rx_hash)(const struct xdp_md *ctx, u32 *hash,
			   enum xdp_rss_hash_type *rss_type);
	int (*xmo_rx_vlan_tag)(const struct xdp_md *ctx, __be16 *vlan_proto,
			       u16 *vlan_tci);
};

static inline void
compat_set_xdp_metadata_ops(struct net_device *dev,
			    const struct xdp_metadata_ops *ops)
{
}
#endif

#endif
