// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the card says about itself, against the numbers of the hardware notes
 * (docs/hardware/capabilities.md), at raw offsets: the field tables of
 * include/connectx are under test too.
 */
#include <errno.h>
#include <string.h>

#include "tests/unit/emulator_adapter/ethernet_fixture.h"

#define CONNECTX 0x6368
#define CONNECTX_2 0x6750
#define CONNECTX_3 0x1003
#define CONNECTX_3_PRO 0x1007

struct dword {
	unsigned int offset;
	uint32_t value;
};

static const uint16_t all_devices[] = { 0x6340, 0x634a, 0x6732, 0x673c, 0x6746,
					0x6368, 0x6750, 0x676e, 0x6778, 0x6372,
					0x675a, 0x1003, 0x1007 };
#define DEVICES (sizeof(all_devices) / sizeof(all_devices[0]))

static struct fixture *with_cap(uint16_t device_id)
{
	struct fixture *fixture = fixture_create(device_id);

	assert_int_equal(run(fixture, 0x003, 0, 0, NULL, 0), CX_STATUS_OK);
	assert_int_equal(fixture->command.out_length, 0x100);
	return fixture;
}

/* The minimal profile of the notes, dword by dword; UC_LOOPBACK is added. */
static void test_dev_cap_of_connectx(void **state)
{
	static const struct dword expected[] = {
		{ 0x10, 0x0e0e0618 }, { 0x14, 0x60180000 },
		{ 0x18, 0x04160718 }, { 0x1c, 0x16180209 },
		{ 0x20, 0x4040081f }, { 0x24, 0 },
		{ 0x28, 0x00070004 }, { 0x2c, 0x00113716 },
		{ 0x30, 0x00000001 }, { 0x34, 0x606f0102 },
		{ 0x38, 0x1f000007 }, { 0x3c, 0x00000007 },
		{ 0x40, 0x00000101 }, { 0x44, 0x003e93c7 },
		{ 0x48, 0x10020009 }, { 0x4c, 0 },
		{ 0x50, 0x003e03f0 }, { 0x54, 0x00200200 },
		{ 0x60, 0x00080011 }, { 0x64, 0x40170000 },
		{ 0x68, 0 },	      { 0x70, 0 },
		{ 0x74, 0 },	      { 0x78, 0 },
		{ 0x80, 0x00200100 }, { 0x84, 0x00010040 },
		{ 0x88, 0x00800080 }, { 0x8c, 0x00800040 },
		{ 0x90, 0x00080040 }, { 0x94, 0 },
		{ 0x9c, 0x00400000 }, { 0xa0, 0x00100000 },
		{ 0xa4, 0 },	      { 0xe4, 0 },
	};
	struct fixture *fixture = with_cap(CONNECTX);

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_int_equal(
			cx_load_be32(fixture->command.out + expected[i].offset),
			expected[i].value);
	fixture_destroy(fixture);
}

static bool flag(const struct fixture *fixture, unsigned int byte,
		 unsigned int bit)
{
	return fixture->command.out[byte] >> bit & 1;
}

static void test_generations_differ(void **state)
{
	struct fixture *fixture = with_cap(CONNECTX_2);

	/* Both VEP bits: FLAGS 41 and 42; COUNTERS: FLAGS 48 */
	assert_true(flag(fixture, 0x42, 1));
	assert_true(flag(fixture, 0x42, 2));
	assert_true(flag(fixture, 0x41, 0));
	assert_int_equal(cx_load_be32(fixture->command.out + 0x68), 128);
	assert_false(flag(fixture, 0x76, 7));
	assert_false(flag(fixture, 0x3e, 7));
	fixture_destroy(fixture);

	fixture = with_cap(CONNECTX_3);
	assert_true(flag(fixture, 0x42, 1));
	assert_true(flag(fixture, 0x76, 7)); /* FS_EN */
	assert_int_equal(fixture->command.out[0x77], 24);
	assert_true(flag(fixture, 0x3e, 7)); /* time stamps */
	assert_true(flag(fixture, 0x7a, 5)); /* PTYS */
	assert_true(flag(fixture, 0x70, 4)); /* flow statistics */
	assert_true(flag(fixture, 0x94, 5)); /* CONFIG_DEV */
	assert_true(flag(fixture, 0x9e, 5)); /* ETS */
	assert_true(flag(fixture, 0x34, 7)); /* beacon */
	assert_true(flag(fixture, 0x43, 5)); /* WoL of port 1 */
	assert_true(flag(fixture, 0x43, 6));
	assert_true(flag(fixture, 0x5c, 2)); /* user MAC */
	assert_true(flag(fixture, 0x9d, 6)); /* REASSIGN_MAC */
	assert_false(flag(fixture, 0x9e, 3));
	fixture_destroy(fixture);

	fixture = with_cap(CONNECTX_3_PRO);
	assert_true(flag(fixture, 0x9e, 3)); /* VXLAN */
	fixture_destroy(fixture);
}

static bool power_of_two(uint32_t value)
{
	return value && !(value & (value - 1));
}

/* What a driver refuses to start with, for every device id */
static void test_drivers_can_live_with_every_card(void **state)
{
	for (size_t i = 0; i < DEVICES; i++) {
		struct fixture *fixture = with_cap(all_devices[i]);
		const uint8_t *cap = fixture->command.out;
		uint32_t eqs = 1u << (cap[0x1f] & 0xf);
		uint32_t reserved = 1u << (cap[0x1e] & 0xf);
		uint32_t uars = cap[0x48] >> 4;
		uint64_t uar_area = 1ULL << (20 + (cap[0x49] & 0x3f));

		assert_int_equal(cap[0x37] & 0xf, 2);
		assert_in_range(cap[0x4b], 0, 12);
		assert_in_range(uar_area, 0, 8 << 20);
		assert_true(uar_area / 4096 > 128);
		/* EQs that drivers can use, and iPXE's first one */
		if (eqs > 128)
			eqs = 128;
		if (reserved < 4 * uars)
			reserved = 4 * uars;
		assert_true(eqs - reserved >= 2);
		assert_true(cap[0x18] + 8u > 4 * uars);
		for (unsigned int at = 0x80; at < 0x94; at += 2)
			assert_true(power_of_two((uint32_t)cap[at] << 8 |
						 cap[at + 1]));
		assert_int_equal(cap[0x90] << 8 | cap[0x91], 8);
		/* RoCE and system EQs stay off */
		assert_false(cx_load_be32(cap + 0x44) >> 30 & 1);
		assert_int_equal(cx_load_be32(cap + 0x24), 0);
		/* 131,592 QPs of the region at the top and the bottom */
		assert_true(cap[0x13] >= 18);
		fixture_destroy(fixture);
	}
}

static void test_firmware(void **state)
{
	static const struct dword expected[] = {
		{ 0x08, 3 },	      { 0x0c, 4 },    { 0x20, 0 },
		{ 0x24, 0x000f0058 }, { 0x28, 0 },    { 0x30, 0 },
		{ 0x34, 0x0001f020 }, { 0x38, 0x10 }, { 0x3c, 0 },
	};
	struct fixture *fixture = fixture_create(CONNECTX_2);

	assert_int_equal(run(fixture, 0x004, 0, 0, NULL, 0), CX_STATUS_OK);
	assert_int_equal(fixture->command.out_length, 0x100);
	assert_int_equal(cx_load_be32(fixture->command.out), 0x00100002);
	assert_int_equal(cx_load_be32(fixture->command.out + 4), 0x03e80009);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_int_equal(
			cx_load_be32(fixture->command.out + expected[i].offset),
			expected[i].value);
	/* No time stamps, no clock */
	assert_int_equal(cx_load_be64(fixture->command.out + 0x50), 0);
	fixture_destroy(fixture);

	fixture = fixture_create(CONNECTX_3);
	assert_int_equal(run(fixture, 0x004, 0, 0, NULL, 0), CX_STATUS_OK);
	assert_int_equal(cx_load_be32(fixture->command.out + 4), 0x1388002a);
	assert_int_equal(cx_load_be64(fixture->command.out + 0x50), 0x80800);
	fixture_destroy(fixture);
}

static void test_board_id_is_byte_reversed(void **state)
{
	struct fixture *fixture = fixture_create(CONNECTX_2);
	char text[17] = "";

	assert_int_equal(run(fixture, 0x006, 0, 0, NULL, 0), CX_STATUS_OK);
	for (unsigned int i = 0; i < 16; i++)
		text[i] = (char)fixture->command.out[0xf0 + (i ^ 3)];
	assert_string_equal(text, "VT_67500001");
	assert_int_equal(fixture->command.out[0x10], 0);
	fixture_destroy(fixture);
}

static void test_query_hca_returns_what_was_set(void **state)
{
	struct fixture *fixture = fixture_create(CONNECTX_3);

	/* Before INIT_HCA: zeros and the clock */
	assert_int_equal(run(fixture, 0x00b, 0, 0, NULL, 0), CX_STATUS_OK);
	assert_int_equal(cx_load_be32(fixture->command.out + 0x0c), 427 << 16);
	assert_int_equal(cx_load_be32(fixture->command.out + 0xd0), 0);

	fixture_hca_up(fixture, CX_INIT_HCA_LOG_MC_ENTRY, 10,
		       CX_INIT_HCA_LOG_MC_HASH, 12, CX_INIT_HCA_LOG_MC_TABLE,
		       13, CX_INIT_HCA_UC_STEERING, 1, CX_INIT_HCA_CACHE_LINE,
		       2, 0);
	cx_store_be32(fixture->adapter->init_hca + 0x0c, 0x5000);
	assert_int_equal(run(fixture, 0x00b, 0, 0, NULL, 0), CX_STATUS_OK);
	assert_int_equal(fixture->command.out_length, 0x200);
	assert_int_equal(fixture->command.out[0xd3], 10);
	assert_int_equal(fixture->command.out[0xd7], 12);
	assert_int_equal(fixture->command.out[0xd8], 8);
	assert_int_equal(fixture->command.out[0xdb], 13);
	/* The driver's cache line must not come back as "PHV check" */
	assert_int_equal(cx_load_be32(fixture->command.out + 0x0c), 427 << 16);
	fixture_destroy(fixture);
}

static void test_profiles(void **state)
{
	struct profile profile;

	assert_int_equal(profile_init(&profile, 0x1234), -ENODEV);
	assert_int_equal(profile_init(&profile, 0x676e), 0);
	assert_int_equal(profile.speed, 40000);
	assert_string_equal(profile.silicon, "MT26478");
	assert_int_equal(profile_init(&profile, 0x675a), 0);
	assert_true(profile.twisted_pair);
	assert_int_equal(profile.speed, 10000);
	assert_int_equal(profile.pcie_generation, 2);
	assert_int_equal(profile_init(&profile, CONNECTX_3_PRO), 0);
	assert_int_equal(profile.speed, 40000);
	assert_int_equal(profile.pcie_generation, 3);

	profile_set_uar(&profile, 8 << 20, true);
	assert_int_equal(cx_load_be32(profile.dev_cap + 0x4c), 0x80090300);
	assert_int_equal(profile.dev_cap[0x49], 2);
	profile_set_uar(&profile, 32 << 20, false);
	assert_int_equal(profile.dev_cap[0x49], 4);
	assert_int_equal(cx_load_be32(profile.dev_cap + 0x4c), 0);
}

static void test_query_func(void **state)
{
	struct fixture *fixture = fixture_create(CONNECTX_3);

	assert_int_equal(run(fixture, 0x056, 0, 0, NULL, 0), CX_STATUS_OK);
	assert_int_equal(cx_load_be32(fixture->command.out + 4), 4 << 16 | 512);
	assert_int_equal(fixture->command.out[0x0b], 1);
	assert_int_equal(run(fixture, 0x056, 0, 3, NULL, 0),
			 CX_STATUS_BAD_PARAM);
	fixture_destroy(fixture);
}

/* Answers do not change over reset. */
static void test_answers_are_stable(void **state)
{
	for (size_t i = 0; i < DEVICES; i++) {
		struct fixture *fixture = with_cap(all_devices[i]);
		uint8_t before[0x100];

		memcpy(before, fixture->command.out, sizeof(before));
		ethernet_reset(fixture->adapter);
		assert_int_equal(run(fixture, 0x003, 0, 0, NULL, 0),
				 CX_STATUS_OK);
		assert_memory_equal(before, fixture->command.out,
				    sizeof(before));
		fixture_destroy(fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dev_cap_of_connectx),
		cmocka_unit_test(test_generations_differ),
		cmocka_unit_test(test_drivers_can_live_with_every_card),
		cmocka_unit_test(test_firmware),
		cmocka_unit_test(test_board_id_is_byte_reversed),
		cmocka_unit_test(test_query_hca_returns_what_was_set),
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_query_func),
		cmocka_unit_test(test_answers_are_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
