/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which queue pairs a received frame goes to: A0 (computed from MAC table and
 * RQP_CALC), B0 (MCG hash table), or device-managed rules
 * (docs/hardware/steering.md). INIT_HCA chooses.
 */
#ifndef EMULATOR_ADAPTER_STEERING_STEERING_H
#define EMULATOR_ADAPTER_STEERING_STEERING_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/packet/packet.h"

struct adapter;
struct steering;

enum steering_mode {
	STEERING_A0,
	STEERING_B0,
	STEERING_DEVICE_MANAGED,
};

/* A frame goes to at most as many queue pairs; further ones are left out. */
#define STEERING_MEMBERS_MAX 256

struct steering *steering_create(void);
void steering_destroy(struct steering *steering);

/**
 * steering_hca_init - take the mode and table sizes of adapter->init_hca
 *
 * All entries, rules and default lists are empty afterwards.
 *
 * Return: CX_STATUS_OK, or the status that INIT_HCA answers with.
 */
uint8_t steering_hca_init(struct adapter *adapter);
/* Forgets all entries and rules: reset and CLOSE_HCA. */
void steering_clear(struct adapter *adapter);

enum steering_mode steering_mode(const struct adapter *adapter);

/**
 * steering_lookup - where a received frame goes
 * @port: 1 or 2
 * @frame: at least ETHERNET_HEADER bytes
 * @info: what packet_parse() found in it
 * @qpns: filled with distinct QPNs, 24 bits, as software gave them; they may
 *	be RSS QPs, or in no state to receive
 * @max: room in @qpns
 *
 * The VLAN filter comes first, the multicast filter where the mode has one.
 *
 * Return: number of QPNs; 0 = the frame is dropped, and counted why.
 */
unsigned int steering_lookup(struct adapter *adapter, unsigned int port,
			     const uint8_t *frame,
			     const struct packet_info *info, uint32_t *qpns,
			     unsigned int max);
/* The same for a frame that loops back: rules may exclude those. */
unsigned int steering_lookup_loopback(struct adapter *adapter,
				      unsigned int port, const uint8_t *frame,
				      const struct packet_info *info,
				      uint32_t *qpns, unsigned int max);

/*
 * Whether a unicast address that a send WQE names is one of the port's own:
 * then the frame loops back instead of leaving.
 */
bool steering_is_local(struct adapter *adapter, unsigned int port,
		       const uint8_t dmac[6]);

#endif
