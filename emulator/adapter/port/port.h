/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A port: its link, its tables and filters, its settings.
 */
#ifndef EMULATOR_ADAPTER_PORT_PORT_H
#define EMULATOR_ADAPTER_PORT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emulator/adapter/port/statistics.h"
#include "emulator/loop/event_loop.h"
#include "emulator/packet/packet.h"

struct adapter;

#define PORTS_MAX 2
#define PORT_MTU_MAX 9600 /* the largest payload: QUERY_PORT's MTU */
#define PORT_MAC_ENTRIES 128
#define PORT_VLAN_ENTRIES 128
#define PORT_MULTICAST_MAX 1024
#define PORT_MODULE_PAGES 6

/* SET_PORT RQP_CALC: how A0 steering computes a QPN */
struct port_rqp_calc {
	bool written;
	uint32_t base_qpn, promisc_qpn, default_multicast_qpn;
	uint8_t log_macs, log_vlans, log_priorities;
	uint8_t mac_miss, no_vlan, vlan_miss, no_vlan_priority;
	bool unicast_promisc, multicast_by_vlan;
	uint8_t multicast_mode;
};

struct port_scheduler {
	uint16_t group, bandwidth, limit_units, limit;
};

struct port {
	struct adapter *adapter;
	unsigned int number; /* 1 or 2 */

	/* Link. Frames pass while link_up, which includes open. */
	bool open; /* INIT_PORT was sent, CLOSE_PORT not */
	bool physical_up; /* the backend's other side is there */
	bool link_up; /* open, there, and trained */
	uint32_t speed; /* Mbit/s that it runs at, or would train to */
	uint32_t speed_limit; /* Mbit/s of what is at the other end */
	uint64_t training_ns;
	struct loop_timer training;
	uint32_t link_modes_admin; /* PTYS */
	bool autoneg_disabled;

	uint8_t burnt_mac[6]; /* QUERY_PORT */
	uint8_t factory_mac[6]; /* what MOD_STAT_CFG's defaults restore */
	uint64_t guid;

	/* SET_PORT GENERAL */
	uint32_t frame_limit; /* bytes, with L2 header, tags and FCS */
	bool pause_tx, pause_rx;
	uint8_t pfc_tx, pfc_rx; /* bit a priority */
	bool ignore_fcs, phv;
	uint16_t user_mtu;
	uint8_t user_mac[6];
	bool beacon;

	struct port_rqp_calc rqp_calc;

	/* The tables hold host-order values: valid << 63 | MAC, and the raw
	 * dword of a VLAN entry
	 */
	uint64_t mac_table[PORT_MAC_ENTRIES];
	unsigned int mac_table_used; /* entries up to the last valid one */
	uint32_t vlan_table[PORT_VLAN_ENTRIES];

	bool vlan_filter_set; /* no filter until the first SET_VLAN_FLTR */
	uint8_t vlan_filter[512]; /* bit VID % 8 of byte VID / 8 */
	bool multicast_filter_enabled;
	unsigned int multicast_count;
	uint64_t multicast[PORT_MULTICAST_MAX]; /* sorted */

	uint8_t traffic_class[8]; /* of a priority */
	struct port_scheduler scheduler[8]; /* of a traffic class */
	bool vxlan_enabled;
	uint8_t vxlan_steering;
	uint64_t wake_on_lan; /* CX_WAKE_ON_LAN_* but MODIFY */
	uint8_t congestion[8][256]; /* QCN parameters of a priority */
	uint32_t virtual_pipes[8]; /* ALLOCATE_VPP, of a priority */
	uint8_t vport_qos[256]; /* SET_VPORT_QOS entries of virtual port 0 */

	bool module_present;
	uint8_t module[PORT_MODULE_PAGES][128]; /* module_eeprom.h */

	struct port_statistics statistics;
};

struct port_config {
	uint8_t mac[6];
	uint32_t speed; /* Mbit/s; 0 = the fastest that the card has */
	uint64_t training_ns; /* from INIT_PORT or a new cable to link up */
};

/**
 * port_init - a port as after power-on, closed and without a backend
 * @port: adapter->ports[@number - 1], zeroed
 */
void port_init(struct port *port, struct adapter *adapter, unsigned int number,
	       struct event_loop *loop, const struct port_config *config);

/*
 * Chip reset: closed, every table and setting at its default, statistics
 * cleared. The backend's state, speed and addresses stay. No event is sent.
 */
void port_reset(struct port *port);
/* INIT_HCA: steering related settings back to default. */
void port_hca_init(struct port *port);

/*
 * The backend came or went, or a fault pulls the cable: trains the link of an
 * open port, or takes it down at once, with its event.
 */
void port_set_physical_link(struct port *port, bool up);
/* Return: 0, or -EINVAL if the card has no such speed (Mbit/s). Retrains. */
int port_set_speed(struct port *port, uint32_t speed);
/* PTYS: what software allows; used the next time that the link trains. */
void port_set_link_modes(struct port *port, uint32_t modes);
/* Return: the CX_LINK_MODE_* of the running link, 0 while it is down. */
uint32_t port_link_mode(const struct port *port);
/* Return: those of @modes (CX_LINK_MODE_*) that are not faster than @limit */
uint32_t port_modes_up_to(uint32_t modes, uint32_t limit);
/* The address that QUERY_PORT reports, and the GUID made of it */
void port_set_burnt_mac(struct port *port, const uint8_t mac[6]);

/* Return: adapter->ports[] of a 1-based number, or NULL if there is none. */
struct port *port_find(struct adapter *adapter, uint32_t number);

/* Whether a received frame, length without FCS, is within SET_PORT's limit */
static inline bool port_frame_fits(const struct port *port, uint32_t length)
{
	return length + 4 <= port->frame_limit;
}

/* Return: the MAC table's index of an address, or -1. */
int port_mac_index(const struct port *port, const uint8_t mac[6]);
/* What a CQE says as MAC index for a frame to this address */
uint8_t port_cqe_mac_index(const struct port *port, const uint8_t dmac[6]);

/* Filters; true = the frame passes. */
bool port_vlan_passes(const struct port *port, const struct packet_info *info);
bool port_multicast_passes(const struct port *port, const uint8_t dmac[6]);

#endif
