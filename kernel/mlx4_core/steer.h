/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Receive steering: what its files and the ports' address tables share.
 * steer.c knows which addresses a port has; a mode knows how the
 * adapter is told of them.
 */
#ifndef MLX4_CORE_STEER_H
#define MLX4_CORE_STEER_H

#include <linux/idr.h>
#include <linux/list.h>

#include "connectx/steering.h"
#include "mlx4_core/core.h"

/* The rules of one address in managed mode: plain frames, frames in VXLAN */
struct cx_steer_rules {
	u64 plain, tunnelled; /* 0: none */
};

struct cx_steer_address {
	struct list_head list;
	unsigned int users;
	u8 mac[ETH_ALEN];
	u8 mac_index; /* unicast: its place in the port's MAC table */
	struct cx_steer_rules rules;
	struct cx_steer_rules moved; /* while the destination moves */
};

struct cx_steer_port {
	struct cx_core *core;
	u8 number;
	struct mutex lock; /* everything below */
	bool open;
	u32 qpn; /* the destination */
	struct list_head addresses; /* the port's own comes first */
	struct cx_steer_address *own, *broadcast;
	bool promiscuous, all_multicast;
	/* Managed mode: rules of all frames, of multicast; see steer_managed.c */
	u64 all_rule, multicast_rule;
	u8 level;
	/* Shadow of the table in the adapter */
	u64 macs[CX_MAC_TABLE_ENTRIES]; /* 0: free */
};

/*
 * A mode of steering. All are called with the port's lock held. What gives
 * back cannot fail: the adapter is reported if it does not comply.
 */
struct cx_steer_mode {
	bool one_unicast; /* the port's own address and no other */
	/* The first command, before any address is attached */
	int (*open)(struct cx_steer_port *port);
	int (*attach)(struct cx_steer_port *port, struct cx_steer_address *at);
	void (*detach)(struct cx_steer_port *port, struct cx_steer_address *at);
	/* All of the port's addresses and lists from port->qpn to @qpn */
	int (*move)(struct cx_steer_port *port, u32 qpn);
	/* What matches no address: from port->promiscuous and so on to these */
	int (*set_catch_all)(struct cx_steer_port *port, bool promiscuous,
			     bool all_multicast);
};

extern const struct cx_steer_mode cx_steer_a0, cx_steer_b0, cx_steer_managed;

struct cx_steering {
	const struct cx_steer_mode *mode;
	struct mutex mcg_lock; /* chains of entries, which ports share */
	struct ida mcg_overflow;
	struct cx_steer_port ports[CX_PORTS];
};

static inline struct cx_steer_port *cx_steer_port_of(struct cx_port *port)
{
	struct cx_core *core = cx_core_of(port->adapter);

	return &core->steering->ports[port->number - 1];
}

/* port_tables.c; with the port's lock held */
int cx_mac_table_add(struct cx_steer_port *port, const u8 *mac, u8 *index);
int cx_mac_table_replace(struct cx_steer_port *port, u8 index, const u8 *mac);
void cx_mac_table_remove(struct cx_steer_port *port, u8 index);

/* multicast_filter.c: SET_MCAST_FLTR */
int cx_multicast_filter_off(struct cx_steer_port *port);
int cx_multicast_filter_add(struct cx_steer_port *port, const u8 *mac);
int cx_multicast_filter_write(struct cx_steer_port *port);

/* mcg.c: entries of one destination each */
int cx_mcg_write(struct cx_steer_port *port, const u8 *mac, u32 qpn);
int cx_mcg_remove(struct cx_steer_port *port, const u8 *mac);
/* What matches no entry goes to @qpn; 0: nowhere */
int cx_mcg_set_default(struct cx_steer_port *port, int steer, u32 qpn);

#endif
