// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters at the offsets of the hardware notes (docs/hardware/statistics.md).
 */
#include <string.h>

#include "tests/unit/emulator_adapter/ethernet_fixture.h"

#define DUMP 0x049
#define QUERY_IF_STAT 0x054

static uint64_t dumped(struct fixture *fixture, unsigned int offset)
{
	assert_int_equal(run(fixture, DUMP, 0, 1, NULL, 0), CX_STATUS_OK);
	assert_int_equal(fixture->command.out_length, 2988);
	return cx_load_be64(fixture->command.out + offset);
}

static uint32_t dumped32(struct fixture *fixture, unsigned int offset)
{
	assert_int_equal(run(fixture, DUMP, 0, 1, NULL, 0), CX_STATUS_OK);
	return cx_load_be32(fixture->command.out + offset);
}

static void test_every_size_bin(void **state)
{
	/* Length without FCS, then where it is counted for untagged frames */
	static const struct {
		uint32_t length;
		unsigned int rx, tx;
	} bins[] = {
		{ 60, 0x040, 0x5d8 },	{ 61, 0x088, 0x628 },
		{ 123, 0x088, 0x628 },	{ 124, 0x0d0, 0x678 },
		{ 251, 0x0d0, 0x678 },	{ 252, 0x118, 0x6c8 },
		{ 507, 0x118, 0x6c8 },	{ 508, 0x160, 0x718 },
		{ 1019, 0x160, 0x718 }, { 1020, 0x1a8, 0x768 },
		{ 1514, 0x1a8, 0x768 }, { 1515, 0x1f0, 0x7b8 },
		{ 1518, 0x1f0, 0x7b8 }, { 1519, 0x238, 0x808 },
		{ 1544, 0x238, 0x808 }, { 1545, 0x280, 0x858 },
		{ 9622, 0x280, 0x858 }, { 9623, 0x2c8, 0x8a8 },
	};
	struct fixture *fixture = fixture_create(0x1003);

	for (size_t i = 0; i < sizeof(bins) / sizeof(bins[0]); i++) {
		uint64_t rx = dumped(fixture, bins[i].rx);
		uint64_t tx = dumped(fixture, bins[i].tx);

		statistics_receive(&fixture->adapter->ports[0], bins[i].length,
				   8, CAST_UNICAST, 3);
		statistics_transmit(&fixture->adapter->ports[0], bins[i].length,
				    8, CAST_UNICAST, 5);
		assert_int_equal(dumped(fixture, bins[i].rx), rx + 3);
		assert_int_equal(dumped(fixture, bins[i].tx), tx + 5);
	}
	/* Nothing went to the other port */
	assert_int_equal(run(fixture, DUMP, 0, 2, NULL, 0), CX_STATUS_OK);
	for (unsigned int i = 0; i < 2988; i++)
		assert_int_equal(fixture->command.out[i], 0);
	fixture_destroy(fixture);
}

static void test_columns_and_casts(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);
	struct port *port = &fixture->adapter->ports[0];

	for (unsigned int priority = 0; priority < 8; priority++) {
		statistics_receive(port, 96, priority, CAST_MULTICAST,
				   priority + 1);
		statistics_transmit(port, 96, priority, CAST_BROADCAST,
				    priority + 11);
	}
	statistics_receive(port, 96, STATISTICS_UNTAGGED, CAST_BROADCAST, 30);
	statistics_transmit(port, 96, STATISTICS_LOOPBACK, CAST_UNICAST, 40);
	for (unsigned int priority = 0; priority < 8; priority++) {
		unsigned int n = priority + 1;

		/* 65-127, multicast, octets, frames, tagged */
		assert_int_equal(dumped(fixture, 0x048 + 8 * priority), n);
		assert_int_equal(dumped(fixture, 0x318 + 8 * priority), n);
		assert_int_equal(dumped(fixture, 0x3a8 + 24 * priority),
				 n * 120);
		assert_int_equal(dumped(fixture, 0x3b0 + 24 * priority),
				 n * 96);
		assert_int_equal(dumped(fixture, 0x3b8 + 24 * priority),
				 n * 100);
		assert_int_equal(dumped(fixture, 0x480 + 24 * priority), n);
		assert_int_equal(dumped(fixture, 0x488 + 24 * priority), n);
		assert_int_equal(dumped(fixture, 0x490 + 24 * priority), 0);
		n += 10;
		assert_int_equal(dumped(fixture, 0x5e8 + 8 * priority), n);
		assert_int_equal(dumped(fixture, 0x8b8 + 8 * priority), n);
		assert_int_equal(dumped(fixture, 0x9b8 + 24 * priority),
				 n * 100);
		assert_int_equal(dumped(fixture, 0xa98 + 24 * priority), n);
		assert_int_equal(dumped(fixture, 0xaa0 + 24 * priority), n);
	}
	assert_int_equal(dumped(fixture, 0x310), 30); /* RBCAST novlan */
	assert_int_equal(dumped(fixture, 0x540), 30); /* RTOT novlan */
	assert_int_equal(dumped(fixture, 0x548), 0); /* R1Q novlan */
	assert_int_equal(dumped(fixture, 0x9a0), 40); /* TTOTG loopback */
	assert_int_equal(dumped(fixture, 0xb70), 40); /* TTOT loopback */
	assert_int_equal(dumped32(fixture, 0xba4), 36 + 30); /* RTOTFRMS */
	fixture_destroy(fixture);
}

static void test_short_frames_count_as_padded(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);

	statistics_transmit(&fixture->adapter->ports[0], 42,
			    STATISTICS_UNTAGGED, CAST_UNICAST, 1);
	assert_int_equal(dumped(fixture, 0x5d8), 1);
	assert_int_equal(dumped(fixture, 0xa78), 64); /* TOCT novlan */
	fixture_destroy(fixture);
}

static void test_drops(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);
	struct port *port = &fixture->adapter->ports[0];

	statistics_drop_overflow(port, 2);
	statistics_drop_length(port, 3);
	statistics_drop_transmit(port, 4);
	assert_int_equal(dumped32(fixture, 0xb98), 5);
	assert_int_equal(dumped32(fixture, 0xb9c), 2);
	assert_int_equal(dumped32(fixture, 0xba0), 3);
	assert_int_equal(dumped32(fixture, 0xba8), 4);
	fixture_destroy(fixture);
}

static void check_length(struct fixture *fixture, uint16_t field,
			 uint32_t length, int vid)
{
	struct packet_info info;
	uint8_t frame[2048] = { 0 };

	make_frame(frame, 0x020000000002ULL, vid, field);
	packet_parse(frame, length, &info);
	statistics_check_length(&fixture->adapter->ports[0], frame, length,
				&info);
}

static void test_length_field(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);

	check_length(fixture, 100, 114, -1); /* right */
	check_length(fixture, 10, 60, -1); /* padded */
	check_length(fixture, 46, 60, -1); /* right, the shortest */
	check_length(fixture, 42, 60, 5); /* right, the shortest tagged */
	check_length(fixture, 0x0800, 60, -1); /* a type */
	assert_int_equal(dumped(fixture, 0x578), 0);
	check_length(fixture, 99, 114, -1);
	check_length(fixture, 1500, 200, -1);
	assert_int_equal(dumped(fixture, 0x578), 2);
	assert_int_equal(dumped(fixture, 0x580), 0);
	check_length(fixture, 1501, 200, -1);
	check_length(fixture, 1535, 200, -1);
	assert_int_equal(dumped(fixture, 0x580), 2);
	fixture_destroy(fixture);
}

static void test_reset_returns_and_clears(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);

	for (unsigned int i = 0; i < 2; i++)
		statistics_receive(&fixture->adapter->ports[i], 60, 8,
				   CAST_UNICAST, 7);
	assert_int_equal(run(fixture, DUMP, 0, 1 | 1 << 8, NULL, 0),
			 CX_STATUS_OK);
	assert_int_equal(cx_load_be64(fixture->command.out + 0x40), 7);
	assert_int_equal(dumped(fixture, 0x40), 0);
	assert_int_equal(run(fixture, DUMP, 0, 2, NULL, 0), CX_STATUS_OK);
	assert_int_equal(cx_load_be64(fixture->command.out + 0x40), 7);
	assert_int_equal(run(fixture, DUMP, 0, 3, NULL, 0),
			 CX_STATUS_BAD_INDEX);
	fixture_destroy(fixture);
}

static void test_flow_control_page(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);

	assert_int_equal(run(fixture, DUMP, 0, 1 | 1 << 12, NULL, 0),
			 CX_STATUS_OK);
	assert_int_equal(fixture->command.out_length, 512);
	fixture_destroy(fixture);
	fixture = fixture_create(0x6750);
	assert_int_equal(run(fixture, DUMP, 0, 1 | 1 << 12, NULL, 0),
			 CX_STATUS_BAD_PARAM);
	fixture_destroy(fixture);
}

static void test_interface_counters(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);
	const uint8_t *out = fixture->command.out;

	/* INIT_HCA has not switched them on yet */
	statistics_counter_receive(fixture->adapter, 5, 1, 100);
	fixture_hca_up(fixture, CX_INIT_HCA_COUNTERS, 1, 0);
	statistics_counter_receive(fixture->adapter, 5, 2, 300);
	statistics_counter_transmit(fixture->adapter, 5, 1, 64);
	statistics_counter_transmit(fixture->adapter, 128, 1, 64);
	assert_int_equal(run(fixture, QUERY_IF_STAT, 0, 5 | 1u << 31, NULL, 0),
			 CX_STATUS_OK);
	assert_int_equal(fixture->command.out_length, 48);
	assert_int_equal(out[3], 0);
	assert_int_equal(cx_load_be64(out + 16), 2);
	assert_int_equal(cx_load_be64(out + 24), 300);
	assert_int_equal(cx_load_be64(out + 32), 1);
	assert_int_equal(cx_load_be64(out + 40), 64);
	assert_int_equal(run(fixture, QUERY_IF_STAT, 0, 5, NULL, 0),
			 CX_STATUS_OK);
	assert_int_equal(cx_load_be64(out + 16), 0);
	assert_int_equal(run(fixture, QUERY_IF_STAT, 0, 127, NULL, 0),
			 CX_STATUS_OK);
	assert_int_equal(run(fixture, QUERY_IF_STAT, 0, 128, NULL, 0),
			 CX_STATUS_BAD_INDEX);
	fixture_destroy(fixture);

	fixture = fixture_create(0x6368);
	assert_int_equal(run(fixture, QUERY_IF_STAT, 0, 0, NULL, 0),
			 CX_STATUS_BAD_OP);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_size_bin),
		cmocka_unit_test(test_columns_and_casts),
		cmocka_unit_test(test_short_frames_count_as_padded),
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_length_field),
		cmocka_unit_test(test_reset_returns_and_clears),
		cmocka_unit_test(test_flow_control_page),
		cmocka_unit_test(test_interface_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
