/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mlx4_core offers to the network device on top of it: the whole of it,
 * and the only way by which mlx4_en reaches the hardware.
 *
 * Objects (adapter, port, completion queue, queue pair, ...) are structures
 * whose members may be read by everybody and are written by mlx4_core alone,
 * unless their comment says "client". All functions may sleep, except those
 * whose comment says otherwise. Sizes of queues are powers of two.
 *
 * When the adapter has failed (cx_adapter_failed()), functions that ask for
 * something return -EIO at once, and functions that give something back
 * succeed: software's part is done, hardware's part ended with the reset.
 */
#ifndef MLX4_CORE_API_H
#define MLX4_CORE_API_H

#include <linux/auxiliary_bus.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/io.h>
#include <linux/pci.h>
#include <net/devlink.h>

#include "connectx/context.h"
#include "connectx/descriptor.h"
#include "connectx/device.h"
#include "connectx/port.h"
#include "connectx/registers.h"

/*
 * The package's version behind a generation: DKMS replaces a kernel's driver by
 * one of a higher version only, and the kernels' own mlx4 drivers say 4.0-0.
 */
#define CX_DRIVER_VERSION "5.0-0.1.0"

/* The auxiliary device of a port is called CX_AUX_MODULE "." CX_AUX_PORT */
#define CX_AUX_MODULE "mlx4_core"
#define CX_AUX_PORT "eth"

enum cx_steering_mode {
	CX_STEERING_A0,
	CX_STEERING_B0,
	CX_STEERING_MANAGED,
};

/* What the adapter is and can, decoded once after QUERY_DEV_CAP & Co. */
struct cx_caps {
	u16 fw_major, fw_minor, fw_subminor;
	char board_id[CX_PSID_SIZE + 1];
	u8 ports;
	u32 core_clock_khz; /* 0: no clock that can be read */
	enum cx_steering_mode steering;
	u32 max_cq_entries;
	u8 max_send_gather; /* data segments of a send descriptor */
	u8 max_receive_scatter;
	u8 log_max_rss_queues;
	u16 max_macs; /* per port */
	u32 max_counters;
	u32 max_lso; /* bytes that the card cuts into segments; 0: none */
	bool rss_toeplitz, rss_xor, udp_rss;
	bool timestamps;
	bool uc_loopback;
	bool fcs_keep, ignore_fcs;
	bool svlan_insertion, skip_outer_vlan;
	bool vxlan; /* implies managed steering */
	bool update_qp;
	u32 tx_rate_min, tx_rate_max; /* Mbit/s a send queue; 0, 0: none */
	bool user_mac;
	bool port_beacon;
	bool wol[CX_PORTS];
	bool eth_prot_ctrl; /* link modes by ACCESS_REG's PTYS */
	bool backplane_autoneg;
	bool ets_cfg, set_eth_sched;
	bool qcn;
	bool flow_statistics;
	bool config_dev;
	enum cx_rx_checksum_mode rx_checksum_mode[CX_PORTS];
};

struct cx_adapter {
	struct pci_dev *pdev;
	struct cx_caps caps;
	int completion_vectors; /* completion queues take 0 .. this - 1 */
	u32 pd; /* protection domain of all queues */
	u32 lkey; /* of the region that covers all of memory */
	void __iomem *uar; /* doorbell page of all queues */
	u32 uar_page; /* its number, for contexts */
	bool small_memory; /* kdump: smallest rings, one vector */
};

static inline struct device *cx_dma_device(struct cx_adapter *adapter)
{
	return &adapter->pdev->dev;
}

bool cx_adapter_failed(struct cx_adapter *adapter);

/**
 * cx_adapter_report_error - ask for recovery: something that only a reset ends
 * @adapter: the adapter
 * @reason: what was seen, for the log and devlink's health report
 *
 * Context: any. Recovery runs later, from a work queue.
 */
void cx_adapter_report_error(struct cx_adapter *adapter, const char *reason);

/* ----- Ports ----- */

struct cx_port;

/**
 * struct cx_port_client - what the network device of a port wants to hear
 * @link_changed: the link went up or down; called in interrupt context
 * @suspend: all queues of the port must be gone on return. Comes before a
 *	reset that is wanted (reload, power management) and after one that is
 *	not: then cx_adapter_failed() holds. May sleep.
 * @resume: the adapter is ready again, with nothing set up. May sleep. An
 *	error is logged, no more: the client has no queues then, and may try
 *	to have some whenever it wants.
 *
 * suspend and resume come in pairs, never together, and not once
 * cx_port_detach() has returned.
 */
struct cx_port_client {
	void (*link_changed)(struct cx_port *port, bool up);
	void (*suspend)(struct cx_port *port);
	int (*resume)(struct cx_port *port);
};

struct cx_port {
	struct auxiliary_device aux;
	struct cx_adapter *adapter;
	struct devlink_port devlink_port;
	u8 number; /* 1 or 2 */
	u8 mac[ETH_ALEN]; /* the card's own */
	u16 max_mtu; /* payload, without Ethernet header and tags */
	u8 physical_id[8]; /* 0: unknown */
	const struct cx_port_client *client;
	void *client_data;
};

static inline struct cx_port *cx_port_of(struct auxiliary_device *aux)
{
	return container_of(aux, struct cx_port, aux);
}

int cx_port_attach(struct cx_port *port, const struct cx_port_client *client,
		   void *data);
void cx_port_detach(struct cx_port *port);

struct cx_link_state {
	bool up;
	u32 speed; /* Mbit/s */
	bool autoneg, autoneg_complete;
	u8 transceiver; /* enum in connectx/port.h */
};

int cx_port_query(struct cx_port *port, struct cx_link_state *state);

/* SET_PORT general: frame size and flow control, sent together */
struct cx_port_settings {
	u16 mtu; /* payload */
	bool pause_rx, pause_tx;
	u8 pfc_rx, pfc_tx; /* a bit a priority; not 0 switches pause off */
};

int cx_port_configure(struct cx_port *port,
		      const struct cx_port_settings *settings);
int cx_port_set_user_mac(struct cx_port *port, const u8 *mac);
int cx_port_set_ignore_fcs(struct cx_port *port, bool ignore);
/* caps.svlan_insertion: without it descriptors that want a service tag have none */
int cx_port_set_phv(struct cx_port *port, bool on);
int cx_port_set_beacon(struct cx_port *port, u32 seconds);

/* INIT_PORT and CLOSE_PORT: the link; both may be called twice */
int cx_port_open(struct cx_port *port);
int cx_port_close(struct cx_port *port);

/* SET_VLAN_FLTR: @vids is a bitmap of VLAN_N_VID bits. */
int cx_port_set_vlan_filter(struct cx_port *port, const unsigned long *vids);

/* Wake-on-LAN by magic packet: whether it is switched on, or -errno */
int cx_port_get_wol(struct cx_port *port);
int cx_port_set_wol(struct cx_port *port, bool on);

/* DUMP_ETH_STATS into @page of CX_ETH_STATS_SIZE bytes (connectx/statistics.h)
 * @modifier: 0, CX_ETH_STATS_RESET, CX_ETH_STATS_FLOW_CONTROL (CX_FLOW_STATS_SIZE)
 */
int cx_port_read_statistics(struct cx_port *port, u32 modifier, void *page);

/* ACCESS_REG (connectx/access_reg.h): @data of @length bytes, in and out */
int cx_access_register(struct cx_adapter *adapter, u16 id, bool write,
		       void *data, size_t length);

/**
 * cx_module_read - read the memory of the module in a port's cage
 * @port: the port
 * @i2c: address on the module's bus, 0x50 or 0x51
 * @page: page of the upper half
 * @offset: 0 to 255
 * @length: any, split into what one command carries
 * @data: where it goes
 *
 * Return: 0; -ENODEV without a module; -EIO, -EOPNOTSUPP.
 */
int cx_module_read(struct cx_port *port, u8 i2c, u8 page, u8 offset,
		   size_t length, void *data);

/* Quality of service: arrays of CX_PRIORITIES or CX_TRAFFIC_CLASSES */
int cx_port_set_prio2tc(struct cx_port *port, const u8 *prio2tc);
struct cx_traffic_class {
	u16 group; /* CX_SCHEDULER_GROUP_ETS: shares; else strict */
	u16 bandwidth; /* per cent of the group */
	u32 limit_mbps; /* 0: none */
};

int cx_port_set_scheduler(struct cx_port *port,
			  const struct cx_traffic_class *classes);

/* Congestion notification (802.1Qau): the reaction point of a priority */
struct cx_congestion {
	bool enable;
	bool tag; /* frames say by a tag which flow they are of */
	u32 max_rps, time_reset, byte_reset, threshold;
	u32 max_rate, ai_rate, hai_rate, gd, min_dec_fac, min_rate;
};

struct cx_congestion_statistics {
	u64 centiseconds;
	u32 created;
};

int cx_congestion_get(struct cx_port *port, u8 priority,
		      struct cx_congestion *params);
int cx_congestion_set(struct cx_port *port, u8 priority,
		      const struct cx_congestion *params);
int cx_congestion_read_statistics(struct cx_port *port, u8 priority,
				  struct cx_congestion_statistics *statistics);

/* VXLAN offloads: the one UDP port that is parsed (0: none), and the switch */
int cx_vxlan_set_udp_port(struct cx_adapter *adapter, __be16 udp_port);
int cx_port_set_vxlan(struct cx_port *port, bool on);

/* HW_HEALTH_CHECK; and a NOP by way of a completion vector's interrupt */
int cx_adapter_health_check(struct cx_adapter *adapter);
int cx_adapter_test_interrupt(struct cx_adapter *adapter, int vector);

/* Registers that can be read without a side effect, and nothing is waited for */
#define CX_REGISTER_DUMP_WORDS (CX_HCR_DWORDS + 1 + CX_CATASTROPHIC_DWORDS)
void cx_registers_dump(struct cx_adapter *adapter, u32 *words);

/* The free-running clock; any context. Only if caps.core_clock_khz. */
u64 cx_clock_read(struct cx_adapter *adapter);

/* Linux' number of a completion vector's interrupt */
int cx_vector_irq(struct cx_adapter *adapter, int vector);
const struct cpumask *cx_vector_affinity(struct cx_adapter *adapter,
					 int vector);

/* ----- Memory that the adapter reaches by translation ----- */

struct cx_buffer {
	void *address;
	dma_addr_t dma;
	size_t size;
	u8 page_shift;
	u32 mtt; /* index of the first translation entry */
	u32 mtt_count;
	int node;
};

int cx_buffer_alloc(struct cx_adapter *adapter, struct cx_buffer *buffer,
		    size_t size, int node);
void cx_buffer_free(struct cx_adapter *adapter, struct cx_buffer *buffer);

/* A doorbell record: a cache line of its own, zeroed */
struct cx_record {
	__be32 *address;
	dma_addr_t dma;
};

int cx_record_alloc(struct cx_adapter *adapter, struct cx_record *record);
void cx_record_free(struct cx_adapter *adapter, struct cx_record *record);

/* ----- Completion queues ----- */

struct cx_cq {
	struct cx_adapter *adapter;
	u32 number;
	u32 entries;
	int vector;
	struct cx_buffer ring;
	struct cx_record record;
	void __iomem *doorbell;
	u32 arm_sequence; /* counts completion events, of interrupt context */
	/* client: */
	u32 consumer; /* entries taken since creation */
	void (*completed)(struct cx_cq *cq); /* interrupt context */
	void (*failed)(struct cx_cq *cq, u8 syndrome); /* the same */
};

struct cx_cq_settings {
	u32 entries;
	int vector;
	int node;
	bool timestamps;
	u16 usecs, frames; /* moderation */
};

/* The client sets cq->completed and cq->failed before; the queue is not armed. */
int cx_cq_create(struct cx_adapter *adapter, struct cx_cq *cq,
		 const struct cx_cq_settings *settings);
/* On return no callback of this queue runs, or will. */
void cx_cq_destroy(struct cx_cq *cq);
int cx_cq_moderate(struct cx_cq *cq, u16 usecs, u16 frames);

/* The entry that @consumer counts to, whether it is there or not; any context */
static inline void *cx_cq_entry(const struct cx_cq *cq, u32 consumer)
{
	return cq->ring.address +
	       (size_t)(consumer & (cq->entries - 1)) * CX_CQE_SIZE;
}

/*
 * The entry at @consumer if the adapter has written it, else NULL. The owner
 * bit is that of the pass (docs/hardware/queues.md, Q4). No read of the entry
 * may be moved before it.
 */
static inline void *cx_cq_next(const struct cx_cq *cq, u32 consumer)
{
	u8 *cqe = cx_cq_entry(cq, consumer);
	bool owner = READ_ONCE(cqe[CX_ENTRY_OWNER_BYTE]) & CX_ENTRY_OWNER_BIT;

	if (owner != !!(consumer & cq->entries))
		return NULL;
	dma_rmb();
	return cqe;
}

/* Tells the adapter that entries before cq->consumer are free; any context */
static inline void cx_cq_publish(struct cx_cq *cq)
{
	WRITE_ONCE(*cq->record.address, cpu_to_be32(cq->consumer & 0xffffff));
}

/* Asks for an event with the next completion; any context */
void cx_cq_arm(struct cx_cq *cq);
/* As if the event that was asked for had come; any context, the queue stays */
void cx_cq_take_event(struct cx_cq *cq);

/* ----- Queue pairs ----- */

enum cx_qpn_kind {
	CX_QPN_ANY,
	CX_QPN_SEND, /* usable with BlueFlame: bits 6 and 7 are 0 */
};

/* @count numbers in a row, the first a multiple of @alignment (power of two);
 * their contexts are backed by memory on return.
 */
int cx_qpn_alloc(struct cx_adapter *adapter, enum cx_qpn_kind kind, u32 count,
		 u32 alignment, u32 *first);
void cx_qpn_free(struct cx_adapter *adapter, u32 first, u32 count);

struct cx_rss_settings {
	u32 base_qpn; /* a multiple of the number of queues */
	u8 log_queues;
	u32 default_qpn; /* frames that are not hashed */
	u8 hash_function; /* CX_RSS_HASH_XOR or _TOEPLITZ */
	bool udp; /* hash on UDP's ports */
	bool inner; /* hash VXLAN's inner headers */
	u8 key[CX_RSS_KEY_SIZE];
};

struct cx_qp_settings {
	u8 port;
	const struct cx_buffer *ring; /* NULL: a parent for RSS alone */
	const struct cx_record *record; /* receive only */
	u8 log_sq_entries, log_sq_stride; /* entries and bytes; 0, 0: none */
	u8 log_rq_entries, log_rq_stride;
	u32 send_cqn, receive_cqn;
	u8 priority; /* schedule queue of sends */
	bool vlan_strip_off;
	bool fcs_keep;
	bool loopback; /* the internal switch may return own frames */
	const struct cx_rss_settings *rss;
};

/*
 * Where the receive queue begins in the ring of a queue pair that has no send
 * queue of its own: behind the one send descriptor that it has nevertheless,
 * unless its stride is larger. The ring must have room for both.
 */
static inline u32 cx_qp_receive_offset(u8 log_rq_stride)
{
	return log_rq_stride > CX_QP_LOG_SEND_STRIDE ?
		       0 :
		       1 << CX_QP_LOG_SEND_STRIDE;
}

struct cx_qp {
	struct cx_adapter *adapter;
	u32 number;
	enum cx_qp_state state;
	void (*failed)(struct cx_qp *qp,
		       u8 event); /* client; interrupt context */
};

/* The word that cx_qp_ring() wants: computed once a queue */
static inline u32 cx_qp_doorbell_word(u32 qpn)
{
	return cx_cpu_to_be32(qpn << CX_FIELD_BIT(CX_SEND_DOORBELL_QPN));
}

/*
 * Tells the adapter that a send queue has grown; any context. Orders what was
 * written to memory before it.
 */
static inline void cx_qp_ring(struct cx_adapter *adapter, u32 word)
{
	wmb(); /* descriptors before the doorbell that tells of them */
	__raw_writel(word, adapter->uar + CX_UAR_SEND_DOORBELL);
}

/* Reset to ready-to-send with these settings; @qp->number from cx_qpn_alloc() */
int cx_qp_start(struct cx_adapter *adapter, struct cx_qp *qp,
		const struct cx_qp_settings *settings);
/* Back to reset: on return the adapter reads and writes nothing for it. */
void cx_qp_stop(struct cx_qp *qp);
/* UPDATE_QP (caps.update_qp) */
int cx_qp_set_loopback(struct cx_qp *qp, bool loopback);
/* The same (caps.tx_rate_max): Mbit/s that it sends at most; 0: no limit */
int cx_qp_set_rate(struct cx_qp *qp, u32 mbps);

/* ----- Receive steering: the same for all three kinds ----- */

/*
 * A port has one destination, a queue pair that may be an RSS parent. What
 * arrives for the addresses that were added goes there. Moving the
 * destination moves all of them and loses no frame.
 */
int cx_steer_open(struct cx_port *port, const u8 *mac, u32 qpn);
int cx_steer_move(struct cx_port *port, u32 qpn);
void cx_steer_close(struct cx_port *port);
/* The port's own address, in place of the one before */
int cx_steer_set_mac(struct cx_port *port, const u8 *mac);
/* Further addresses; -EOPNOTSUPP for unicast with A0: be promiscuous then */
int cx_steer_add(struct cx_port *port, const u8 *mac);
void cx_steer_remove(struct cx_port *port, const u8 *mac);
int cx_steer_promiscuous(struct cx_port *port, bool on);
int cx_steer_all_multicast(struct cx_port *port, bool on);

/* One rule of device-managed steering: what is not set in a mask matches all */
struct cx_flow_rule {
	/* Smaller wins; below 0x3000: all win over the ports' own addresses */
	u16 priority;
	u32 qpn;
	bool match_dmac, match_vlan, match_ethertype;
	bool match_ipv4, match_tcp, match_udp;
	u8 dmac[ETH_ALEN], dmac_mask[ETH_ALEN];
	__be16 vlan, vlan_mask;
	__be16 ethertype;
	__be32 src_ip, src_ip_mask, dst_ip, dst_ip_mask;
	__be16 src_port, src_port_mask, dst_port, dst_port_mask;
};

/* -EOPNOTSUPP without managed steering, -ENOSPC when the table is full */
int cx_rule_add(struct cx_port *port, const struct cx_flow_rule *rule, u64 *id);
void cx_rule_remove(struct cx_port *port, u64 id);

#endif
