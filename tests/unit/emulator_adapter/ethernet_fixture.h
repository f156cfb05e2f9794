/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Ethernet half of an adapter alone, without queues, PCI and transport:
 * commands go straight to their handlers, port events are written down.
 */
#ifndef TESTS_UNIT_ETHERNET_FIXTURE_H
#define TESTS_UNIT_ETHERNET_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "connectx/field.h"
#include "emulator/adapter/ethernet_commands.h"

#define FIXTURE_EVENTS 16
#define FIXTURE_TRAINING_NS 2000000ULL

struct fixture {
	struct adapter *adapter;
	struct command command; /* the last one */
	struct {
		unsigned int port;
		bool up, link_up; /* what QUERY_PORT would say at that time */
	} events[FIXTURE_EVENTS];
	unsigned int event_count;
};

/* A card with MACs 00:02:c9:00:00:bb and :bc, both cables in, HCA not up. */
struct fixture *fixture_create(uint16_t device_id);
void fixture_destroy(struct fixture *fixture);
void fixture_use(struct fixture *fixture);

/* Fields of the next INIT_HCA, given as field, value, ..., 0. */
void fixture_hca_up(struct fixture *fixture, ...);

/*
 * Runs a command. @in: CX_MAILBOX_SIZE bytes or fewer given by @length; the
 * answer stands in fixture->command. Return: the status.
 */
uint8_t run(struct fixture *fixture, uint16_t opcode, uint8_t op_mod,
	    uint32_t in_mod, const void *in, size_t length);
uint8_t run_immediate(struct fixture *fixture, uint16_t opcode, uint8_t op_mod,
		      uint32_t in_mod, uint64_t in_param);
uint8_t set_port(struct fixture *fixture, unsigned int table, unsigned int port,
		 const void *in, size_t length);

/* Turns the event loop until @nanoseconds have passed. */
void fixture_wait(struct fixture *fixture, uint64_t nanoseconds);

/* A frame of 60 bytes or more: addresses, tag if @vid >= 0, ethertype */
size_t make_frame(uint8_t *frame, uint64_t dmac, int vid, uint16_t ethertype);
/* IPv4 with TCP (6) or UDP (17) ports, no tag */
size_t make_ipv4(uint8_t *frame, uint64_t dmac, uint8_t protocol, uint32_t src,
		 uint32_t dst, uint16_t sport, uint16_t dport);

/* Steers a frame. Return: how many QPNs; they stand in @qpns, sorted. */
unsigned int steer(struct fixture *fixture, unsigned int port,
		   const uint8_t *frame, size_t length, uint32_t *qpns);
/* Return: the one QPN that a frame of an address goes to, 0 for none. */
uint32_t steer_mac(struct fixture *fixture, unsigned int port, uint64_t dmac);

#endif
