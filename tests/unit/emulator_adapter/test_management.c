// SPDX-License-Identifier: GPL-2.0-only
/*
 * Management commands (docs/hardware/management.md).
 */
#include <string.h>

#include "connectx/device.h"
#include "tests/unit/emulator_adapter/ethernet_fixture.h"

#define MAD_IFC 0x024
#define MOD_STAT_CFG 0x034
#define CONFIG_DEV 0x03a
#define ACCESS_REG 0x03b
#define CONGESTION_CTRL 0x068

static uint8_t ptys(struct fixture *fixture, uint8_t method, uint32_t admin,
		    bool autoneg_off)
{
	uint8_t in[0x48] = { 0x08, 0x04 };

	in[4] = 0x50;
	in[5] = 0x04;
	in[6] = method;
	in[7] = 1;
	in[0x10] = 0x30;
	in[0x11] = 0x0e;
	in[0x14] = autoneg_off ? 0x40 : 0;
	in[0x15] = 1;
	in[0x17] = 4;
	cx_store_be32(in + 0x14 + 0x18, admin);
	assert_int_equal(run(fixture, ACCESS_REG, 0, 0, in, sizeof(in)),
			 CX_STATUS_OK);
	assert_int_equal(fixture->command.out_length, 0x48);
	return fixture->command.out[2] & 0x7f;
}

static uint32_t ptys_word(const struct fixture *fixture, unsigned int offset)
{
	return cx_load_be32(fixture->command.out + 0x14 + offset);
}

static void test_link_modes(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);
	struct port *port = &fixture->adapter->ports[0];

	fixture_hca_up(fixture, 0);
	assert_int_equal(ptys(fixture, 1, 0, false), 0);
	/* 40GBASE-SR4 and 10GBASE-SR, not 56; nothing runs yet */
	assert_int_equal(ptys_word(fixture, 0x0c) & (1 << 15 | 1 << 13),
			 1 << 15 | 1 << 13);
	assert_int_equal(ptys_word(fixture, 0x0c) & (1 << 17 | 1 << 18), 0);
	assert_int_equal(ptys_word(fixture, 0x24), 0);

	assert_int_equal(run(fixture, CX_CMD_INIT_PORT, 0, 1, NULL, 0), 0);
	fixture_wait(fixture, 2 * FIXTURE_TRAINING_NS);
	assert_int_equal(ptys(fixture, 1, 0, false), 0);
	assert_int_equal(ptys_word(fixture, 0x24), 1 << 15);
	assert_int_equal(port->speed, 40000);

	/* 10GBASE-SR only: takes effect when the port opens again */
	assert_int_equal(ptys(fixture, 2, 1 << 13, true), 0);
	assert_int_equal(ptys_word(fixture, 0x18), 1 << 13);
	assert_int_equal(fixture->command.out[0x14], 0x60);
	assert_int_equal(run(fixture, CX_CMD_CLOSE_PORT, 0, 1, NULL, 0), 0);
	assert_int_equal(run(fixture, CX_CMD_INIT_PORT, 0, 1, NULL, 0), 0);
	fixture_wait(fixture, 2 * FIXTURE_TRAINING_NS);
	assert_int_equal(port->speed, 10000);
	assert_int_equal(ptys(fixture, 1, 0, false), 0);
	assert_int_equal(ptys_word(fixture, 0x24), 1 << 13);

	/* Modes that the card has not, an unknown method */
	assert_int_not_equal(ptys(fixture, 2, 1 << 26, false), 0);
	assert_int_not_equal(ptys(fixture, 3, 1 << 13, false), 0);
	fixture_destroy(fixture);

	fixture = fixture_create(0x6750);
	assert_int_equal(run(fixture, ACCESS_REG, 0, 0, NULL, 0),
			 CX_STATUS_BAD_OP);
	fixture_destroy(fixture);
}

static uint16_t cable(struct fixture *fixture, uint8_t i2c, uint8_t page,
		      uint16_t address, uint16_t size)
{
	uint8_t mad[256] = { 1, 1, 1, 1 };

	mad[16] = 0xff;
	mad[17] = 0x60;
	mad[64] = i2c;
	mad[65] = page;
	mad[66] = (uint8_t)(address >> 8);
	mad[67] = (uint8_t)address;
	mad[71] = (uint8_t)size;
	assert_int_equal(run(fixture, MAD_IFC, 3, 1, mad, sizeof(mad)),
			 CX_STATUS_OK);
	assert_int_equal(fixture->command.out_length, 256);
	assert_int_equal(fixture->command.out[3], 0x81);
	return (uint16_t)(cx_load_be32(fixture->command.out + 4) >> 16);
}

/* Reads @length bytes as ethtool does, in pieces. */
static void read_cable(struct fixture *fixture, uint8_t i2c, uint8_t page,
		       unsigned int address, uint8_t *to, unsigned int length)
{
	while (length) {
		unsigned int part = length < 48 ? length : 48;

		assert_int_equal(cable(fixture, i2c, page, (uint16_t)address,
				       (uint16_t)part),
				 0);
		memcpy(to, fixture->command.out + 80, part);
		to += part;
		address += part;
		length -= part;
	}
}

static uint8_t sum(const uint8_t *from, unsigned int length)
{
	uint8_t total = 0;

	while (length--)
		total += *from++;
	return total;
}

static void test_sfp(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);
	uint8_t base[256], diagnostics[256];

	read_cable(fixture, 0x50, 0, 0, base, 256);
	assert_int_equal(base[0], 0x03);
	assert_int_equal(base[63], sum(base, 63));
	assert_int_equal(base[95], sum(base + 64, 31));
	assert_memory_equal(base + 20, "VIRTUAL         ", 16);
	assert_int_equal(base[60] << 8 | base[61], 850);
	assert_int_equal(base[92] & 0x60, 0x60);
	read_cable(fixture, 0x51, 0, 0, diagnostics, 256);
	assert_int_equal(diagnostics[95], sum(diagnostics, 95));
	assert_int_equal(diagnostics[96], 35);
	assert_int_equal(diagnostics[98] << 8 | diagnostics[99], 33000);

	assert_int_equal(cable(fixture, 0x52, 0, 0, 1), 7 << 8);
	assert_int_equal(cable(fixture, 0x50, 16, 0, 1), 5 << 8);
	assert_int_equal(cable(fixture, 0x50, 0, 250, 7), 6 << 8);
	assert_int_equal(cable(fixture, 0x50, 0, 0xfff0, 48), 6 << 8);
	assert_int_equal(cable(fixture, 0x50, 0, 0, 49), 6 << 8);
	assert_int_equal(cable(fixture, 0x50, 0, 0, 0), 6 << 8);
	fixture->adapter->ports[0].module_present = false;
	assert_int_equal(cable(fixture, 0x50, 0, 0, 1), 3 << 8);
	fixture_destroy(fixture);

	fixture = fixture_create(0x6372);
	assert_int_equal(cable(fixture, 0x50, 0, 0, 1), 2 << 8);
	fixture_destroy(fixture);
}

static void test_qsfp(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);
	uint8_t memory[256], page3[128];

	read_cable(fixture, 0x50, 0, 0, memory, 256);
	assert_int_equal(memory[0], 0x0d);
	assert_true(memory[1] >= 3);
	assert_int_equal(memory[2] & 4, 0); /* pages exist */
	assert_int_equal(memory[128], 0x0d);
	assert_int_equal(memory[191], sum(memory + 128, 63));
	assert_int_equal(memory[223], sum(memory + 192, 31));
	assert_memory_equal(memory + 148, "VIRTUAL         ", 16);
	assert_int_equal(memory[22], 35);
	read_cable(fixture, 0x50, 3, 128, page3, 128);
	assert_int_equal(page3[0], 75);
	assert_int_equal(cable(fixture, 0x51, 0, 0, 1), 7 << 8);
	fixture_destroy(fixture);
}

static void test_other_mads(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);
	uint8_t mad[256] = { 1, 1, 1, 1 };

	mad[17] = 0x15;
	mad[23] = 2;
	mad[84] = 0xaa;
	assert_int_equal(run(fixture, MAD_IFC, 3, 2, mad, sizeof(mad)), 0);
	assert_int_equal(cx_load_be32(fixture->command.out + 84), 0);
	assert_int_equal(cx_load_be32(fixture->command.out + 4) >> 16, 0);
	mad[17] = 0x11;
	assert_int_equal(run(fixture, MAD_IFC, 3, 2, mad, sizeof(mad)), 0);
	assert_int_not_equal(cx_load_be32(fixture->command.out + 4) >> 16, 0);
	assert_int_equal(run(fixture, MAD_IFC, 3, 0, mad, sizeof(mad)),
			 CX_STATUS_BAD_INDEX);
	fixture_destroy(fixture);
}

static void test_wake_on_lan(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);
	const uint32_t in_mod = 5u << 28 | 2 << 8;
	const uint64_t magic = 3ULL << 61;

	assert_int_equal(run_immediate(fixture, MOD_STAT_CFG, 3, in_mod, 0), 0);
	assert_int_equal(fixture->command.out_imm, 0);
	/* Without the modify bit nothing changes */
	assert_int_equal(run_immediate(fixture, MOD_STAT_CFG, 1, in_mod, magic),
			 0);
	assert_int_equal(run_immediate(fixture, MOD_STAT_CFG, 3, in_mod, 0), 0);
	assert_int_equal(fixture->command.out_imm, 0);
	assert_int_equal(run_immediate(fixture, MOD_STAT_CFG, 1, in_mod,
				       magic | 1ULL << 63),
			 0);
	assert_int_equal(run_immediate(fixture, MOD_STAT_CFG, 3, in_mod, 0), 0);
	assert_int_equal(fixture->command.out_imm, magic);
	fixture_destroy(fixture);

	fixture = fixture_create(0x6750);
	assert_int_equal(run_immediate(fixture, MOD_STAT_CFG, 3, in_mod, 0),
			 CX_STATUS_BAD_PARAM);
	fixture_destroy(fixture);
}

static void test_mod_stat_cfg(void **state)
{
	struct fixture *fixture = fixture_create(0x6750);
	static const uint8_t page_size[4] = { 0, 0, 1, 0 };
	const uint64_t mac = 0x0002c90000bcULL;

	assert_int_equal(run(fixture, MOD_STAT_CFG, 0, 0, page_size, 4), 0);
	assert_int_equal(fixture->command.out_length, 0);
	assert_int_equal(run(fixture, MOD_STAT_CFG, 2, 2 << 8, NULL, 0), 0);
	assert_int_equal(cx_load_be32(fixture->command.out + 0x14), 0x0002c903);
	assert_int_equal(cx_load_be32(fixture->command.out + 0x1c), 0x000000bc);

	/* The slice by which boot firmware reads and sets an address */
	assert_int_equal(
		run_immediate(fixture, MOD_STAT_CFG, 3, 0x90 | 2 << 8, 0), 0);
	assert_int_equal(fixture->command.out_imm, mac);
	assert_int_equal(run_immediate(fixture, MOD_STAT_CFG, 1, 0x90 | 2 << 8,
				       1ULL << 63 | 0x020000000077ULL),
			 0);
	assert_int_equal(run(fixture, CX_CMD_QUERY_PORT, 0, 2, NULL, 0), 0);
	assert_int_equal(cx_load_be64(fixture->command.out + 0x10),
			 0x020000000077ULL);
	assert_int_equal(run_immediate(fixture, MOD_STAT_CFG, 1, 0x90 | 2 << 8,
				       1ULL << 63 | 0x010000000077ULL),
			 CX_STATUS_BAD_PARAM);
	assert_int_equal(run(fixture, MOD_STAT_CFG, 0xf, 0, NULL, 0), 0);
	assert_int_equal(run(fixture, CX_CMD_QUERY_PORT, 0, 2, NULL, 0), 0);
	assert_int_equal(cx_load_be64(fixture->command.out + 0x10), mac);
	assert_int_equal(run_immediate(fixture, MOD_STAT_CFG, 3, 0xfc, 0),
			 CX_STATUS_BAD_PARAM);
	assert_int_equal(run(fixture, MOD_STAT_CFG, 7, 0, NULL, 0),
			 CX_STATUS_BAD_OP);
	fixture_destroy(fixture);
}

static void test_config_dev(void **state)
{
	struct fixture *fixture = fixture_create(0x1007);
	uint8_t in[0x84] = { 0, 0, 0, 1 };

	in[16] = 4789 >> 8;
	in[17] = 4789 & 0xff;
	assert_int_equal(run(fixture, CONFIG_DEV, 0, 0, in, sizeof(in)), 0);
	assert_int_equal(fixture->adapter->ethernet.vxlan_port, 4789);
	/* Another field alone */
	in[3] = 0;
	in[1] = 4;
	in[16] = 0;
	in[26] = 0x80;
	assert_int_equal(run(fixture, CONFIG_DEV, 0, 0, in, sizeof(in)), 0);
	assert_int_equal(fixture->adapter->ethernet.vxlan_port, 4789);
	assert_true(fixture->adapter->ethernet.port_check_disabled);
	assert_int_equal(run(fixture, CONFIG_DEV, 1, 0, NULL, 0), 0);
	assert_int_equal(fixture->command.out_length, 0x84);
	assert_int_equal(fixture->command.out[131], 0x11);
	assert_int_equal(cx_load_be32(fixture->command.out + 16) >> 16, 4789);
	fixture_destroy(fixture);

	fixture = fixture_create(0x6750);
	assert_int_equal(run(fixture, CONFIG_DEV, 1, 0, NULL, 0),
			 CX_STATUS_BAD_OP);
	fixture_destroy(fixture);
}

static void test_congestion(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);
	uint8_t in[256] = { 0xc0 };

	in[0x20] = 0x12;
	assert_int_equal(run(fixture, CONGESTION_CTRL, 4, 1 | 1 << 11, in, 256),
			 0);
	assert_int_equal(run(fixture, CONGESTION_CTRL, 0, 1 | 1 << 11, NULL, 0),
			 0);
	assert_int_equal(fixture->command.out_length, 256);
	assert_int_equal(fixture->command.out[0x20], 0x12);
	assert_int_equal(fixture->command.out[0], 0);
	assert_int_equal(run(fixture, CONGESTION_CTRL, 0, 1 | 1 << 10, NULL, 0),
			 0);
	assert_int_equal(fixture->command.out[0x20], 0);
	assert_int_equal(run(fixture, CONGESTION_CTRL, 1, 1 | 1 << 10, NULL, 0),
			 0);
	assert_int_equal(fixture->command.out_length, 64);
	/* No priority, two priorities, another algorithm */
	assert_int_equal(run(fixture, CONGESTION_CTRL, 0, 1, NULL, 0),
			 CX_STATUS_BAD_PARAM);
	assert_int_equal(run(fixture, CONGESTION_CTRL, 0, 1 | 3 << 8, NULL, 0),
			 CX_STATUS_BAD_PARAM);
	assert_int_equal(run(fixture, CONGESTION_CTRL, 0, 1 | 1 << 8 | 1 << 16,
			     NULL, 0),
			 CX_STATUS_BAD_PARAM);
	fixture_destroy(fixture);
}

static void test_virtual_pipes(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);
	uint8_t in[0x120] = { 0 };

	in[4 + 4 * 3 + 3] = 8;
	assert_int_equal(run(fixture, CX_CMD_ALLOCATE_VPP, 0, 1, in, 0x24), 0);
	assert_int_equal(run(fixture, CX_CMD_ALLOCATE_VPP, 1, 1, NULL, 0), 0);
	assert_int_equal(cx_load_be32(fixture->command.out + 4 + 12), 8);
	in[4] = 1; /* 2^24 of them */
	assert_int_equal(run(fixture, CX_CMD_ALLOCATE_VPP, 0, 1, in, 0x24),
			 CX_STATUS_EXCEED_LIM);
	in[0x20 + 32] = 0x55;
	assert_int_equal(run(fixture, CX_CMD_SET_VPORT_QOS, 0, 2, in, 0x120),
			 0);
	assert_int_equal(run(fixture, CX_CMD_SET_VPORT_QOS, 1, 2, NULL, 0), 0);
	assert_int_equal(fixture->command.out[0x20 + 32], 0x55);
	assert_int_equal(run(fixture, CX_CMD_SET_VPORT_QOS, 1, 0x102, NULL, 0),
			 CX_STATUS_BAD_INDEX);
	fixture_destroy(fixture);
}

static void test_small_commands(void **state)
{
	struct fixture *fixture = fixture_create(0x1003);
	static const uint8_t swapped[8] = { 0, 0, 0, 2, 0, 0, 0, 1 };
	static const uint8_t beyond[8] = { 0, 0, 0, 1, 0, 0, 0, 3 };

	assert_int_equal(run(fixture, CX_CMD_CONF_SPECIAL_QP, 0, 64, NULL, 0),
			 0);
	assert_int_equal(run(fixture, CX_CMD_CONF_SPECIAL_QP, 0, 63, NULL, 0),
			 CX_STATUS_BAD_PARAM);
	assert_int_equal(run(fixture, CX_CMD_HW_HEALTH_CHECK, 0, 0, NULL, 0),
			 0);
	assert_int_equal(run(fixture, CX_CMD_SYNC_TPT, 0, 0, NULL, 0), 0);
	assert_int_equal(run(fixture, CX_CMD_GET_OP_REQ, 0, 0, NULL, 0),
			 CX_STATUS_BAD_RES_STATE);
	assert_int_equal(run(fixture, CX_CMD_MAD_DEMUX, 2, 1, NULL, 0), 0);
	assert_int_equal(run(fixture, CX_CMD_DIAG_RPRT, 2, 0, NULL, 0), 0);

	/* Not offered by this card; offered by one that has it */
	assert_int_equal(run(fixture, CX_CMD_VIRT_PORT_MAP, 1, 0, swapped, 8),
			 CX_STATUS_BAD_OP);
	cx_set(fixture->adapter->ethernet.profile.dev_cap,
	       CX_DEV_CAP_PORT_REMAP, 1);
	assert_int_equal(run(fixture, CX_CMD_VIRT_PORT_MAP, 1, 0, beyond, 8),
			 CX_STATUS_BAD_PARAM);
	assert_int_equal(run(fixture, CX_CMD_VIRT_PORT_MAP, 1, 0, swapped, 8),
			 0);
	assert_int_equal(ethernet_physical_port(&fixture->adapter->ethernet, 1),
			 2);
	ethernet_reset(fixture->adapter);
	assert_int_equal(ethernet_physical_port(&fixture->adapter->ethernet, 1),
			 1);
	fixture_destroy(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link_modes),
		cmocka_unit_test(test_sfp),
		cmocka_unit_test(test_qsfp),
		cmocka_unit_test(test_other_mads),
		cmocka_unit_test(test_wake_on_lan),
		cmocka_unit_test(test_mod_stat_cfg),
		cmocka_unit_test(test_config_dev),
		cmocka_unit_test(test_congestion),
		cmocka_unit_test(test_virtual_pipes),
		cmocka_unit_test(test_small_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
