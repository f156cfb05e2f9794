/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The network device of one port: what its files share. The hardware is
 * reached through mlx4_core/api.h alone.
 *
 * What a user can change that needs other rings stands in struct en_config.
 * The rings of one configuration are a struct en_channels: built as a whole
 * beside the running ones, put in their place, and the old ones drained and
 * taken down (reconfigure.c). The link stays up meanwhile.
 */
#ifndef MLX4_EN_EN_H
#define MLX4_EN_EN_H

#include <linux/bpf.h>
#include <linux/dim.h>
#include <linux/if_vlan.h>
#include <linux/net_tstamp.h>
#include <linux/netdevice.h>
#include <linux/ptp_clock_kernel.h>
#include <net/xdp.h>

#include "connectx/statistics.h"
#include "mlx4_core/api.h"

#define EN_DRIVER_NAME "mlx4_en"

#define EN_RX_ENTRIES_MIN 256
#define EN_TX_ENTRIES_MIN 64
#define EN_ENTRIES_MAX 8192
#define EN_ENTRIES_DEFAULT 1024
#define EN_MAX_CHANNELS 128
#define EN_MAX_TX_QUEUES 256
#define EN_MIN_MTU 68

/* A received packet's pages: the first has room in front and behind */
#define EN_RX_HEADROOM XDP_PACKET_HEADROOM
#define EN_RX_TAILROOM SKB_DATA_ALIGN(sizeof(struct skb_shared_info))
#define EN_RX_FIRST_PAGE (PAGE_SIZE - EN_RX_HEADROOM - EN_RX_TAILROOM)
#define EN_RX_MAX_PAGES 4
/* Two tags in front of the payload, and a frame check sequence behind it */
#define EN_FRAME_OVERHEAD (ETH_HLEN + 2 * VLAN_HLEN + ETH_FCS_LEN)
/* Frames of this size are in one page: any XDP program takes them */
#define EN_XDP_ONE_PAGE_MTU (EN_RX_FIRST_PAGE - EN_FRAME_OVERHEAD)

struct en_moderation {
	u16 rx_usecs, rx_frames;
	u16 tx_usecs, tx_frames;
	bool adaptive_rx;
};

struct en_config {
	u16 rx_channels; /* power of two where RSS needs it */
	u16 tx_channels; /* queues for each traffic class */
	u8 traffic_classes; /* 0: none configured */
	u32 rx_entries, tx_entries;
	u32 mtu;
	u16 tx_copybreak; /* bytes of a frame that is copied whole */
	struct bpf_prog *xdp;
	struct en_moderation moderation; /* where each queue begins */
	struct kernel_hwtstamp_config timestamps;
	bool vlan_strip;
	bool rx_fcs;
	struct {
		u8 function; /* CX_RSS_HASH_... */
		u16 queues; /* 0: all receive channels */
		bool udp;
		u8 key[CX_RSS_KEY_SIZE];
	} rss;
};

/* Send queues of the stack, all traffic classes together */
static inline u16 en_tx_queue_count(const struct en_config *config)
{
	return config->tx_channels * max_t(u16, config->traffic_classes, 1);
}

/* ----- Receive ----- */

struct en_rx_stats {
	u64 packets, bytes;
	u64 alloc_fail, drops, errors;
	u64 csum_unnecessary, csum_complete, csum_none;
	u64 xdp_drop, xdp_pass, xdp_tx, xdp_redirect, xdp_aborted;
	u64 xdp_tx_full, xdp_redirect_fail;
};

struct en_channel;

/* What a receive ring does with a completion; en_rx_ring.features */
enum {
	EN_RX_CHECKSUM = 1 << 0,
	EN_RX_HASH = 1 << 1,
	EN_RX_VLAN = 1 << 2, /* the adapter takes tags out of the frame */
	EN_RX_ANY_IP_SUM = 1 << 3, /* CHECKSUM_COMPLETE for other IP */
	EN_RX_TIMESTAMP = 1 << 4,
	EN_RX_TUNNEL = 1 << 5, /* VXLAN's inner headers are looked at */
};

/* overdue.c: what was seen of a completion queue at the last look */
struct en_overdue {
	u32 consumer;
	bool waiting; /* a completion waited there, and an event was owed */
};

/*
 * Descriptor i of the ring owns buffers[i * pages_per_entry] and the next
 * ones, always: a frame goes up only once other pages have taken its place.
 */
struct en_rx_ring {
	struct en_channel *channel;
	void **buffers; /* addresses of pages */
	void *descriptors; /* entry 0; the ring's buffer may begin before */
	struct page_pool *pool;
	struct bpf_prog *xdp;
	u32 entries;
	u32 max_bytes; /* of a frame: what the pages hold */
	u16 index;
	u8 pages_per_entry;
	u8 log_stride;
	u8 features; /* EN_RX_... */
	bool armed; /* the completion queue owes an event */
	bool broken; /* the adapter lies: left alone until it is replaced */
	bool adaptive; /* moderation by dim */
	__be32 hash_l4; /* status bits of frames hashed with their ports */
	u16 events; /* interrupts, for dim */
	struct cx_cq cq;
	struct cx_qp qp;
	struct cx_buffer buffer;
	struct cx_record record;
	struct xdp_rxq_info xdp_rxq;
	struct en_rx_stats stats;
	struct en_overdue overdue;
	struct dim dim;
};

/* ----- Transmit ----- */

struct en_tx_stats {
	u64 packets, bytes;
	u64 tso_packets, csum_partial, wakes; /* these by completion */
	u64 stops, drops; /* these by the producer */
	u64 timeouts;
};

struct en_tx_slot; /* tx_ring.h: what a descriptor in flight holds */

/*
 * A send queue in blocks of 64 bytes. Two sides work on it at once: producer
 * (under the stack's queue lock, an XDP ring's under its own) and completion
 * (NAPI). What they count is theirs alone; all of it grows without end.
 */
struct en_tx_ring {
	struct en_channel *channel;
	struct netdev_queue *queue; /* NULL: XDP's, or one that drains */
	void *descriptors;
	struct en_tx_slot *slots; /* one a block */
	u32 entries;
	u32 mask;
	u32 usable; /* entries that may be in flight */
	u32 wake_room; /* free blocks at which a stopped queue goes on */
	u32 doorbell_word;
	u32 max_segments; /* of a packet that is gathered */
	struct device *dma;
	__be32 lkey;
	__be32 flags; /* control segment's third word of every descriptor */
	u32 inline_max; /* bytes of a frame that goes into its descriptor */
	u16 index;
	u8 priority;
	bool timestamps;

	/* producer */
	u32 producer ____cacheline_aligned_in_smp;
	u32 limit; /* may go so far without asking for the consumer */
	u32 unsignalled; /* descriptors since the last that asks for a CQE */
	/* XDP alone: */
	spinlock_t lock;
	void *held; /* the last descriptor, its first word not yet written */
	__be32 held_opcode;
	u16 frame_count;
	struct xdp_frame **frames; /* to be sent when the poll ends */

	/* completion */
	u32 consumer ____cacheline_aligned_in_smp;
	bool armed;
	bool broken;
	u16 events;
	struct cx_cq cq;
	struct cx_qp qp;
	struct cx_buffer buffer;
	struct en_tx_stats stats;
	struct en_overdue overdue;
	struct dim dim;
};

/* All that one interrupt vector serves */
struct en_channel {
	struct en_netdev *en;
	struct napi_struct napi;
	struct en_rx_ring *rx; /* NULL beyond the receive channels */
	struct en_tx_ring *xdp_tx; /* NULL without an XDP program */
	struct en_tx_ring **tx; /* the transmit queues of this vector */
	u16 tx_count;
	u16 index;
	int vector;
	int node; /* memory near the vector's processors */
};

struct en_channels {
	struct en_netdev *en;
	struct en_config config; /* what they were built for */
	u16 count; /* channels: enough for both directions */
	u16 tx_count; /* transmit queues in all */
	struct en_channel **channel;
	struct en_tx_ring **tx; /* by queue index */
	u32 receive_qpn; /* the destination of steering */
	u32 rx_base_qpn;
	struct cx_qp rss_qp;
	u32 drop_qpn;
};

/* ----- The network device ----- */

struct en_port_statistics; /* port_stats.c */
struct en_rx_mode; /* rx_mode.c: what steering was told */
struct en_clock; /* clock.c: one an adapter, its ports share it */
struct en_flows; /* flow.c: n-tuple rules */
struct en_arfs; /* arfs.c */
struct en_dcb; /* dcb.c */
struct en_reporters; /* reporter.c */

struct en_netdev {
	struct net_device *dev;
	struct cx_port *port;
	struct cx_adapter *adapter;
	struct en_config config; /* wanted; holds while closed too */
	struct en_moderation *moderation; /* by queue index; rtnl */
	struct en_channels *channels; /* NULL while closed */
	bool port_up; /* between open and close; rtnl */
	bool suspended; /* the adapter is away; rtnl */
	bool pause_rx, pause_tx;
	u8 pfc_rx, pfc_tx;
	bool phv; /* the port inserts service tags; rtnl */
	u32 msg_enable;

	DECLARE_BITMAP(vlans, VLAN_N_VID); /* 802.1Q */
	DECLARE_BITMAP(svlans, VLAN_N_VID); /* 802.1ad */
	struct workqueue_struct *workqueue;
	struct work_struct rx_mode_work;
	struct work_struct link_work;
	struct mutex link_lock; /* from asking the port to setting the carrier */
	struct work_struct timeout_work;
	struct delayed_work service_work; /* 250 ms while open */
	u32 service_ticks;

	struct en_port_statistics *port_stats;
	struct en_clock *clock; /* NULL: the card has none */
	struct en_flows *flows;
	struct en_arfs *arfs; /* NULL: the adapter has no rules */
	struct en_dcb *dcb;
	struct en_reporters *reporters;
	struct en_rx_mode *rx_mode;
	DECLARE_BITMAP(tx_timeouts, EN_MAX_TX_QUEUES); /* queues that hang */
	/*
	 * Counters of rings that are gone, so that no sum goes back. The lock
	 * keeps en_get_stats64(), which holds no rtnl, from rings that go:
	 * en->channels changes through en_stats_swap() alone.
	 */
	spinlock_t stats_lock;
	struct en_channels *draining;
	struct en_rx_stats rx_before;
	struct en_tx_stats tx_before;

	struct work_struct restart_work; /* restart.c */
	const char *rx_failure, *xdp_failure; /* not yet reported, or NULL */
	u16 spread_queues; /* send queues that processors were chosen for */
	unsigned long restarts_since; /* jiffies, and how many since then */
	u32 restarts;
	struct en_tx_ring *tx[]; /* dev->num_tx_queues; NULL: none */
};

/* features.c */
void en_init_features(struct en_netdev *en);
netdev_features_t en_fix_features(struct net_device *dev,
				  netdev_features_t features);
int en_set_features(struct net_device *dev, netdev_features_t features);
int en_set_phv(struct en_netdev *en, bool on);

/* netdev.c: creation, open and stop */
u16 en_max_rx_channels(struct en_netdev *en);
u16 en_max_tx_channels(struct en_netdev *en); /* for each traffic class */
void en_netdev_suspend(struct en_netdev *en); /* takes rtnl */
int en_netdev_resume(struct en_netdev *en); /* takes rtnl */
struct en_netdev *en_netdev_create(struct cx_port *port);
void en_netdev_destroy(struct en_netdev *en);
extern const struct net_device_ops en_netdev_ops;

/* channels.c: all rings of a configuration, started but not steered to */
struct en_channels *en_channels_create(struct en_netdev *en,
				       const struct en_config *config);
void en_channels_start(struct en_channels *channels); /* NAPI, first arm */
void en_channels_stop(struct en_channels *channels);
void en_channels_destroy(struct en_channels *channels);
void en_spread_queues(struct en_netdev *en);
u16 en_rss_queues(const struct cx_adapter *adapter,
		  const struct en_config *config);

/*
 * reconfigure.c: go over to @config, whatever it changes. Under rtnl. While
 * the device is closed it is only remembered. On error nothing has changed.
 */
int en_reconfigure(struct en_netdev *en, const struct en_config *config);
/* Replaces one transmit queue that hangs, and no other */
int en_restart_tx(struct en_netdev *en, u16 queue);

/* rx.c, rx_ring.c, tx.c, tx_ring.c, xdp.c */
int en_rx_ring_create(struct en_rx_ring *ring, struct en_channels *channels,
		      u32 qpn);
void en_rx_ring_destroy(struct en_rx_ring *ring);
int en_rx_poll(struct en_rx_ring *ring, int budget);
void en_rx_update_features(struct en_netdev *en); /* of all rings, live */
u32 en_rx_max_mtu(struct en_netdev *en);
int en_tx_ring_create(struct en_tx_ring *ring, struct en_channels *channels);
void en_tx_ring_destroy(struct en_tx_ring *ring);
bool en_tx_poll(struct en_tx_ring *ring, int budget);
bool en_xdp_tx_poll(struct en_tx_ring *ring, int budget);
void en_tx_update_flags(struct en_netdev *en); /* of all rings, live */
int en_set_tx_maxrate(struct net_device *dev, int queue, u32 mbps);
netdev_tx_t en_xmit(struct sk_buff *skb, struct net_device *dev);
int en_bpf(struct net_device *dev, struct netdev_bpf *bpf);
int en_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		u32 flags);

/* xdp_setup.c, xdp_metadata.c */
void en_xdp_metadata_init(struct net_device *dev);
void en_xdp_features(struct en_netdev *en); /* tells what is possible now */
void en_xdp_init(struct en_netdev *en);

/* restart.c: replaces all rings soon; any context */
void en_restart_init(struct en_netdev *en);
void en_request_restart(struct en_netdev *en, const char *reason);
void en_request_xdp_restart(struct en_netdev *en, const char *reason);
bool en_may_restart(struct en_netdev *en);

/* reporter.c: devlink's health reporters of the port */
int en_reporters_create(struct en_netdev *en);
void en_reporters_destroy(struct en_netdev *en);
void en_reporters_renewed(struct en_netdev *en); /* all queues are new */

/* rx_mode.c, vlan.c, link.c */
int en_rx_mode_init(struct en_netdev *en); /* and the work */
void en_rx_mode_exit(struct en_netdev *en);
void en_set_rx_mode(struct net_device *dev);
/* Now; after cx_steer_open(): sends the VLAN filter too */
void en_rx_mode_sync(struct en_netdev *en);
/* Before cx_steer_close(): no steering from the work on return */
void en_rx_mode_stop(struct en_netdev *en);
int en_set_mac_address(struct net_device *dev, void *address);
int en_vlan_add(struct net_device *dev, __be16 proto, u16 vid);
int en_vlan_kill(struct net_device *dev, __be16 proto, u16 vid);
void en_vlan_sync(struct en_netdev *en); /* the whole filter */
void en_link_init(struct en_netdev *en); /* the work */
void en_link_changed(struct cx_port *port, bool up);
void en_link_sync(struct en_netdev *en); /* asks the port, sets the carrier */
void en_link_off(struct en_netdev *en);
int en_apply_port_settings(struct en_netdev *en); /* MTU, pause, PFC */

/* tx_timeout.c: ndo_tx_timeout; its work restarts the queues that hang */
void en_tx_timeout_init(struct en_netdev *en); /* the work */
void en_tx_timeout(struct net_device *dev, unsigned int queue);

/* ethtool*.c, clock.c, flow.c, port_stats.c, queue_stats.c and others */
extern const struct ethtool_ops en_ethtool_ops;
int en_port_stats_init(struct en_netdev *en); /* and stats_lock */
void en_port_stats_exit(struct en_netdev *en);
void en_port_stats_read(struct en_netdev *en); /* from the service work */
void en_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *stats);
/*
 * en->channels = @channels (NULL while closed), the ones before stay counted
 * as en->draining until en_stats_retire() adds their counters to *_before:
 * call that when they count no more, before they are destroyed.
 */
void en_stats_swap(struct en_netdev *en, struct en_channels *channels);
void en_stats_retire(struct en_netdev *en);
/* Adds one ring's counters to tx_before: en_restart_tx(), before it goes */
void en_stats_retire_tx(struct en_netdev *en, struct en_tx_ring *ring);
void en_queue_stats_init(struct en_netdev *en);
int en_clock_create(struct en_netdev *en);
void en_clock_destroy(struct en_netdev *en);
void en_clock_tick(struct en_netdev *en); /* from the service work */
void en_clock_suspend(struct en_netdev *en); /* the adapter goes away */
void en_clock_resume(struct en_netdev *en); /* the counter began anew */
int en_hwtstamp_get(struct net_device *dev,
		    struct kernel_hwtstamp_config *config);
int en_hwtstamp_set(struct net_device *dev,
		    struct kernel_hwtstamp_config *config,
		    struct netlink_ext_ack *extack);
int en_clock_index(const struct en_netdev *en);
ktime_t en_clock_to_ktime(struct en_netdev *en, u64 raw);
int en_moderation_create(struct en_netdev *en);
void en_moderation_destroy(struct en_netdev *en);
int en_flows_create(struct en_netdev *en);
void en_flows_destroy(struct en_netdev *en);
void en_flows_restore(struct en_netdev *en); /* after rings were swapped */
void en_flows_release(struct en_netdev *en); /* before the port is closed */
/* arfs.c: rules that the stack asks for; no ring goes while one leads to it */
int en_arfs_create(struct en_netdev *en);
void en_arfs_destroy(struct en_netdev *en);
void en_arfs_start(struct en_netdev *en);
void en_arfs_stop(struct en_netdev *en);
void en_arfs_tick(struct en_netdev *en); /* from the service work */
void en_overdue_tick(struct en_netdev *en); /* overdue.c */
int en_rx_flow_steer(struct net_device *dev, const struct sk_buff *skb,
		     u16 queue, u32 flow_id);
int en_dcb_create(struct en_netdev *en);
void en_dcb_destroy(struct en_netdev *en);
void en_dcb_sync(struct en_netdev *en); /* by en_apply_port_settings() */
/* When the number of transmit queues, or of classes, has changed */
void en_tc_sync(struct en_netdev *en);
int en_setup_tc(struct net_device *dev, enum tc_setup_type type, void *data);
void en_vxlan_init(struct en_netdev *en);
void en_vxlan_sync(struct en_netdev *en);
netdev_features_t en_features_check(struct sk_buff *skb, struct net_device *dev,
				    netdev_features_t features);
/* Before NAPI starts; after it has stopped and an RCU period has passed */
void en_dim_start(struct en_channels *channels);
void en_dim_stop(struct en_channels *channels);
/* From NAPI when it is about to arm, if moderation is adaptive */
void en_dim_sample(struct en_rx_ring *ring);

#endif
