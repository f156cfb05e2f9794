/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Ethernet half of an adapter: ports, steering, statistics, management.
 * struct adapter embeds
 *	struct port ports[PORTS_MAX];
 *	struct ethernet ethernet;
 * and calls the functions below; the command dispatcher adds the tables.
 */
#ifndef EMULATOR_ADAPTER_ETHERNET_H
#define EMULATOR_ADAPTER_ETHERNET_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/adapter/port/port.h"
#include "emulator/adapter/device/profile.h"
#include "emulator/adapter/port/statistics.h"
#include "emulator/adapter/steering/steering.h"

struct ethernet_config {
	uint16_t device_id;
	struct port_config ports[PORTS_MAX];
};

struct ethernet {
	struct profile profile;
	struct steering *steering;
	struct interface_counter *counters;
	unsigned int counter_count; /* 0 = the card has none */
	bool counters_enabled; /* by INIT_HCA */
	uint16_t vxlan_port; /* UDP port that is taken for VXLAN; 0 = none */
	uint8_t rx_checksum_mode; /* enum cx_rx_checksum_mode, of both ports */
	bool port_check_disabled; /* CONFIG_DEV, for port remapping */
	uint8_t port_map[PORTS_MAX]; /* VIRT_PORT_MAP: physical port, 1 or 2 */
	uint32_t special_qpn; /* CONF_SPECIAL_QP; 0 = none */
};

/**
 * ethernet_init - profile, ports, steering and counters as after power-on
 * @adapter: its ports and ethernet members are zeroed
 * @loop: for the link training timers
 *
 * Return: 0, -ENODEV (unknown device id), or -ENOMEM.
 */
int ethernet_init(struct adapter *adapter, struct event_loop *loop,
		  const struct ethernet_config *config);
void ethernet_destroy(struct adapter *adapter);

/* Chip reset, bus reset, FLR */
void ethernet_reset(struct adapter *adapter);
/*
 * INIT_HCA, after adapter->init_hca was stored. Return: a status; when it is
 * not CX_STATUS_OK the command fails with it.
 */
uint8_t ethernet_hca_init(struct adapter *adapter);
/* CLOSE_HCA: steering forgets everything. */
void ethernet_hca_close(struct adapter *adapter);

/* The port that frames of a queue pair on @port really leave through */
static inline unsigned int ethernet_physical_port(const struct ethernet *self,
						  unsigned int port)
{
	return self->port_map[port - 1];
}

#endif
