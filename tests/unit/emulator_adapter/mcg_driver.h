/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The multicast group table as software keeps it: hash chains in the table's
 * upper half, walked, linked and unlinked by commands
 * (docs/hardware/steering.md). Written for the tests, to be a user of the
 * device's table that shares no code with it.
 */
#ifndef TESTS_UNIT_MCG_DRIVER_H
#define TESTS_UNIT_MCG_DRIVER_H

#include "tests/unit/emulator_adapter/ethernet_fixture.h"

#define MCG_DRIVER_ENTRIES 1024

struct mcg_driver {
	struct fixture *fixture;
	uint32_t hash_entries, entries, entry_size;
	bool used[MCG_DRIVER_ENTRIES]; /* of the upper half */
};

/* INIT_HCA with a table of 2^@log_table entries, half of them hash slots */
void mcg_driver_init(struct mcg_driver *driver, struct fixture *fixture,
		     unsigned int log_table, bool unicast);
/* @steer: 0 multicast, 1 unicast. Return: false if there was no room. */
bool mcg_driver_attach(struct mcg_driver *driver, unsigned int port,
		       unsigned int steer, uint64_t mac, uint32_t qpn);
void mcg_driver_detach(struct mcg_driver *driver, unsigned int port,
		       unsigned int steer, uint64_t mac, uint32_t qpn);
void mcg_driver_defaults(struct mcg_driver *driver, unsigned int port,
			 unsigned int steer, const uint32_t *qpns,
			 unsigned int count);

#endif
