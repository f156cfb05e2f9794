// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "tests/unit/emulator_adapter/ethernet_fixture.h"

#define SMAC 0x020000000001ULL

static struct fixture *current;

/* What the queues' half does with an event, written down instead. */
void adapter_port_event(struct adapter *adapter, unsigned int port, bool up)
{
	unsigned int at = current->event_count++;

	assert_in_range(at, 0, FIXTURE_EVENTS - 1);
	current->events[at].port = port;
	current->events[at].up = up;
	current->events[at].link_up = adapter->ports[port - 1].link_up;
}

void fixture_use(struct fixture *fixture)
{
	current = fixture;
}

struct fixture *fixture_create(uint16_t device_id)
{
	struct ethernet_config config = { .device_id = device_id };
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct adapter *adapter = calloc(1, sizeof(*adapter));

	assert_non_null(fixture);
	assert_non_null(adapter);
	fixture->adapter = adapter;
	fixture_use(fixture);
	adapter->loop = event_loop_create(0);
	assert_non_null(adapter->loop);
	for (unsigned int i = 0; i < PORTS_MAX; i++) {
		const uint8_t mac[6] = { 0, 2, 0xc9, 0, 0, (uint8_t)(0xbb + i) };

		memcpy(config.ports[i].mac, mac, sizeof(mac));
		config.ports[i].training_ns = FIXTURE_TRAINING_NS;
	}
	assert_int_equal(ethernet_init(adapter, adapter->loop, &config), 0);
	for (unsigned int i = 0; i < PORTS_MAX; i++)
		port_set_physical_link(&adapter->ports[i], true);
	return fixture;
}

void fixture_destroy(struct fixture *fixture)
{
	ethernet_destroy(fixture->adapter);
	event_loop_destroy(fixture->adapter->loop);
	free(fixture->adapter);
	free(fixture);
}

void fixture_hca_up(struct fixture *fixture, ...)
{
	struct adapter *adapter = fixture->adapter;
	va_list fields;
	uint32_t field;

	va_start(fields, fixture);
	memset(adapter->init_hca, 0, sizeof(adapter->init_hca));
	while ((field = va_arg(fields, uint32_t)))
		cx_set(adapter->init_hca, field, va_arg(fields, uint32_t));
	va_end(fields);
	adapter->hca_up = true;
	assert_int_equal(ethernet_hca_init(adapter), CX_STATUS_OK);
}

static command_handler find_handler(uint16_t opcode)
{
	static const struct command_binding *const tables[] = {
		query_commands,	       port_commands,
		port_table_commands,   statistics_commands,
		steering_mcg_commands, steering_rule_commands,
		management_commands,
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct command_binding *b = tables[i]; b->handler;
		     b++)
			if (b->opcode == opcode)
				return b->handler;
	return NULL;
}

static uint8_t dispatch(struct fixture *fixture)
{
	command_handler handler = find_handler(fixture->command.opcode);

	if (!handler)
		fail_msg("no handler of opcode 0x%x", fixture->command.opcode);
	return handler(fixture->adapter, &fixture->command);
}

uint8_t run(struct fixture *fixture, uint16_t opcode, uint8_t op_mod,
	    uint32_t in_mod, const void *in, size_t length)
{
	struct command *command = &fixture->command;

	memset(command, 0, sizeof(*command));
	command->opcode = opcode;
	command->op_mod = op_mod;
	command->in_mod = in_mod;
	if (in)
		memcpy(command->in, in, length);
	return dispatch(fixture);
}

uint8_t run_immediate(struct fixture *fixture, uint16_t opcode, uint8_t op_mod,
		      uint32_t in_mod, uint64_t in_param)
{
	struct command *command = &fixture->command;

	memset(command, 0, sizeof(*command));
	command->opcode = opcode;
	command->op_mod = op_mod;
	command->in_mod = in_mod;
	command->in_param = in_param;
	return dispatch(fixture);
}

uint8_t set_port(struct fixture *fixture, unsigned int table, unsigned int port,
		 const void *in, size_t length)
{
	return run(fixture, CX_CMD_SET_PORT, 1, table << 8 | port, in, length);
}

void fixture_wait(struct fixture *fixture, uint64_t nanoseconds)
{
	uint64_t end = loop_now() + nanoseconds;

	while (loop_now() < end)
		event_loop_turn(fixture->adapter->loop, 200000);
}

static void put_be(uint8_t *to, uint64_t value, unsigned int bytes)
{
	while (bytes--) {
		to[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

size_t make_frame(uint8_t *frame, uint64_t dmac, int vid, uint16_t ethertype)
{
	size_t at = 12;

	memset(frame, 0, 128);
	put_be(frame, dmac, 6);
	put_be(frame + 6, SMAC, 6);
	if (vid >= 0) {
		put_be(frame + at, 0x8100, 2);
		put_be(frame + at + 2, (uint64_t)vid, 2);
		at += 4;
	}
	put_be(frame + at, ethertype, 2);
	return 100;
}

size_t make_ipv4(uint8_t *frame, uint64_t dmac, uint8_t protocol, uint32_t src,
		 uint32_t dst, uint16_t sport, uint16_t dport)
{
	size_t length = make_frame(frame, dmac, -1, 0x0800);
	uint8_t *ip = frame + 14;

	ip[0] = 0x45;
	put_be(ip + 2, length - 14, 2);
	ip[8] = 64;
	ip[9] = protocol;
	put_be(ip + 12, src, 4);
	put_be(ip + 16, dst, 4);
	put_be(ip + 20, sport, 2);
	put_be(ip + 22, dport, 2);
	if (protocol == 6)
		ip[32] = 0x50;
	else
		put_be(ip + 24, length - 34, 2);
	return length;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

unsigned int steer(struct fixture *fixture, unsigned int port,
		   const uint8_t *frame, size_t length, uint32_t *qpns)
{
	struct packet_info info;
	unsigned int count;

	packet_parse(frame, length, &info);
	count = steering_lookup(fixture->adapter, port, frame, &info, qpns,
				STEERING_MEMBERS_MAX);
	qsort(qpns, count, sizeof(*qpns), compare);
	return count;
}

uint32_t steer_mac(struct fixture *fixture, unsigned int port, uint64_t dmac)
{
	uint32_t qpns[STEERING_MEMBERS_MAX];
	uint8_t frame[128];
	unsigned int count = steer(fixture, port, frame,
				   make_frame(frame, dmac, -1, 0x88b5), qpns);

	assert_in_range(count, 0, 1);
	return count ? qpns[0] : 0;
}
