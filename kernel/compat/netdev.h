/* SPDX-License-Identifier: GPL-2.0-only */
/* NAPI, queues and their statistics, packet buffers. */
#ifndef COMPAT_NETDEV_H
#define COMPAT_NETDEV_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/dcbnl.h>
#include <net/netdev_queues.h>
#include <net/udp_tunnel.h>

#if !COMPAT_HAS_NETIF_NAPI_SET_IRQ
static inline void netif_napi_set_irq(struct napi_struct *napi, int irq)
{
}
#endif

#if !COMPAT_HAS_NETIF_QUEUE_SET_NAPI
/* Only told to user space, which has no way to ask on these kernels. */
enum netdev_queue_type {
	NETDEV_QUEUE_TYPE_RX,
	NETDEV_QUEUE_TYPE_TX,
};

static inline void netif_queue_set_napi(struct net_device *dev,
					unsigned int queue_index,
					enum netdev_queue_type type,
					struct napi_struct *napi)
{
}
#endif

#if !COMPAT_HAS_NETIF_NAPI_ADD_CONFIG
/* What was set for a NAPI instance is forgotten with it on these kernels. */
static inline void netif_napi_add_config(struct net_device *dev,
					 struct napi_struct *napi,
					 int (*poll)(struct napi_struct *, int),
					 int index)
{
	netif_napi_add(dev, napi, poll);
}
#endif

#if COMPAT_HAS_STAT_OPS
static inline void compat_set_stat_ops(struct net_device *dev,
				       const struct netdev_stat_ops *ops)
{
	dev->stat_ops = ops;
}
#else
struct netdev_queue_stats_rx {
	u64 bytes, packets, alloc_fail;
	u64 hw_drops, hw_drop_overruns;
	u64 csum_complete, csum_unnecessary, csum_none, csum_bad;
};

struct netdev_queue_stats_tx {
	u64 bytes, packets;
	u64 hw_drops, hw_drop_errors;
	u64 csum_none, needs_csum;
	u64 hw_gso_packets, hw_gso_bytes;
	u64 stop, wake;
};

struct netdev_stat_ops {
	void (*get_queue_stats_rx)(struct net_device *dev, int index,
				   struct netdev_queue_stats_rx *stats);
	void (*get_queue_stats_tx)(struct net_device *dev, int index,
				   struct netdev_queue_stats_tx *stats);
	void (*get_base_stats)(struct net_device *dev,
			       struct netdev_queue_stats_rx *rx,
			       struct netdev_queue_stats_tx *tx);
};

/* Nobody asks for them on these kernels. */
static inline void compat_set_stat_ops(struct net_device *dev,
				       const struct netdev_stat_ops *ops)
{
}
#endif

/* A counter that not every kernel that has the others has, too */
static inline void compat_set_csum_complete(struct netdev_queue_stats_rx *stats,
					    u64 value)
{
#if COMPAT_HAS_STAT_CSUM_COMPLETE || !COMPAT_HAS_STAT_OPS
	stats->csum_complete = value;
#endif
}

#if !COMPAT_HAS_TXQ_COMPLETED_WAKE
/*
 * -1: not enough room yet; 0: the queue was woken; 1: it was not stopped. The
 * barrier lies between the new consumer index, which the caller has written,
 * and the look at the queue: netif_txq_try_stop() has its counterpart.
 */
#define __netif_txq_completed_wake(queue, packets, bytes, room, enough, down) \
	({                                                                    \
		int compat_result = -1;                                       \
                                                                              \
		netdev_tx_completed_queue(queue, packets, bytes);             \
		smp_mb(); /* see above */                                     \
		if ((packets) && likely((room) >= (enough))) {                \
			compat_result = 1;                                    \
			if (unlikely(netif_tx_queue_stopped(queue)) &&        \
			    !(down)) {                                        \
				netif_tx_wake_queue(queue);                   \
				compat_result = 0;                            \
			}                                                     \
		}                                                             \
		compat_result;                                                \
	})
#endif

#if !COMPAT_HAS_FRAG_FILL_PAGE_DESC
static inline void skb_frag_fill_page_desc(skb_frag_t *frag, struct page *page,
					   int offset, int size)
{
	__skb_frag_set_page(frag, page);
	skb_frag_off_set(frag, offset);
	skb_frag_size_set(frag, size);
}
#endif

/* Kernels that lack it let every driver sleep. */
#if !COMPAT_HAS_UDP_TUNNEL_MAY_SLEEP
#define UDP_TUNNEL_NIC_INFO_MAY_SLEEP 0
#endif

/* A kernel may be built without DCB */
static inline void compat_set_dcbnl_ops(struct net_device *dev,
					const struct dcbnl_rtnl_ops *ops)
{
#ifdef CONFIG_DCB
	dev->dcbnl_ops = ops;
#endif
}

/* The stack's table of applications; 0 priorities where there is none */
static inline u8 compat_dcb_getapp(struct net_device *dev, struct dcb_app *app)
{
#ifdef CONFIG_DCB
	return dcb_getapp(dev, app);
#else
	return 0;
#endif
}

static inline int compat_dcb_setapp(struct net_device *dev, struct dcb_app *app)
{
#ifdef CONFIG_DCB
	return dcb_setapp(dev, app);
#else
	return -EOPNOTSUPP;
#endif
}

/*
 * The largest packet that a driver may have segmented: kernels that put an
 * extension header into larger ones expect drivers to take it out again.
 */
#if COMPAT_HAS_HOP_JUMBO_HEADER
#define COMPAT_TSO_MAX_SIZE GSO_LEGACY_MAX_SIZE
#else
#define COMPAT_TSO_MAX_SIZE GSO_MAX_SIZE
#endif

#endif
