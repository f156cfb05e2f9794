// SPDX-License-Identifier: GPL-2.0-only
/*
 * A0 and B0 steering (docs/hardware/steering.md).
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/emulator_adapter/mcg_driver.h"

#define BROADCAST 0xffffffffffffULL
#define OWN 0x0002c90000bbULL
#define OTHER 0x020000000042ULL
#define GROUP 0x01005e000001ULL

static void rqp_calc(struct fixture *fixture, uint32_t base, unsigned int n_mac,
		     bool promisc, unsigned int mc_mode, uint32_t mc_qpn)
{
	uint8_t in[32] = { 0 };

	cx_store_be32(in, base);
	in[5] = (uint8_t)n_mac;
	in[11] = 128;
	cx_store_be32(in + 20, base | (uint32_t)promisc << 31);
	cx_store_be32(in + 24, mc_qpn | mc_mode << 30);
	assert_int_equal(set_port(fixture, 1, 1, in, sizeof(in)), CX_STATUS_OK);
}

static void mac_table(struct fixture *fixture, unsigned int index, uint64_t mac)
{
	uint8_t table[1024] = { 0 };

	cx_store_be64(table + 8 * index, mac | 1ULL << 63);
	assert_int_equal(set_port(fixture, 2, 1, table, sizeof(table)),
			 CX_STATUS_OK);
}

/* iPXE: no MAC table, everything to one queue pair, filters as at reset */
static void test_a0_of_a_boot_rom(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);

	fixture_hca_up(fixture, CX_INIT_HCA_LOG_MC_ENTRY, 6,
		       CX_INIT_HCA_LOG_MC_HASH, 7, CX_INIT_HCA_LOG_MC_TABLE, 7,
		       0);
	assert_int_equal(steering_mode(fixture->adapter), STEERING_A0);
	assert_int_equal(steer_mac(fixture, 1, OTHER), 0);
	rqp_calc(fixture, 0x5a540, 0, true, 2, 0x5a540);
	assert_int_equal(steer_mac(fixture, 1, OWN), 0x5a540);
	assert_int_equal(steer_mac(fixture, 1, OTHER), 0x5a540);
	assert_int_equal(steer_mac(fixture, 1, BROADCAST), 0x5a540);
	assert_int_equal(steer_mac(fixture, 1, GROUP), 0x5a540);
	assert_int_equal(steer_mac(fixture, 2, OTHER), 0);
	assert_int_equal(fixture->adapter->ports[1].statistics.unmatched, 1);
	fixture_destroy(fixture);
}

static void test_a0_of_a_driver(void **state)
{
	struct fixture *fixture = fixture_create(0x6368);
	uint8_t frame[128], vlans[512] = { 0 };
	uint32_t qpns[STEERING_MEMBERS_MAX];
	size_t length;

	fixture_hca_up(fixture, CX_INIT_HCA_LOG_MC_ENTRY, 10,
		       CX_INIT_HCA_LOG_MC_HASH, 12, CX_INIT_HCA_LOG_MC_TABLE,
		       13, 0);
	mac_table(fixture, 5, OWN);
	rqp_calc(fixture, 0x28000, 7, false, 2, 0x28000);
	assert_int_equal(steer_mac(fixture, 1, OWN), 0x28005);
	assert_int_equal(steer_mac(fixture, 1, OTHER), 0);
	assert_int_equal(steer_mac(fixture, 1, BROADCAST), 0x28000);
	assert_true(steering_is_local(fixture->adapter, 1,
				      (const uint8_t *)"\0\2\xc9\0\0\xbb"));
	assert_false(steering_is_local(fixture->adapter, 2,
				       (const uint8_t *)"\0\2\xc9\0\0\xbb"));
	assert_int_equal(
		port_cqe_mac_index(&fixture->adapter->ports[0],
				   (const uint8_t *)"\0\2\xc9\0\0\xbb"),
		5);
	assert_int_equal(
		port_cqe_mac_index(&fixture->adapter->ports[0],
				   (const uint8_t *)"\0\2\xc9\0\0\xbc"),
		0);

	/* Promiscuous: a known address still goes where it is computed to */
	rqp_calc(fixture, 0x28000, 7, true, 2, 0x28000);
	assert_int_equal(steer_mac(fixture, 1, OTHER), 0x28000);
	assert_int_equal(steer_mac(fixture, 1, OWN), 0x28005);

	/* An index that the computation has no bits for is a miss */
	rqp_calc(fixture, 0x28000, 2, false, 2, 0x28000);
	assert_int_equal(steer_mac(fixture, 1, OWN), 0);

	/* The multicast filter comes before */
	assert_int_equal(run_immediate(fixture, CX_CMD_SET_MCAST_FLTR, 0, 1,
				       BROADCAST | 1ULL << 63),
			 0);
	assert_int_equal(run_immediate(fixture, CX_CMD_SET_MCAST_FLTR, 2, 1, 0),
			 0);
	assert_int_equal(steer_mac(fixture, 1, BROADCAST), 0x28000);
	assert_int_equal(steer_mac(fixture, 1, GROUP), 0);
	assert_int_equal(
		fixture->adapter->ports[0].statistics.filtered_multicast, 1);

	/* So does the VLAN filter */
	length = make_frame(frame, BROADCAST, 7, 0x0800);
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 1);
	assert_int_equal(run(fixture, CX_CMD_SET_VLAN_FLTR, 0, 1, vlans, 512),
			 0);
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 0);
	assert_int_equal(fixture->adapter->ports[0].statistics.filtered_vlan,
			 1);
	assert_int_equal(steer_mac(fixture, 1, BROADCAST), 0x28000);
	fixture_destroy(fixture);
}

/* Address, tag and priority each have their bits in the number. */
static void test_a0_computes_from_three_indices(void **state)
{
	struct fixture *fixture = fixture_create(0x6368);
	uint8_t calc[32] = { 0 }, vlans[512] = { 0 }, frame[128];
	uint32_t qpns[STEERING_MEMBERS_MAX];
	static const struct {
		int tci;
		uint32_t qpn;
	} cases[] = {
		{ -1, 0x1000 + (3 << 5 | 6 << 2 | 2) }, /* no_vlan, its prio */
		{ 2 << 13 | 100, 0x1000 + (3 << 5 | 2 << 2 | 2) },
		{ 7 << 13 | 200, 0x1000 + (3 << 5 | 4 << 2 | 3) },
		{ 0 << 13 | 300, 0x1000 + (3 << 5 | 5 << 2 | 0) }, /* miss */
	};

	fixture_hca_up(fixture, 0);
	mac_table(fixture, 3, OWN);
	cx_store_be32(vlans + 4 * 2, 1u << 31 | 100);
	cx_store_be32(vlans + 4 * 4, 1u << 31 | 200);
	cx_store_be32(vlans + 4 * 6, 300); /* not valid */
	assert_int_equal(set_port(fixture, 3, 1, vlans, sizeof(vlans)),
			 CX_STATUS_OK);
	cx_store_be32(calc, 0x1000);
	calc[5] = 7;
	calc[6] = 3;
	calc[7] = 2;
	calc[13] = 6;
	calc[15] = 5;
	calc[19] = 2;
	assert_int_equal(set_port(fixture, 1, 1, calc, sizeof(calc)),
			 CX_STATUS_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t length = make_frame(frame, OWN, cases[i].tci, 0x0800);

		assert_int_equal(steer(fixture, 1, frame, length, qpns), 1);
		assert_int_equal(qpns[0], cases[i].qpn);
	}
	fixture_destroy(fixture);
}

static void test_a0_direct_multicast(void **state)
{
	struct fixture *fixture = fixture_create(0x6368);
	struct mcg_driver driver;

	mcg_driver_init(&driver, fixture, 6, false);
	assert_true(mcg_driver_attach(&driver, 1, 0, GROUP, 0x77));
	rqp_calc(fixture, 0x100, 7, false, 1, 0x55);
	assert_int_equal(steer_mac(fixture, 1, GROUP), 0x77);
	assert_int_equal(steer_mac(fixture, 1, GROUP + 1), 0x55);
	rqp_calc(fixture, 0x100, 7, false, 0, 0x55);
	assert_int_equal(steer_mac(fixture, 1, GROUP), 0x77);
	assert_int_equal(steer_mac(fixture, 1, GROUP + 1), 0);
	rqp_calc(fixture, 0x100, 7, false, 2, 0x55);
	assert_int_equal(steer_mac(fixture, 1, GROUP), 0x55);
	fixture_destroy(fixture);
}

static void test_b0_entries_and_defaults(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);
	uint32_t qpns[STEERING_MEMBERS_MAX];
	static const uint32_t promisc[] = { 0x99, 0x9a };
	struct mcg_driver driver;
	uint8_t frame[128];
	size_t length = make_frame(frame, OTHER, -1, 0x0800);

	mcg_driver_init(&driver, fixture, 6, true);
	assert_int_equal(steering_mode(fixture->adapter), STEERING_B0);
	assert_true(mcg_driver_attach(&driver, 1, 1, OWN, 0x48));
	assert_true(mcg_driver_attach(&driver, 1, 0, BROADCAST, 0x48));
	assert_int_equal(steer_mac(fixture, 1, OWN), 0x48);
	assert_int_equal(steer_mac(fixture, 1, BROADCAST), 0x48);
	assert_int_equal(steer_mac(fixture, 1, OTHER), 0);
	assert_int_equal(steer_mac(fixture, 2, OWN), 0);
	assert_true(steering_is_local(fixture->adapter, 1,
				      (const uint8_t *)"\0\2\xc9\0\0\xbb"));
	assert_false(
		steering_is_local(fixture->adapter, 1,
				  (const uint8_t *)"\xff\xff\xff\xff\xff\xff"));

	/* The default list serves what no entry does, and only that */
	mcg_driver_defaults(&driver, 1, 1, promisc, 2);
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 2);
	assert_int_equal(qpns[0], 0x99);
	assert_int_equal(qpns[1], 0x9a);
	assert_int_equal(steer_mac(fixture, 1, OWN), 0x48);
	assert_int_equal(steer_mac(fixture, 1, GROUP), 0);
	assert_int_equal(steer(fixture, 2, frame, length, qpns), 0);
	mcg_driver_defaults(&driver, 1, 1, NULL, 0);
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 0);

	/* The multicast filter has no say here */
	assert_int_equal(run_immediate(fixture, CX_CMD_SET_MCAST_FLTR, 2, 1, 0),
			 0);
	assert_int_equal(steer_mac(fixture, 1, BROADCAST), 0x48);

	mcg_driver_detach(&driver, 1, 1, OWN, 0x48);
	assert_int_equal(steer_mac(fixture, 1, OWN), 0);
	/* Gone with the next INIT_HCA */
	mcg_driver_init(&driver, fixture, 6, true);
	assert_int_equal(steer_mac(fixture, 1, BROADCAST), 0);
	fixture_destroy(fixture);
}

#define MACS 40
#define QPNS 5

/*
 * Thousands of attaches and detaches on a table so small that chains are long;
 * a plain array says what must come out.
 */
static void test_b0_against_a_plain_array(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);
	static bool expected[2][2][MACS][QPNS];
	uint32_t qpns[STEERING_MEMBERS_MAX];
	struct mcg_driver driver;
	uint8_t frame[128];
	unsigned int full = 0;

	mcg_driver_init(&driver, fixture, 7, true);
	memset(expected, 0, sizeof(expected));
	srandom(42);
	for (unsigned int round = 0; round < 20000; round++) {
		unsigned int port = random() % 2, steered = random() % 2;
		unsigned int mac = random() % MACS, qp = random() % QPNS;
		uint64_t address = (steered ? OTHER : GROUP) + mac;
		bool *cell = &expected[port][steered][mac][qp];
		unsigned int count, at = 0;

		if (random() % 5 < 2) {
			if (mcg_driver_attach(&driver, port + 1, steered,
					      address, qp + 1))
				*cell = true;
			else
				full++;
		} else {
			mcg_driver_detach(&driver, port + 1, steered, address,
					  qp + 1);
			*cell = false;
		}
		/* The address just changed, then any other */
		for (unsigned int look = 0; look < 2; look++) {
			count = steer(fixture, port + 1, frame,
				      make_frame(frame, address, -1, 0x0800),
				      qpns);
			at = 0;
			for (unsigned int i = 0; i < QPNS; i++)
				if (expected[port][steered][mac][i])
					assert_int_equal(qpns[at++], i + 1);
			assert_int_equal(count, at);
			mac = random() % MACS;
			address = (steered ? OTHER : GROUP) + mac;
		}
	}
	/* It went up to the table's end and came back */
	assert_int_not_equal(full, 0);
	fixture_destroy(fixture);
}

/* What software must not do, and a hostile one does */
static void test_b0_hostile(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);
	struct mcg_driver driver;
	uint8_t entry[4096] = { 0 };

	mcg_driver_init(&driver, fixture, 6, true);
	assert_int_equal(run(fixture, CX_CMD_READ_MCG, 0, 64, NULL, 0),
			 CX_STATUS_BAD_INDEX);
	assert_int_equal(run(fixture, CX_CMD_WRITE_MCG, 0, 0xffffffff, entry,
			     128),
			 CX_STATUS_BAD_INDEX);
	assert_int_equal(run(fixture, CX_CMD_WRITE_MCG, 2, 0, entry, 128),
			 CX_STATUS_BAD_OP);
	assert_int_equal(run(fixture, CX_CMD_WRITE_MCG, 1, 3 << 16, entry, 128),
			 CX_STATUS_BAD_INDEX);
	/* More members than an entry holds */
	cx_store_be32(entry + 4, 1u << 30 | 25);
	assert_int_equal(run(fixture, CX_CMD_WRITE_MCG, 0, 1, entry, 128),
			 CX_STATUS_EXCEED_LIM);
	assert_int_equal(run(fixture, CX_CMD_WRITE_MCG, 1, 1 << 16, entry, 128),
			 CX_STATUS_EXCEED_LIM);

	/* Every entry links to itself, or far outside */
	for (uint32_t i = 0; i < 64; i++) {
		cx_store_be32(entry, i << 6);
		cx_store_be32(entry + 4, 1u << 30 | 1);
		assert_int_equal(run(fixture, CX_CMD_WRITE_MCG, 0, i, entry,
				     128),
				 CX_STATUS_OK);
	}
	assert_int_equal(steer_mac(fixture, 1, OWN), 0);
	for (uint32_t i = 0; i < 64; i++) {
		cx_store_be32(entry, 0xffffffc0);
		assert_int_equal(run(fixture, CX_CMD_WRITE_MCG, 0, i, entry,
				     128),
				 CX_STATUS_OK);
	}
	assert_int_equal(steer_mac(fixture, 1, OWN), 0);
	fixture_destroy(fixture);
}

static uint8_t hca_init(struct fixture *fixture, unsigned int log_entry,
			unsigned int log_hash, unsigned int log_table,
			bool unicast)
{
	uint8_t *hca = fixture->adapter->init_hca;

	memset(hca, 0, sizeof(fixture->adapter->init_hca));
	hca[0xd3] = (uint8_t)log_entry;
	hca[0xd7] = (uint8_t)log_hash;
	hca[0xd8] = unicast ? 8 : 0;
	hca[0xdb] = (uint8_t)log_table;
	return ethernet_hca_init(fixture->adapter);
}

static void test_table_sizes(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);
	uint8_t entry[64] = { 1 };

	assert_int_equal(hca_init(fixture, 6, 7, 7, false), CX_STATUS_OK);
	assert_int_equal(hca_init(fixture, 10, 12, 13, true), CX_STATUS_OK);
	assert_int_equal(hca_init(fixture, 12, 16, 17, true), CX_STATUS_OK);
	assert_int_equal(hca_init(fixture, 10, 12, 18, true),
			 CX_STATUS_EXCEED_LIM);
	assert_int_equal(hca_init(fixture, 10, 14, 13, true),
			 CX_STATUS_BAD_PARAM);
	assert_int_equal(hca_init(fixture, 5, 7, 7, false),
			 CX_STATUS_BAD_PARAM);
	assert_int_equal(hca_init(fixture, 13, 7, 7, false),
			 CX_STATUS_BAD_PARAM);
	assert_int_equal(hca_init(fixture, 0, 0, 0, true), CX_STATUS_BAD_PARAM);

	/* No table was given: nothing to read */
	assert_int_equal(hca_init(fixture, 0, 0, 0, false), CX_STATUS_OK);
	assert_int_equal(run(fixture, CX_CMD_READ_MCG, 0, 0, NULL, 0),
			 CX_STATUS_BAD_SYS_STATE);
	assert_int_equal(run(fixture, CX_CMD_MGID_HASH, 1, 0, entry, 16),
			 CX_STATUS_BAD_SYS_STATE);

	/* What a guest can make us hold is bounded */
	assert_int_equal(hca_init(fixture, 6, 16, 17, true), CX_STATUS_OK);
	for (uint32_t i = 0; i < 8192; i++)
		assert_int_equal(run(fixture, CX_CMD_WRITE_MCG, 0, i, entry,
				     64),
				 CX_STATUS_OK);
	assert_int_equal(run(fixture, CX_CMD_WRITE_MCG, 0, 8192, entry, 64),
			 CX_STATUS_EXCEED_LIM);
	entry[0] = 0;
	assert_int_equal(run(fixture, CX_CMD_WRITE_MCG, 0, 5, entry, 64),
			 CX_STATUS_OK);
	entry[0] = 1;
	assert_int_equal(run(fixture, CX_CMD_WRITE_MCG, 0, 8192, entry, 64),
			 CX_STATUS_OK);
	fixture_destroy(fixture);

	/* The first generation has no unicast entries */
	fixture = fixture_create(0x6368);
	assert_int_equal(hca_init(fixture, 10, 12, 13, true),
			 CX_STATUS_BAD_PARAM);
	fixture_destroy(fixture);
}

/* Software that asked for B0 but only ever computes QPNs is served. */
static void test_b0_falls_back_to_computed(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);
	struct mcg_driver driver;

	mcg_driver_init(&driver, fixture, 6, true);
	rqp_calc(fixture, 0x1234, 0, true, 2, 0x1234);
	assert_int_equal(steer_mac(fixture, 1, OWN), 0x1234);
	assert_true(mcg_driver_attach(&driver, 1, 1, OWN, 0x48));
	assert_int_equal(steer_mac(fixture, 1, OWN), 0x48);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a0_of_a_boot_rom),
		cmocka_unit_test(test_a0_of_a_driver),
		cmocka_unit_test(test_a0_computes_from_three_indices),
		cmocka_unit_test(test_a0_direct_multicast),
		cmocka_unit_test(test_b0_entries_and_defaults),
		cmocka_unit_test(test_b0_against_a_plain_array),
		cmocka_unit_test(test_b0_hostile),
		cmocka_unit_test(test_table_sizes),
		cmocka_unit_test(test_b0_falls_back_to_computed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
