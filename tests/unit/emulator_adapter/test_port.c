// SPDX-License-Identifier: GPL-2.0-only
/*
 * A port's link, tables and filters (docs/hardware/ports.md).
 */
#include <errno.h>
#include <string.h>

#include "tests/unit/emulator_adapter/ethernet_fixture.h"

#define INIT_PORT 0x009
#define CLOSE_PORT 0x00a
#define QUERY_PORT 0x043
#define SENSE_PORT 0x04d
#define SET_VLAN_FLTR 0x047
#define SET_MCAST_FLTR 0x048

static struct fixture *opened(uint16_t device_id)
{
	struct fixture *fixture = fixture_create(device_id);

	fixture_hca_up(fixture, 0);
	assert_int_equal(run(fixture, INIT_PORT, 0, 1, NULL, 0), CX_STATUS_OK);
	fixture_wait(fixture, 2 * FIXTURE_TRAINING_NS);
	return fixture;
}

static const uint8_t *query_port(struct fixture *fixture, unsigned int port)
{
	assert_int_equal(run(fixture, QUERY_PORT, 0, port, NULL, 0),
			 CX_STATUS_OK);
	assert_int_equal(fixture->command.out_length, 0x40);
	return fixture->command.out;
}

static void test_query_port(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);
	const uint8_t *out = query_port(fixture, 2);

	assert_int_equal(cx_load_be32(out), 0x0a002580);
	assert_int_equal(cx_load_be32(out + 4), 0x00010077);
	assert_int_equal(cx_load_be32(out + 8), 0x00007788);
	assert_int_equal(cx_load_be64(out + 0x10), 0x0002c90000bcULL);
	assert_int_equal(out[0x18], 1);
	assert_int_equal(run(fixture, QUERY_PORT, 0, 0, NULL, 0),
			 CX_STATUS_BAD_INDEX);
	assert_int_equal(run(fixture, QUERY_PORT, 0, 3, NULL, 0),
			 CX_STATUS_BAD_INDEX);
	fixture_destroy(fixture);

	fixture = opened(0x1003);
	out = query_port(fixture, 1);
	assert_int_equal(cx_load_be32(out), 0x8a002580);
	assert_int_equal(cx_load_be32(out + 4), 0x00400077);
	fixture_destroy(fixture);

	fixture = fixture_create(0x675a);
	assert_int_equal(query_port(fixture, 1)[0x18], 0x80);
	fixture_destroy(fixture);
}

static void test_link_trains_then_tells(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);

	assert_int_equal(run(fixture, INIT_PORT, 0, 1, NULL, 0),
			 CX_STATUS_BAD_SYS_STATE);
	fixture_hca_up(fixture, 0);
	assert_int_equal(run(fixture, INIT_PORT, 0, 1, NULL, 0), CX_STATUS_OK);
	assert_int_equal(fixture->event_count, 0);
	assert_int_equal(query_port(fixture, 1)[0] >> 7, 0);
	fixture_wait(fixture, 2 * FIXTURE_TRAINING_NS);
	assert_int_equal(fixture->event_count, 1);
	assert_int_equal(fixture->events[0].port, 1);
	assert_true(fixture->events[0].up);
	assert_true(fixture->events[0].link_up);
	assert_int_equal(query_port(fixture, 1)[0] >> 7, 1);
	assert_int_equal(query_port(fixture, 2)[0] >> 7, 0);

	/* Again: succeeds, changes nothing */
	assert_int_equal(run(fixture, INIT_PORT, 0, 1, NULL, 0), CX_STATUS_OK);
	fixture_wait(fixture, 2 * FIXTURE_TRAINING_NS);
	assert_int_equal(fixture->event_count, 1);

	assert_int_equal(run(fixture, CLOSE_PORT, 0, 1, NULL, 0), CX_STATUS_OK);
	assert_int_equal(fixture->event_count, 2);
	assert_false(fixture->events[1].up);
	assert_false(fixture->events[1].link_up);
	assert_int_equal(run(fixture, CLOSE_PORT, 0, 1, NULL, 0), CX_STATUS_OK);
	assert_int_equal(run(fixture, CLOSE_PORT, 0, 2, NULL, 0), CX_STATUS_OK);
	assert_int_equal(fixture->event_count, 2);
	fixture_destroy(fixture);
}

static void test_cable(void **state)
{
	struct fixture *fixture = opened(0x6750);
	struct port *port = &fixture->adapter->ports[0];

	port_set_physical_link(port, false);
	assert_int_equal(fixture->event_count, 2);
	assert_false(fixture->events[1].up);
	port_set_physical_link(port, true);
	/* Pulled again while it trains: no event at all */
	port_set_physical_link(port, false);
	fixture_wait(fixture, 2 * FIXTURE_TRAINING_NS);
	assert_int_equal(fixture->event_count, 2);
	assert_int_equal(run(fixture, SENSE_PORT, 0, 1, NULL, 0), CX_STATUS_OK);
	assert_int_equal(fixture->command.out_imm, 0);
	port_set_physical_link(port, true);
	fixture_wait(fixture, 2 * FIXTURE_TRAINING_NS);
	assert_int_equal(fixture->event_count, 3);
	assert_int_equal(run(fixture, SENSE_PORT, 0, 1, NULL, 0), CX_STATUS_OK);
	assert_int_equal(fixture->command.out_imm, 2);
	fixture_destroy(fixture);
}

static void test_reset_is_silent(void **state)
{
	struct fixture *fixture = opened(0x6750);
	struct port *port = &fixture->adapter->ports[0];

	ethernet_reset(fixture->adapter);
	assert_int_equal(fixture->event_count, 1);
	assert_false(port->link_up);
	assert_true(port->physical_up);
	fixture_wait(fixture, 2 * FIXTURE_TRAINING_NS);
	assert_int_equal(fixture->event_count, 1);
	/* In training when the reset comes: nothing comes after it */
	fixture_hca_up(fixture, 0);
	assert_int_equal(run(fixture, INIT_PORT, 0, 1, NULL, 0), CX_STATUS_OK);
	ethernet_hca_close(fixture->adapter);
	fixture_wait(fixture, 2 * FIXTURE_TRAINING_NS);
	assert_int_equal(fixture->event_count, 1);
	fixture_destroy(fixture);
}

static void test_speed(void **state)
{
	struct fixture *fixture = opened(0x1007);
	struct port *port = &fixture->adapter->ports[0];

	assert_int_equal(port_set_speed(port, 2500), -EINVAL);
	assert_int_equal(port_set_speed(port, 0), -EINVAL);
	assert_int_equal(port_set_speed(port, 10000), 0);
	assert_false(port->link_up);
	fixture_wait(fixture, 2 * FIXTURE_TRAINING_NS);
	assert_true(port->link_up);
	assert_int_equal(query_port(fixture, 1)[5] & 0x6f, 0x01);
	assert_int_equal(port_set_speed(port, 56000), 0);
	fixture_wait(fixture, 2 * FIXTURE_TRAINING_NS);
	assert_int_equal(query_port(fixture, 1)[5] & 0x6f, 0x20);
	assert_int_equal(port_set_speed(port, 1000), 0);
	fixture_wait(fixture, 2 * FIXTURE_TRAINING_NS);
	assert_int_equal(query_port(fixture, 1)[5] & 0x6f, 0x02);
	fixture_destroy(fixture);

	fixture = fixture_create(0x6750);
	assert_int_equal(port_set_speed(&fixture->adapter->ports[0], 40000),
			 -EINVAL);
	fixture_destroy(fixture);
}

/* Each command with one valid bit leaves the other settings as they are. */
static void test_general_takes_what_is_valid(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);
	struct port *port = &fixture->adapter->ports[0];
	uint8_t in[36] = { 0 };

	in[3] = 0x07;
	in[6] = 1526 >> 8;
	in[7] = 1526 & 0xff;
	in[8] = 0x80;
	in[12] = 0x80;
	assert_int_equal(set_port(fixture, 0, 1, in, sizeof(in)), CX_STATUS_OK);
	assert_int_equal(port->frame_limit, 1526);
	assert_true(port->pause_tx && port->pause_rx);
	assert_true(port_frame_fits(port, 1522));
	assert_false(port_frame_fits(port, 1523));

	/* User MTU alone, as drivers send it at every start */
	memset(in, 0, sizeof(in));
	in[2] = 0x20;
	in[26] = 1500 >> 8;
	in[27] = 1500 & 0xff;
	assert_int_equal(set_port(fixture, 0, 1, in, sizeof(in)), CX_STATUS_OK);
	assert_int_equal(port->user_mtu, 1500);
	assert_int_equal(port->frame_limit, 1526);
	assert_true(port->pause_tx && port->pause_rx);

	memset(in, 0, sizeof(in));
	in[2] = 0x40;
	memcpy(in + 30, "\x02\x11\x22\x33\x44\x55", 6);
	assert_int_equal(set_port(fixture, 0, 1, in, sizeof(in)), CX_STATUS_OK);
	assert_memory_equal(port->user_mac, "\x02\x11\x22\x33\x44\x55", 6);
	assert_int_equal(port->user_mtu, 1500);

	/* PFC for transmit alone; unknown valid bits are no error */
	memset(in, 0, sizeof(in));
	in[2] = 0x8c;
	in[3] = 0x84;
	in[9] = 0x08;
	assert_int_equal(set_port(fixture, 0, 1, in, sizeof(in)), CX_STATUS_OK);
	assert_int_equal(port->pfc_tx, 8);
	assert_false(port->pause_tx);
	assert_true(port->pause_rx);

	memset(in, 0, sizeof(in));
	in[2] = 0x02;
	in[4] = 0x01;
	assert_int_equal(set_port(fixture, 0, 1, in, sizeof(in)), CX_STATUS_OK);
	assert_true(port->ignore_fcs);

	memset(in, 0, sizeof(in));
	in[3] = 0x01;
	in[6] = 0xff;
	assert_int_equal(set_port(fixture, 0, 1, in, sizeof(in)),
			 CX_STATUS_BAD_PARAM);
	assert_int_equal(port->frame_limit, 1526);
	assert_int_equal(set_port(fixture, 0, 3, in, sizeof(in)),
			 CX_STATUS_BAD_INDEX);
	assert_int_equal(set_port(fixture, 6, 1, in, sizeof(in)),
			 CX_STATUS_BAD_PARAM);
	fixture_destroy(fixture);
}

static void test_mac_table(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);
	struct port *port = &fixture->adapter->ports[0];
	static const uint8_t mac[6] = { 0, 2, 0xc9, 0, 0, 0xbb };
	uint8_t table[1024] = { 0 };

	/* Valid in slot 127, not valid in slot 3 */
	memcpy(table + 127 * 8 + 2, mac, 6);
	table[127 * 8] = 0x80;
	memcpy(table + 3 * 8 + 2, mac, 6);
	assert_int_equal(set_port(fixture, 2, 1, table, sizeof(table)),
			 CX_STATUS_OK);
	assert_int_equal(port_mac_index(port, mac), 127);
	assert_int_equal(port_mac_index(&fixture->adapter->ports[1], mac), -1);
	memset(table, 0, sizeof(table));
	assert_int_equal(set_port(fixture, 2, 1, table, sizeof(table)),
			 CX_STATUS_OK);
	assert_int_equal(port_mac_index(port, mac), -1);
	fixture_destroy(fixture);
}

static bool vlan_passes(struct fixture *fixture, int vid)
{
	struct packet_info info;
	uint8_t frame[128];

	packet_parse(frame, make_frame(frame, 0x020000000002ULL, vid, 0x88b5),
		     &info);
	return port_vlan_passes(&fixture->adapter->ports[0], &info);
}

static void test_vlan_filter(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);
	uint8_t map[512] = { 0 };

	assert_true(vlan_passes(fixture, 5));
	/* VID v: byte 511 - v / 8, bit v % 8 */
	map[511] |= 1 << 5;
	map[511 - 100 / 8] |= 1 << (100 % 8);
	map[0] |= 1 << 7; /* 4095 */
	assert_int_equal(run(fixture, SET_VLAN_FLTR, 0, 1, map, sizeof(map)),
			 CX_STATUS_OK);
	for (int vid = 0; vid < 4096; vid++)
		assert_int_equal(vlan_passes(fixture, vid),
				 vid == 5 || vid == 100 || vid == 4095);
	assert_true(vlan_passes(fixture, -1));
	/* Priority bits do not matter */
	assert_true(vlan_passes(fixture, 0xe000 | 100));
	/* The map outlives CLOSE_PORT, not INIT_HCA */
	assert_int_equal(run(fixture, CLOSE_PORT, 0, 1, NULL, 0), CX_STATUS_OK);
	assert_false(vlan_passes(fixture, 6));
	fixture_hca_up(fixture, 0);
	assert_true(vlan_passes(fixture, 6));
	fixture_destroy(fixture);
}

static bool multicast_passes(struct fixture *fixture, uint64_t mac)
{
	uint8_t bytes[8];

	cx_store_be64(bytes, mac);
	return port_multicast_passes(&fixture->adapter->ports[0], bytes + 2);
}

static void test_multicast_filter(void **state)
{
	struct fixture *fixture = fixture_create(0x6368);
	const uint64_t broadcast = 0xffffffffffffULL, clear = 1ULL << 63;
	const uint64_t group = 0x01005e000000ULL;

	assert_true(multicast_passes(fixture, broadcast));
	/* As a driver does it */
	assert_int_equal(run_immediate(fixture, SET_MCAST_FLTR, 1, 1, 0), 0);
	assert_int_equal(run_immediate(fixture, SET_MCAST_FLTR, 0, 1,
				       clear | broadcast),
			 0);
	/* Back to front, and one of them twice */
	for (unsigned int i = 100; i--;)
		assert_int_equal(run_immediate(fixture, SET_MCAST_FLTR, 0, 1,
					       group + 2 * i),
				 0);
	assert_int_equal(run_immediate(fixture, SET_MCAST_FLTR, 0, 1, group),
			 0);
	assert_true(multicast_passes(fixture, group + 1));
	assert_int_equal(run_immediate(fixture, SET_MCAST_FLTR, 2, 1, 0), 0);
	assert_true(multicast_passes(fixture, broadcast));
	for (unsigned int i = 0; i < 220; i++)
		assert_int_equal(multicast_passes(fixture, group + i),
				 i % 2 == 0 && i < 200);
	/* Flush only */
	assert_int_equal(run_immediate(fixture, SET_MCAST_FLTR, 0, 1, clear),
			 0);
	assert_false(multicast_passes(fixture, group));
	assert_int_equal(run_immediate(fixture, SET_MCAST_FLTR, 1, 1, 0), 0);
	assert_true(multicast_passes(fixture, group + 1));

	/* Bounded */
	for (unsigned int i = 0; i < PORT_MULTICAST_MAX; i++)
		assert_int_equal(run_immediate(fixture, SET_MCAST_FLTR, 0, 1,
					       group + i),
				 0);
	assert_int_equal(run_immediate(fixture, SET_MCAST_FLTR, 0, 1,
				       group + PORT_MULTICAST_MAX),
			 CX_STATUS_EXCEED_LIM);
	assert_int_equal(run_immediate(fixture, SET_MCAST_FLTR, 3, 1, 0),
			 CX_STATUS_BAD_OP);
	fixture_destroy(fixture);
}

static void test_traffic_classes(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);
	struct port *port = &fixture->adapter->ports[0];
	static const uint8_t classes[4] = { 0x01, 0x23, 0x45, 0x67 };
	static const uint8_t beyond[4] = { 0x08, 0, 0, 0 };
	uint8_t scheduler[64];

	assert_int_equal(set_port(fixture, 8, 1, classes, 4), CX_STATUS_OK);
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(port->traffic_class[i], i);
	assert_int_equal(set_port(fixture, 8, 1, beyond, 4),
			 CX_STATUS_BAD_PARAM);
	assert_int_equal(port->traffic_class[7], 7);

	for (unsigned int i = 0; i < 8; i++)
		memcpy(scheduler + 8 * i, "\0\7\0\x0c\0\4\0\xff", 8);
	assert_int_equal(set_port(fixture, 9, 1, scheduler, 64), CX_STATUS_OK);
	assert_int_equal(port->scheduler[7].group, 7);
	assert_int_equal(port->scheduler[7].bandwidth, 12);
	assert_int_equal(port->scheduler[7].limit_units, 4);
	assert_int_equal(port->scheduler[7].limit, 255);
	scheduler[8 * 7 + 3] = 101;
	scheduler[3] = 50;
	assert_int_equal(set_port(fixture, 9, 1, scheduler, 64),
			 CX_STATUS_BAD_PARAM);
	assert_int_equal(port->scheduler[0].bandwidth, 12);
	fixture_destroy(fixture);
}

static void test_beacon_and_vxlan(void **state)
{
	struct fixture *fixture = fixture_create(0x1007);
	struct port *port = &fixture->adapter->ports[1];
	static const uint8_t on[4] = { 0, 0, 0xff, 0xff }, off[4];
	static const uint8_t vxlan[8] = { 0, 0, 0, 0, 0xc0, 0, 0x80, 1 };
	static const uint8_t steering[8] = { 0, 0, 0, 0, 0x40, 0, 0, 2 };

	assert_int_equal(run(fixture, CX_CMD_SET_PORT, 4, 2, on, 4), 0);
	assert_true(port->beacon);
	assert_int_equal(run(fixture, CX_CMD_SET_PORT, 4, 2, off, 4), 0);
	assert_false(port->beacon);
	assert_int_equal(set_port(fixture, 0xb, 2, vxlan, 8), CX_STATUS_OK);
	assert_true(port->vxlan_enabled);
	assert_int_equal(port->vxlan_steering, 1);
	assert_int_equal(set_port(fixture, 0xb, 2, steering, 8), CX_STATUS_OK);
	assert_true(port->vxlan_enabled);
	assert_int_equal(port->vxlan_steering, 2);
	fixture_destroy(fixture);

	fixture = fixture_create(0x6750);
	assert_int_equal(run(fixture, CX_CMD_SET_PORT, 4, 2, on, 4),
			 CX_STATUS_BAD_OP);
	assert_int_equal(set_port(fixture, 0xb, 2, vxlan, 8),
			 CX_STATUS_BAD_PARAM);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query_port),
		cmocka_unit_test(test_link_trains_then_tells),
		cmocka_unit_test(test_cable),
		cmocka_unit_test(test_reset_is_silent),
		cmocka_unit_test(test_speed),
		cmocka_unit_test(test_general_takes_what_is_valid),
		cmocka_unit_test(test_mac_table),
		cmocka_unit_test(test_vlan_filter),
		cmocka_unit_test(test_multicast_filter),
		cmocka_unit_test(test_traffic_classes),
		cmocka_unit_test(test_beacon_and_vxlan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
