// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device-managed flow steering (docs/hardware/steering.md).
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/emulator_adapter/ethernet_fixture.h"

#define ATTACH 0x065
#define DETACH 0x066
#define OWN 0x0002c90000bbULL
#define OTHER 0x020000000042ULL
#define GROUP 0x01005e000001ULL
#define TCP 6
#define UDP 17
#define LIFO 1
#define LOOPBACK 8

/* A rule as it stands in the mailbox */
struct mailbox {
	uint8_t bytes[256];
	unsigned int length;
};

static void begin(struct mailbox *rule, unsigned int priority,
		  unsigned int type, unsigned int flags, uint32_t qpn)
{
	memset(rule, 0, sizeof(*rule));
	rule->bytes[0] = (uint8_t)(priority >> 8);
	rule->bytes[1] = (uint8_t)priority;
	rule->bytes[2] = (uint8_t)type;
	rule->bytes[3] = (uint8_t)flags;
	rule->bytes[7] = 1;
	cx_store_be32(rule->bytes + 8, qpn);
	rule->length = 16;
}

static uint8_t *spec(struct mailbox *rule, unsigned int id, unsigned int bytes)
{
	uint8_t *at = rule->bytes + rule->length;

	at[0] = (uint8_t)(bytes / 4);
	at[2] = (uint8_t)(id >> 8);
	at[3] = (uint8_t)id;
	rule->length += bytes;
	return at;
}

static void put(uint8_t *to, uint64_t value, unsigned int bytes)
{
	while (bytes--) {
		to[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

static void ethernet(struct mailbox *rule, uint64_t dmac, uint64_t mask)
{
	uint8_t *at = spec(rule, 0xe001, 48);

	put(at + 10, dmac, 6);
	put(at + 18, mask, 6);
}

#define ALL48 0xffffffffffffULL
#define ALL32 0xffffffffu

static void ipv4(struct mailbox *rule, uint32_t dst, uint32_t dst_mask,
		 uint32_t src, uint32_t src_mask)
{
	uint8_t *at = spec(rule, 0xe002, 24);

	put(at + 8, dst, 4);
	put(at + 12, dst_mask, 4);
	put(at + 16, src, 4);
	put(at + 20, src_mask, 4);
}

static void l4(struct mailbox *rule, unsigned int protocol, unsigned int dport,
	       unsigned int dport_mask, unsigned int sport,
	       unsigned int sport_mask)
{
	uint8_t *at = spec(rule, protocol == TCP ? 0xe004 : 0xe006, 24);

	put(at + 10, dport, 2);
	put(at + 14, dport_mask, 2);
	put(at + 18, sport, 2);
	put(at + 22, sport_mask, 2);
}

static uint8_t try(struct fixture *fixture, const struct mailbox *rule)
{
	return run(fixture, ATTACH, 0, rule->length / 4, rule->bytes,
		   rule->length);
}

static uint64_t attach(struct fixture *fixture, const struct mailbox *rule)
{
	assert_int_equal(try(fixture, rule), CX_STATUS_OK);
	assert_int_not_equal(fixture->command.out_imm, 0);
	return fixture->command.out_imm;
}

static void detach(struct fixture *fixture, uint64_t id)
{
	assert_int_equal(run_immediate(fixture, DETACH, 0, 0, id),
			 CX_STATUS_OK);
}

static uint64_t attach_mac(struct fixture *fixture, uint64_t mac, uint32_t qpn)
{
	struct mailbox rule;

	begin(&rule, 0x5000, 0, LOOPBACK, qpn);
	ethernet(&rule, mac, ALL48);
	return attach(fixture, &rule);
}

static struct fixture *managed(uint16_t device_id)
{
	struct fixture *fixture = fixture_create(device_id);

	fixture_hca_up(fixture, CX_INIT_HCA_DEVICE_MANAGED_STEERING, 1,
		       CX_INIT_HCA_FS_LOG_ENTRY, 7, CX_INIT_HCA_FS_LOG_TABLE,
		       17, 0);
	assert_int_equal(steering_mode(fixture->adapter),
			 STEERING_DEVICE_MANAGED);
	return fixture;
}

static uint32_t steer_ipv4(struct fixture *fixture, uint8_t protocol,
			   uint32_t src, uint32_t dst, uint16_t sport,
			   uint16_t dport)
{
	uint32_t qpns[STEERING_MEMBERS_MAX];
	uint8_t frame[128];
	size_t length = make_ipv4(frame, OWN, protocol, src, dst, sport, dport);
	unsigned int count = steer(fixture, 1, frame, length, qpns);

	assert_in_range(count, 0, 1);
	return count ? qpns[0] : 0;
}

static void test_addresses(void **state)
{
	struct fixture *fixture = managed(0x1003);
	uint64_t own = attach_mac(fixture, OWN, 0x48);
	uint64_t group = attach_mac(fixture, GROUP, 0x48);

	assert_int_equal(steer_mac(fixture, 1, OWN), 0x48);
	assert_int_equal(steer_mac(fixture, 1, GROUP), 0x48);
	assert_int_equal(steer_mac(fixture, 1, OTHER), 0);
	assert_int_equal(steer_mac(fixture, 2, OWN), 0);
	assert_true(steering_is_local(fixture->adapter, 1,
				      (const uint8_t *)"\0\2\xc9\0\0\xbb"));
	assert_false(steering_is_local(fixture->adapter, 2,
				       (const uint8_t *)"\0\2\xc9\0\0\xbb"));
	detach(fixture, own);
	assert_int_equal(steer_mac(fixture, 1, OWN), 0);
	assert_int_equal(steer_mac(fixture, 1, GROUP), 0x48);
	assert_false(steering_is_local(fixture->adapter, 1,
				       (const uint8_t *)"\0\2\xc9\0\0\xbb"));
	/* Twice, zero, and one that never was */
	assert_int_equal(run_immediate(fixture, DETACH, 0, 0, own),
			 CX_STATUS_BAD_INDEX);
	assert_int_equal(run_immediate(fixture, DETACH, 0, 0, 0),
			 CX_STATUS_BAD_INDEX);
	assert_int_equal(run_immediate(fixture, DETACH, 0, 0, ~0ULL),
			 CX_STATUS_BAD_INDEX);
	/* The slot is used again, the number is not */
	assert_int_not_equal(attach_mac(fixture, OWN, 0x49), own);
	detach(fixture, group);
	fixture_destroy(fixture);
}

static void test_smaller_priority_wins(void **state)
{
	struct fixture *fixture = managed(0x1003);
	struct mailbox rule;
	uint64_t user;

	attach_mac(fixture, OWN, 0x48);
	begin(&rule, 0x2000 | 7, 0, LOOPBACK, 0x60);
	ethernet(&rule, OWN, ALL48);
	ipv4(&rule, 0, 0, 0x0a000002, ALL32);
	l4(&rule, TCP, 80, 0xffff, 0, 0);
	user = attach(fixture, &rule);
	begin(&rule, 0x2000 | 3, 0, LOOPBACK, 0x61);
	ethernet(&rule, OWN, ALL48);
	ipv4(&rule, 0, 0, 0x0a000002, ALL32);
	attach(fixture, &rule);

	/* Location 3 comes before 7 though it says less */
	assert_int_equal(
		steer_ipv4(fixture, TCP, 0x0a000002, 0x0a000001, 5, 80), 0x61);
	assert_int_equal(
		steer_ipv4(fixture, TCP, 0x0a000003, 0x0a000001, 5, 80), 0x48);
	/* aRFS lies between them and the address */
	begin(&rule, 0x3000, 0, 0x0d, 0x70);
	ethernet(&rule, OWN, ALL48);
	ipv4(&rule, 0x0a000001, ALL32, 0x0a000009, ALL32);
	l4(&rule, UDP, 7, 0xffff, 8, 0xffff);
	attach(fixture, &rule);
	assert_int_equal(steer_ipv4(fixture, UDP, 0x0a000009, 0x0a000001, 8, 7),
			 0x70);
	assert_int_equal(steer_ipv4(fixture, UDP, 0x0a000009, 0x0a000001, 9, 7),
			 0x48);
	assert_int_equal(steer_ipv4(fixture, TCP, 0x0a000009, 0x0a000001, 8, 7),
			 0x48);
	detach(fixture, user);
	fixture_destroy(fixture);
}

static void test_oldest_or_newest_first(void **state)
{
	struct fixture *fixture = managed(0x1003);
	struct mailbox rule;
	uint64_t newest;

	attach_mac(fixture, OWN, 1);
	attach_mac(fixture, OWN, 2);
	assert_int_equal(steer_mac(fixture, 1, OWN), 1);
	begin(&rule, 0x5000, 0, LOOPBACK | LIFO, 3);
	ethernet(&rule, OWN, ALL48);
	attach(fixture, &rule);
	assert_int_equal(steer_mac(fixture, 1, OWN), 3);
	rule.bytes[11] = 4;
	newest = attach(fixture, &rule);
	assert_int_equal(steer_mac(fixture, 1, OWN), 4);
	detach(fixture, newest);
	assert_int_equal(steer_mac(fixture, 1, OWN), 3);

	/* Across shapes too */
	begin(&rule, 0x5000, 0, LOOPBACK | LIFO, 5);
	spec(&rule, 0xe001, 48);
	attach(fixture, &rule);
	assert_int_equal(steer_mac(fixture, 1, OWN), 5);
	fixture_destroy(fixture);
}

static void test_multicast_goes_to_each(void **state)
{
	struct fixture *fixture = managed(0x1003);
	uint32_t qpns[STEERING_MEMBERS_MAX];
	struct mailbox rule;
	uint8_t frame[128];
	size_t length = make_frame(frame, GROUP, -1, 0x0800);

	attach_mac(fixture, GROUP, 0x10);
	attach_mac(fixture, GROUP, 0x12);
	attach_mac(fixture, GROUP, 0x10);
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 2);
	assert_int_equal(qpns[0], 0x10);
	assert_int_equal(qpns[1], 0x12);
	/* A more important rule takes it for itself */
	begin(&rule, 0x2000, 0, LOOPBACK, 0x20);
	ethernet(&rule, GROUP, ALL48);
	attach(fixture, &rule);
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 1);
	assert_int_equal(qpns[0], 0x20);
	fixture_destroy(fixture);
}

/* Promiscuous and all-multicast come last though their priority is 0. */
static void test_defaults(void **state)
{
	struct fixture *fixture = managed(0x1003);
	struct mailbox rule;
	uint64_t all, multicast;

	attach_mac(fixture, OWN, 0x48);
	attach_mac(fixture, GROUP, 0x48);
	begin(&rule, 0, 3, LOOPBACK, 0x30);
	multicast = attach(fixture, &rule);
	assert_int_equal(steer_mac(fixture, 1, GROUP + 1), 0x30);
	assert_int_equal(steer_mac(fixture, 1, GROUP), 0x48);
	assert_int_equal(steer_mac(fixture, 1, OTHER), 0);
	begin(&rule, 0, 1, LOOPBACK, 0x31);
	all = attach(fixture, &rule);
	assert_int_equal(steer_mac(fixture, 1, OTHER), 0x31);
	assert_int_equal(steer_mac(fixture, 1, OWN), 0x48);
	assert_int_equal(steer_mac(fixture, 1, GROUP + 1), 0x30);
	assert_int_equal(steer_mac(fixture, 2, OTHER), 0);
	detach(fixture, multicast);
	assert_int_equal(steer_mac(fixture, 1, GROUP + 1), 0x31);
	detach(fixture, all);
	assert_int_equal(steer_mac(fixture, 1, GROUP + 1), 0);
	fixture_destroy(fixture);
}

static void test_tags_and_types(void **state)
{
	struct fixture *fixture = managed(0x1003);
	uint32_t qpns[STEERING_MEMBERS_MAX];
	struct mailbox rule;
	uint8_t frame[128], *at;

	begin(&rule, 0x2000, 0, LOOPBACK, 0x50);
	ethernet(&rule, OWN, ALL48);
	at = rule.bytes + 16;
	put(at + 44, 0x0fff, 2);
	put(at + 46, 100, 2);
	attach(fixture, &rule);
	begin(&rule, 0x2001, 0, LOOPBACK, 0x51);
	ethernet(&rule, OWN, ALL48);
	at = rule.bytes + 16;
	at[41] = 1;
	put(at + 42, 0x88cc, 2);
	attach(fixture, &rule);
	attach_mac(fixture, OWN, 0x48);

	assert_int_equal(steer(fixture, 1, frame,
			       make_frame(frame, OWN, 100, 0x0800), qpns),
			 1);
	assert_int_equal(qpns[0], 0x50);
	/* The priority in the tag does not matter, another VID does */
	steer(fixture, 1, frame, make_frame(frame, OWN, 0xe064, 0x0800), qpns);
	assert_int_equal(qpns[0], 0x50);
	steer(fixture, 1, frame, make_frame(frame, OWN, 101, 0x0800), qpns);
	assert_int_equal(qpns[0], 0x48);
	steer(fixture, 1, frame, make_frame(frame, OWN, -1, 0x88cc), qpns);
	assert_int_equal(qpns[0], 0x51);
	steer(fixture, 1, frame, make_frame(frame, OWN, 5, 0x88cc), qpns);
	assert_int_equal(qpns[0], 0x51);
	fixture_destroy(fixture);
}

/* Fragments have no L4 header; a spec without masks asks for the header. */
static void test_headers_must_be_there(void **state)
{
	struct fixture *fixture = managed(0x1003);
	uint32_t qpns[STEERING_MEMBERS_MAX];
	struct mailbox rule;
	uint8_t frame[128];
	size_t length;

	begin(&rule, 0x2000, 0, LOOPBACK, 0x50);
	ethernet(&rule, 0, 0);
	ipv4(&rule, 0, 0, 0, 0);
	l4(&rule, UDP, 0, 0, 0, 0);
	attach(fixture, &rule);
	assert_int_equal(steer_ipv4(fixture, UDP, 1, 2, 3, 4), 0x50);
	assert_int_equal(steer_ipv4(fixture, TCP, 1, 2, 3, 4), 0);
	assert_int_equal(steer_mac(fixture, 1, OWN), 0);
	length = make_ipv4(frame, OWN, UDP, 1, 2, 3, 4);
	frame[14 + 6] = 0x20; /* more fragments */
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 0);
	fixture_destroy(fixture);
}

static void test_loopback_needs_permission(void **state)
{
	struct fixture *fixture = managed(0x1003);
	uint32_t qpns[STEERING_MEMBERS_MAX];
	struct packet_info info;
	struct mailbox rule;
	uint8_t frame[128];
	size_t length = make_frame(frame, OWN, -1, 0x0806);

	packet_parse(frame, length, &info);
	begin(&rule, 0x2000, 0, 0, 0x50);
	ethernet(&rule, OWN, ALL48);
	attach(fixture, &rule);
	assert_int_equal(steering_lookup_loopback(fixture->adapter, 1, frame,
						  &info, qpns, 256),
			 0);
	assert_int_equal(steer_mac(fixture, 1, OWN), 0x50);
	attach_mac(fixture, OWN, 0x48);
	assert_int_equal(steering_lookup_loopback(fixture->adapter, 1, frame,
						  &info, qpns, 256),
			 1);
	assert_int_equal(qpns[0], 0x48);
	fixture_destroy(fixture);
}

/* Outer Ethernet, VXLAN, inner Ethernet, as a driver's companion rules */
static void test_vxlan(void **state)
{
	struct fixture *fixture = managed(0x1007);
	uint32_t qpns[STEERING_MEMBERS_MAX];
	struct mailbox rule;
	uint8_t frame[128], *inner, *at;
	size_t length;

	begin(&rule, 0x2000, 0, LOOPBACK, 0x55);
	ethernet(&rule, OWN, ALL48);
	at = spec(&rule, 0xe008, 16);
	put(at + 8, 77 << 8, 4);
	put(at + 12, 0xffffff00, 4);
	ethernet(&rule, OTHER, ALL48);
	attach(fixture, &rule);
	begin(&rule, 0x5000, 0, LOOPBACK, 0x56);
	ethernet(&rule, OWN, ALL48);
	spec(&rule, 0xe008, 16);
	spec(&rule, 0xe001, 48);
	attach(fixture, &rule);

	length = make_ipv4(frame, OWN, UDP, 1, 2, 3, 4789);
	inner = frame + 14 + 20 + 8;
	inner[0] = 0x08;
	put(inner + 4, 77 << 8, 4);
	put(inner + 8, OTHER, 6);
	/* The port is not known yet, then the port has it switched off */
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 0);
	fixture->adapter->ethernet.vxlan_port = 4789;
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 0);
	fixture->adapter->ports[0].vxlan_enabled = true;
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 1);
	assert_int_equal(qpns[0], 0x55);
	put(inner + 4, 78 << 8, 4);
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 1);
	assert_int_equal(qpns[0], 0x56);
	/* Another UDP port, and a packet too short for inner headers */
	frame[37]++;
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 0);
	frame[37]--;
	put(frame + 14 + 2, 20 + 8 + 8 + 13, 2);
	put(frame + 14 + 20 + 4, 8 + 8 + 13, 2);
	assert_int_equal(steer(fixture, 1, frame, length, qpns), 0);
	fixture_destroy(fixture);
}

static void test_what_the_hardware_cannot(void **state)
{
	struct fixture *fixture = managed(0x1003);
	struct mailbox rule;

	/* Partial masks, source addresses, IPv6, sniffers, ports 0 and 3 */
	begin(&rule, 0, 0, 0, 1);
	ethernet(&rule, OWN, 0xffffffff0000ULL);
	assert_int_equal(try(fixture, &rule), CX_STATUS_BAD_PARAM);
	begin(&rule, 0, 0, 0, 1);
	ethernet(&rule, OWN, ALL48);
	rule.bytes[16 + 34] = 0xff;
	assert_int_equal(try(fixture, &rule), CX_STATUS_BAD_PARAM);
	begin(&rule, 0, 0, 0, 1);
	ethernet(&rule, OWN, ALL48);
	ipv4(&rule, 0x0a000000, 0xff000000, 0, 0);
	assert_int_equal(try(fixture, &rule), CX_STATUS_BAD_PARAM);
	begin(&rule, 0, 0, 0, 1);
	spec(&rule, 0xe003, 48);
	assert_int_equal(try(fixture, &rule), CX_STATUS_BAD_PARAM);
	for (unsigned int type = 0; type < 256; type++) {
		begin(&rule, 0, type, 0, 1);
		assert_int_equal(try(fixture, &rule),
				 type == 0 || type == 1 || type == 3 ?
					 CX_STATUS_OK :
					 CX_STATUS_BAD_PARAM);
	}
	begin(&rule, 0, 1, 0, 1);
	rule.bytes[7] = 0;
	assert_int_equal(try(fixture, &rule), CX_STATUS_BAD_PARAM);
	rule.bytes[7] = 3;
	assert_int_equal(try(fixture, &rule), CX_STATUS_BAD_PARAM);

	/* Lengths that do not add up */
	begin(&rule, 0, 0, 0, 1);
	ethernet(&rule, OWN, ALL48);
	for (uint32_t dwords = 0; dwords < 1200; dwords++) {
		uint8_t status = run(fixture, ATTACH, 0, dwords, rule.bytes,
				     rule.length);

		assert_int_equal(status, dwords == 4 || dwords == 16 ?
						 CX_STATUS_OK :
						 CX_STATUS_BAD_PARAM);
	}
	assert_int_equal(run(fixture, ATTACH, 0, 0x40000004, rule.bytes, 64),
			 CX_STATUS_BAD_PARAM);
	rule.bytes[16] = 0;
	assert_int_equal(try(fixture, &rule), CX_STATUS_BAD_PARAM);
	rule.bytes[16] = 11;
	assert_int_equal(try(fixture, &rule), CX_STATUS_BAD_PARAM);
	fixture_destroy(fixture);
}

static void test_only_in_its_mode(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);
	struct mailbox rule;

	fixture_hca_up(fixture, 0);
	begin(&rule, 0, 1, 0, 1);
	assert_int_equal(try(fixture, &rule), CX_STATUS_BAD_SYS_STATE);
	assert_int_equal(run_immediate(fixture, DETACH, 0, 0, 1),
			 CX_STATUS_BAD_SYS_STATE);
	fixture_destroy(fixture);

	fixture = managed(0x1003);
	assert_int_equal(run(fixture, CX_CMD_READ_MCG, 0, 0, NULL, 0),
			 CX_STATUS_BAD_SYS_STATE);
	fixture_destroy(fixture);

	fixture = fixture_create(0x6750);
	fixture->adapter->init_hca[0x17] = 0x40;
	assert_int_equal(ethernet_hca_init(fixture->adapter),
			 CX_STATUS_BAD_PARAM);
	fixture_destroy(fixture);
}

static void test_full(void **state)
{
	struct fixture *fixture = managed(0x1003);
	static uint64_t ids[16384];
	struct mailbox rule;

	for (unsigned int i = 0; i < 16384; i++)
		ids[i] = attach_mac(fixture, OTHER + i, i + 1);
	begin(&rule, 0x5000, 0, 0, 1);
	ethernet(&rule, OWN, ALL48);
	assert_int_equal(try(fixture, &rule), CX_STATUS_EXCEED_LIM);
	for (unsigned int i = 0; i < 16384; i += 1000)
		assert_int_equal(steer_mac(fixture, 1, OTHER + i), i + 1);
	for (unsigned int i = 0; i < 16384; i++)
		detach(fixture, ids[i]);
	assert_int_equal(steer_mac(fixture, 1, OTHER), 0);
	attach(fixture, &rule);

	/* Defaults, and shapes: 64 of them, one taken */
	begin(&rule, 0, 1, 0, 1);
	for (unsigned int i = 0; i < 256; i++)
		attach(fixture, &rule);
	assert_int_equal(try(fixture, &rule), CX_STATUS_EXCEED_LIM);
	fixture_destroy(fixture);

	/* A table of 2^4 */
	fixture = fixture_create(0x1003);
	fixture_hca_up(fixture, CX_INIT_HCA_DEVICE_MANAGED_STEERING, 1,
		       CX_INIT_HCA_FS_LOG_TABLE, 4, 0);
	for (unsigned int i = 0; i < 16; i++)
		attach_mac(fixture, OTHER + i, i + 1);
	begin(&rule, 0x5000, 0, 0, 1);
	ethernet(&rule, OWN, ALL48);
	assert_int_equal(try(fixture, &rule), CX_STATUS_EXCEED_LIM);
	fixture_destroy(fixture);
}

/* All combinations of compared fields: no more than the device keeps apart */
static void test_shapes(void **state)
{
	struct fixture *fixture = managed(0x1003);
	unsigned int taken = 0, refused = 0;

	for (unsigned int fields = 0; fields < 256; fields++) {
		struct mailbox rule;
		uint8_t status;

		begin(&rule, fields, 0, 0, fields + 1);
		ethernet(&rule, OWN, fields & 1 ? ALL48 : 0);
		rule.bytes[16 + 41] = fields >> 1 & 1;
		put(rule.bytes + 16 + 42, 0x0800, 2);
		if (fields & 4)
			put(rule.bytes + 16 + 44, 0x0fff, 2);
		ipv4(&rule, 2, fields & 8 ? ALL32 : 0, 1,
		     fields & 16 ? ALL32 : 0);
		l4(&rule, fields & 128 ? TCP : UDP, 4, fields & 32 ? 0xffff : 0,
		   3, fields & 64 ? 0xffff : 0);
		status = try(fixture, &rule);
		taken += status == CX_STATUS_OK;
		refused += status == CX_STATUS_EXCEED_LIM;
	}
	assert_int_equal(taken, 64);
	assert_int_equal(refused, 192);
	/* UDP from 1:3 to 2:4 matches fields 0 first */
	assert_int_equal(steer_ipv4(fixture, UDP, 1, 2, 3, 4), 1);
	fixture_destroy(fixture);
}

/* Random rules and frames against a plain search over a list */
struct plain_rule {
	bool used;
	uint64_t id;
	unsigned int priority, fields, age;
	uint64_t mac;
	uint32_t src, dst;
	uint16_t sport, dport;
	uint8_t protocol;
};

static bool plain_match(const struct plain_rule *rule, uint64_t mac,
			uint8_t protocol, uint32_t src, uint32_t dst,
			uint16_t sport, uint16_t dport)
{
	return rule->used && (!(rule->fields & 1) || rule->mac == mac) &&
	       (!(rule->fields & 2) || rule->src == src) &&
	       (!(rule->fields & 4) || rule->dst == dst) &&
	       (!(rule->fields & 8) ||
		(rule->protocol == protocol && rule->sport == sport)) &&
	       (!(rule->fields & 16) ||
		(rule->protocol == protocol && rule->dport == dport));
}

#define PLAIN_RULES 60

static void add_random(struct fixture *fixture, struct plain_rule *plain,
		       uint32_t qpn, unsigned int age)
{
	struct mailbox rule;

	*plain = (struct plain_rule){
		.used = true,
		.priority = (unsigned int)random() % 4,
		.fields = (unsigned int)random() % 32,
		.age = age,
		.mac = OTHER + 2 * (random() % 3),
		.src = (uint32_t)random() % 3,
		.dst = (uint32_t)random() % 3,
		.sport = (uint16_t)(random() % 3),
		.dport = (uint16_t)(random() % 3),
		.protocol = random() % 2 ? TCP : UDP,
	};
	begin(&rule, plain->priority, 0, LOOPBACK, qpn);
	ethernet(&rule, plain->mac, plain->fields & 1 ? ALL48 : 0);
	ipv4(&rule, plain->dst, plain->fields & 4 ? ALL32 : 0, plain->src,
	     plain->fields & 2 ? ALL32 : 0);
	if (plain->fields & 24)
		l4(&rule, plain->protocol, plain->dport,
		   plain->fields & 16 ? 0xffff : 0, plain->sport,
		   plain->fields & 8 ? 0xffff : 0);
	plain->id = attach(fixture, &rule);
}

static void test_against_a_plain_list(void **state)
{
	struct fixture *fixture = managed(0x1003);
	struct plain_rule rules[PLAIN_RULES] = { 0 };

	srandom(7);
	for (unsigned int round = 0; round < 20000; round++) {
		unsigned int slot = (unsigned int)random() % PLAIN_RULES;
		uint64_t mac = OTHER + 2 * (random() % 3);
		uint8_t protocol = random() % 2 ? TCP : UDP;
		uint32_t src = (uint32_t)random() % 3;
		uint32_t dst = (uint32_t)random() % 3;
		uint16_t sport = (uint16_t)(random() % 3);
		uint16_t dport = (uint16_t)(random() % 3);
		uint32_t qpns[STEERING_MEMBERS_MAX], expected = 0;
		const struct plain_rule *best = NULL;
		uint8_t frame[128];
		unsigned int count;

		if (!rules[slot].used) {
			add_random(fixture, &rules[slot], slot + 1, round);
		} else if (random() % 2) {
			detach(fixture, rules[slot].id);
			rules[slot].used = false;
		}
		for (unsigned int i = 0; i < PLAIN_RULES; i++) {
			if (!plain_match(&rules[i], mac, protocol, src, dst,
					 sport, dport))
				continue;
			if (best && (best->priority < rules[i].priority ||
				     (best->priority == rules[i].priority &&
				      best->age < rules[i].age)))
				continue;
			best = &rules[i];
			expected = i + 1;
		}
		count = steer(fixture, 1, frame,
			      make_ipv4(frame, mac, protocol, src, dst, sport,
					dport),
			      qpns);
		assert_int_equal(count, best != NULL);
		if (best)
			assert_int_equal(qpns[0], expected);
	}
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_smaller_priority_wins),
		cmocka_unit_test(test_oldest_or_newest_first),
		cmocka_unit_test(test_multicast_goes_to_each),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_tags_and_types),
		cmocka_unit_test(test_headers_must_be_there),
		cmocka_unit_test(test_loopback_needs_permission),
		cmocka_unit_test(test_vxlan),
		cmocka_unit_test(test_what_the_hardware_cannot),
		cmocka_unit_test(test_only_in_its_mode),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_against_a_plain_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
