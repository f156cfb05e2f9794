// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/failure.h"
#include "tools/lib/iscsi/root_path.h"
#include "tools/lib/server/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Behind the rest: its macro fail() would be in the way of failure.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define MANUAL "iscsi:11.4.3.7::::iqn.2007-08.7.3.4.10:iscsiboot"

static struct root_path read_good(const char *text)
{
	struct failure why = { "" };
	struct root_path path;

	if (root_path_read(&path, text, strlen(text), &why))
		fail_msg("%s: %s", text, why.text);
	return path;
}

static void the_manuals_path(void **state)
{
	struct root_path path = read_good(MANUAL);
	char text[ROOT_PATH_MAX];

	assert_string_equal(path.server, "11.4.3.7");
	assert_int_equal(path.kind, ISCSI_HOST_IPV4);
	assert_int_equal(path.port, 3260);
	assert_int_equal(path.lun, 0);
	assert_false(path.lun_given);
	assert_string_equal(path.name, "iqn.2007-08.7.3.4.10:iscsiboot");
	root_path_write(&path, text);
	assert_string_equal(text, MANUAL);
}

static void every_field_filled(void **state)
{
	struct root_path path =
		read_good("iscsi:[2001:db8::1]:6:3261:10:iqn.2007-08.a.b:c:d");
	char text[ROOT_PATH_MAX];

	assert_string_equal(path.server, "2001:db8::1");
	assert_int_equal(path.kind, ISCSI_HOST_IPV6);
	assert_int_equal(path.port, 3261);
	/* RFC 4173: hexadecimal */
	assert_int_equal(iscsi_lun_number(path.lun), 16);
	assert_string_equal(path.name, "iqn.2007-08.a.b:c:d");
	root_path_write(&path, text);
	assert_string_equal(text,
			    "iscsi:[2001:db8::1]::3261:10:iqn.2007-08.a.b:c:d");
	path = read_good("iscsi:::::iqn.2007-08.a.b");
	assert_string_equal(path.server, "");
	path = read_good("iscsi:san.example.org::::eui.02004567A425678D");
	assert_int_equal(path.kind, ISCSI_HOST_NAME);
	/* RFC 3722: any letter of Unicode */
	read_good(
		"iscsi:a::::iqn.2007-08.a:\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	read_good("iscsi:a::::naa.52004567BA64678D");
	read_good("iscsi:a::::naa.62004567BA64678D0123456789ABCDEF");
}

static void luns_as_rfc_4173_writes_them(void **state)
{
	static const struct {
		const char *text;
		uint64_t lun;
		long number;
	} luns[] = {
		{ "1", 0x0001ULL << 48, 1 },
		{ "A", 0x000aULL << 48, 10 },
		{ "40", 0x0040ULL << 48, 64 },
		{ "4752-3A4F-6b7e-2F99", 0x47523a4f6b7e2f99ULL, -1 },
		{ "6734-9-156f-127", 0x67340009156f0127ULL, -1 },
		{ "4186-9", 0x4186000900000000ULL, -1 },
		{ "2-0-0-0", 0x0002ULL << 48, 2 },
	};
	size_t column;

	for (size_t i = 0; i < sizeof(luns) / sizeof(luns[0]); i++) {
		uint64_t lun;

		assert_int_equal(iscsi_lun_read(luns[i].text,
						strlen(luns[i].text), &lun,
						&column, NULL),
				 0);
		assert_int_equal(lun, luns[i].lun);
		assert_int_equal(iscsi_lun_number(lun), luns[i].number);
	}
}

static void luns_as_udev_writes_them(void **state)
{
	char text[ISCSI_LUN_TEXT];

	iscsi_lun_udev(0x00ffULL << 48, text);
	assert_string_equal(text, "255");
	iscsi_lun_udev(0x4101ULL << 48, text);
	assert_string_equal(text, "0x4101000000000000");
}

static void malformed_paths_name_their_column(void **state)
{
	static const struct {
		const char *text;
		unsigned int column;
	} bad[] = {
		{ "", 1 },
		{ "nfs:1.2.3.4:/x", 1 },
		{ "ISCSI:1.2.3.4::::iqn.2007-08.a", 1 },
		{ "iscsi:", 7 },
		{ "iscsi:1.2.3.4", 14 },
		{ "iscsi:1.2.3.4:::iqn.2007-08.a", 30 },
		{ "iscsi:1.2.3.400::::iqn.2007-08.a", 7 },
		{ "iscsi:a_b::::iqn.2007-08.a", 7 },
		{ "iscsi:[1.2.3.4]::::iqn.2007-08.a", 8 },
		{ "iscsi:[::1::::iqn.2007-08.a", 7 },
		{ "iscsi:[]::::iqn.2007-08.a", 8 },
		{ "iscsi:a:17:::iqn.2007-08.a", 9 },
		{ "iscsi:a:TCP:::iqn.2007-08.a", 9 },
		{ "iscsi:a::0::iqn.2007-08.a", 10 },
		{ "iscsi:a::65536::iqn.2007-08.a", 10 },
		{ "iscsi:a::32x::iqn.2007-08.a", 10 },
		{ "iscsi:a:::xyz:iqn.2007-08.a", 11 },
		{ "iscsi:a:::0x1:iqn.2007-08.a", 12 },
		{ "iscsi:a:::12345:iqn.2007-08.a", 15 },
		{ "iscsi:a:::1-2-3-4-5:iqn.2007-08.a", 20 },
		{ "iscsi:a:::1--2:iqn.2007-08.a", 13 },
		{ "iscsi:a::::", 12 },
		{ "iscsi:a::::disk", 12 },
		{ "iscsi:a::::iqn.2007-00.a", 21 },
		{ "iscsi:a::::iqn.2007-13.a", 21 },
		{ "iscsi:a::::iqn.207-10.a", 19 },
		{ "iscsi:a::::iqn.2007-08", 23 },
		{ "iscsi:a::::iqn.2007-08.a..b", 26 },
		{ "iscsi:a::::iqn.2007-08.a:", 26 },
		{ "iscsi:a::::iqn.2007-08.a b", 25 },
		{ "iscsi:a::::iqn.2007-08.a;b", 25 },
		/* No UTF-8: cut short, too long a form, a half of a pair */
		{ "iscsi:a::::iqn.2007-08.a:\xc3", 26 },
		{ "iscsi:a::::iqn.2007-08.a:\xc0\x80", 26 },
		{ "iscsi:a::::iqn.2007-08.a:\xe0\x9f\xbf", 26 },
		{ "iscsi:a::::iqn.2007-08.a:\xed\xa0\x80", 26 },
		{ "iscsi:a::::iqn.2007-08.a:\xf4\x90\x80\x80", 26 },
		{ "iscsi:a::::iqn.2007-08.a:\xc3\xa4\xff", 28 },
		{ "iscsi:a::::eui.02004567A425678", 16 },
		{ "iscsi:a::::naa.02004567A425678X", 16 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct failure why = { "" };
		struct root_path path;
		unsigned int column = 0;

		assert_int_equal(root_path_read(&path, bad[i].text,
						strlen(bad[i].text), &why),
				 -EINVAL);
		if (sscanf(why.text, "root-path, column %u:", &column) != 1 ||
		    column != bad[i].column)
			fail_msg("%s: column %u expected: %s", bad[i].text,
				 bad[i].column, why.text);
	}
}

/* A prefix of a good path must not be read behind its end. */
static void every_prefix_ends_where_it_ends(void **state)
{
	size_t size = strlen(MANUAL);

	for (size_t i = 0; i < size; i++) {
		char *copy = malloc(i ? i : 1);
		struct root_path path;

		memcpy(copy, MANUAL, i);
		/* "iqn.2007-08.7" is the shortest good name in it. */
		assert_int_equal(root_path_read(&path, copy, i, NULL),
				 i >= 31 && MANUAL[i - 1] != '.' &&
						 MANUAL[i - 1] != ':' ?
					 0 :
					 -EINVAL);
		free(copy);
	}
}

static void portals(void **state)
{
	static const char *const bad[] = {
		"",	     ":3260",	    "1.2.3",	 "1.2.3.4:",
		"1.2.3.4:0", "[::1",	    "[1.2.3.4]", "[::1]3260",
		"[::1]:x",   "1.2.3.4:3:4", "a b",	 "-x",
	};
	char host[ISCSI_HOST_MAX + 1];
	enum iscsi_host kind;
	uint16_t port;

	assert_int_equal(
		iscsi_portal_read("11.4.3.7", host, &kind, &port, NULL), 0);
	assert_int_equal(port, 0);
	assert_int_equal(
		iscsi_portal_read("11.4.3.7:99", host, &kind, &port, NULL), 0);
	assert_string_equal(host, "11.4.3.7");
	assert_int_equal(port, 99);
	assert_int_equal(
		iscsi_portal_read("[fe80::1]:99", host, &kind, &port, NULL), 0);
	assert_string_equal(host, "fe80::1");
	assert_int_equal(port, 99);
	assert_int_equal(iscsi_portal_read("fe80::1", host, &kind, &port, NULL),
			 0);
	assert_int_equal(kind, ISCSI_HOST_IPV6);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!iscsi_portal_read(bad[i], host, &kind, &port, NULL))
			fail_msg("%s is read as a portal", bad[i]);
	}
}

static void macs(void **state)
{
	static const char *const bad[] = {
		"",
		"00:02:c9",
		"00:02:c9:00:00:b",
		"00:02:c9:00:00:bbb",
		"0002c90000bg",
		"000:2c90000bb",
		"01:02:c9:00:00:bb",
		"00:00:00:00:00:00",
		"ffffffffffff",
		"00:02:c9:00:00:bb:",
	};
	char mac[MAC_TEXT];

	assert_int_equal(mac_read("00:02:C9:00:00:BB", mac, NULL), 0);
	assert_string_equal(mac, "00:02:c9:00:00:bb");
	assert_int_equal(mac_read("00-02-c9-00-00-bb", mac, NULL), 0);
	assert_string_equal(mac, "00:02:c9:00:00:bb");
	assert_int_equal(mac_read("0002c90000bb", mac, NULL), 0);
	assert_string_equal(mac, "00:02:c9:00:00:bb");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!mac_read(bad[i], mac, NULL))
			fail_msg("%s is read as a MAC address", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manuals_path),
		cmocka_unit_test(every_field_filled),
		cmocka_unit_test(luns_as_rfc_4173_writes_them),
		cmocka_unit_test(luns_as_udev_writes_them),
		cmocka_unit_test(malformed_paths_name_their_column),
		cmocka_unit_test(every_prefix_ends_where_it_ends),
		cmocka_unit_test(portals),
		cmocka_unit_test(macs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
