// SPDX-License-Identifier: GPL-2.0-only
/* What iscsi-root reads: settings, the command line, leases, the iBFT. */
#include "initrd/iscsi-root/dhcp_message.h"
#include "initrd/iscsi-root/disk.h"
#include "initrd/iscsi-root/ibft.h"
#include "initrd/iscsi-root/identity.h"
#include "initrd/iscsi-root/settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NAME "iqn.2007-08.7.3.4.10:iscsiboot"

static const uint8_t mac[6] = { 0x00, 0x02, 0xc9, 0x00, 0x00, 0xbb };
static char wrong_lines[1024];

static void note_wrong(const char *line)
{
	strcat(wrong_lines, line);
	strcat(wrong_lines, ";");
}

static struct settings read_settings(const char *text)
{
	struct settings s;

	wrong_lines[0] = '\0';
	settings_init(&s);
	settings_read(&s, text, strlen(text), note_wrong);
	return s;
}

static void a_settings_file_is_read(void **state)
{
	struct settings s;

	(void)state;
	s = read_settings("# comment\n\ntarget=[2001:db8::7]:3261\n"
			  "target2=11.4.3.8\nname=" NAME "\nlun=1-2\n"
			  "ip=11.4.3.5/24,11.4.3.1\nchap_secret=a=b c\n"
			  "device_port=2\nibft=ignore\nlink_timeout=7");
	assert_string_equal(wrong_lines, "");
	assert_string_equal(s.portals[0].host, "2001:db8::7");
	assert_int_equal(s.portals[0].port, 3261);
	assert_int_equal(s.portals[0].kind, ISCSI_HOST_IPV6);
	assert_string_equal(s.portals[1].host, "11.4.3.8");
	assert_true(s.has_lun);
	assert_int_equal(s.lun, 0x0001000200000000ULL);
	assert_int_equal(s.method, ADDRESS_STATIC);
	assert_int_equal(s.address.length, 24);
	assert_memory_equal(s.address.gateway, "\x0b\x04\x03\x01", 4);
	assert_string_equal(s.chap.secret, "a=b c");
	assert_int_equal(s.device_port, 2);
	assert_true(s.ignore_ibft);
	assert_int_equal(s.link_timeout, 7);
}

/* What is not understood is told by its key alone: the rest may be a secret. */
static void wrong_lines_are_told_and_skipped(void **state)
{
	char text[3000] = "vlan=9999\ncolour=blue\nno equals\nchap_secret=";
	struct settings s;
	size_t at = strlen(text);

	(void)state;
	memset(text + at, 'x', 1500);
	strcpy(text + at + 1500, "\nvlan=5\n");
	s = read_settings(text);
	assert_string_equal(wrong_lines, "vlan;colour;no equals;chap_secret;");
	assert_int_equal(s.vlan, 5);
	assert_string_equal(s.chap.secret, "");
}

static void every_key_is_known(void **state)
{
	struct settings s;

	(void)state;
	settings_init(&s);
	for (const char *const *key = settings_keys; *key; key++)
		assert_int_not_equal(settings_set(&s, *key, ""), -ENOENT);
	assert_int_equal(settings_set(&s, "colour", "blue"), -ENOENT);
}

static void the_command_line_counts_more(void **state)
{
	struct settings s;

	(void)state;
	s = read_settings("target=11.4.3.7:3261\nname=iqn.2007-08.com.a:b\n"
			  "lun=5\n");
	settings_read_command_line(&s,
				   "quiet iscsi_target_ip=11.4.3.9 "
				   "connectx-en.vlan=7 iscsi_username=\"a b\" "
				   "connectx-en.mtu=9 root=/dev/sda\n",
				   note_wrong);
	assert_string_equal(wrong_lines, "connectx-en.mtu;");
	assert_string_equal(s.portals[0].host, "11.4.3.9");
	assert_int_equal(s.portals[0].port, 3261);
	assert_int_equal(s.vlan, 7);
	assert_string_equal(s.chap.user, "a b");
	settings_read_command_line(&s, "netroot=iscsi:11.4.3.4::::" NAME,
				   note_wrong);
	assert_string_equal(s.portals[0].host, "11.4.3.4");
	assert_int_equal(s.portals[0].port, 0);
	assert_string_equal(s.name, NAME);
	assert_false(s.has_lun);
}

static void a_root_path_completes(void **state)
{
	static const char path[] = "iscsi:11.4.3.4::3262:a:" NAME;
	struct settings s;

	(void)state;
	s = read_settings("target=11.4.3.7\n");
	assert_int_equal(settings_take_root_path(&s, path, strlen(path)), 0);
	/* The address that was baked in stays. */
	assert_string_equal(s.portals[0].host, "11.4.3.7");
	assert_int_equal(s.portals[0].port, 3262);
	assert_int_equal(s.lun, 0x000aULL << 48);
	assert_string_equal(s.name, NAME);
	assert_int_equal(settings_take_root_path(&s, "nfs:", 4), -EINVAL);
}

static void a_host_gets_a_name(void **state)
{
	struct settings s;

	(void)state;
	s = read_settings("name=" NAME);
	identity_make(&s, mac);
	assert_string_equal(s.initiator,
			    "iqn.2007-08.7.3.4.10:host.0002c90000bb");
	s = read_settings("name=eui.0002c90300000001");
	identity_make(&s, mac);
	assert_string_equal(s.initiator, "eui.0002c9fffe0000bb");
}

/* Leases */

#define ID 0x12345678u

struct answer {
	uint8_t bytes[1500];
	size_t size;
};

static void put(struct answer *a, uint8_t option, const void *data,
		uint8_t size)
{
	a->bytes[a->size++] = option;
	a->bytes[a->size++] = size;
	memcpy(a->bytes + a->size, data, size);
	a->size += size;
}

static struct answer begin_answer(uint8_t type)
{
	struct answer a = { .size = 240 };

	dhcp_message_write(a.bytes, ID, mac, NULL);
	memset(a.bytes + 240, 0, sizeof(a.bytes) - 240);
	a.bytes[0] = 2;
	memcpy(a.bytes + 16, "\x0b\x04\x03\x82", 4);
	put(&a, 53, &type, 1);
	return a;
}

static int read_answer(const struct answer *a, struct dhcp_lease *lease)
{
	return dhcp_message_read(a->bytes, a->size, ID, mac, lease);
}

static void a_lease_is_read(void **state)
{
	struct answer a = begin_answer(DHCP_ACK);
	struct dhcp_lease lease;

	(void)state;
	put(&a, 1, "\xff\xff\xfe\x00", 4);
	put(&a, 3, "\x0b\x04\x03\x01\x0b\x04\x03\x02", 8);
	put(&a, 54, "\x0b\x04\x03\x07", 4);
	put(&a, 26, "\x23\x28", 2);
	put(&a, 6, "\x0b\x04\x03\x0a\x0b\x04\x03\x0b\x0b\x04\x03\x0c", 12);
	/* In two pieces */
	put(&a, 17, "iscsi:11.4.3.7", 14);
	put(&a, 17, "::::" NAME, strlen("::::" NAME));
	put(&a, 203, "iqn.2007-08.com.example:me", 26);
	put(&a, 12, "a b", 3);
	a.bytes[a.size++] = 255;
	assert_int_equal(read_answer(&a, &lease), 0);
	assert_int_equal(lease.type, DHCP_ACK);
	assert_memory_equal(lease.address.address, "\x0b\x04\x03\x82", 4);
	assert_int_equal(lease.address.length, 23);
	assert_true(lease.address.has_gateway);
	assert_memory_equal(lease.address.gateway, "\x0b\x04\x03\x01", 4);
	assert_int_equal(lease.mtu, 9000);
	assert_int_equal(lease.n_name_servers, 2);
	assert_string_equal(lease.root_path, "iscsi:11.4.3.7::::" NAME);
	assert_string_equal(lease.initiator, "iqn.2007-08.com.example:me");
	/* A blank in what a shell will see */
	assert_string_equal(lease.host_name, "");
}

static void options_in_the_file_field(void **state)
{
	struct answer a = begin_answer(DHCP_OFFER);
	static const uint8_t both = 3;
	struct dhcp_lease lease;

	(void)state;
	put(&a, 52, &both, 1);
	a.bytes[a.size++] = 255;
	memcpy(a.bytes + 108,
	       "\x11\x05"
	       "a:b:c\xff",
	       8);
	memcpy(a.bytes + 44, "\x01\x04\xff\xff\x00\x00\xff", 7);
	assert_int_equal(read_answer(&a, &lease), 0);
	assert_string_equal(lease.root_path, "a:b:c");
	assert_int_equal(lease.address.length, 16);
}

static void answers_to_others_are_skipped(void **state)
{
	struct answer good = begin_answer(DHCP_ACK);
	struct dhcp_lease lease;
	struct answer a;

	(void)state;
	assert_int_equal(read_answer(&good, &lease), 0);
	for (size_t at = 0; at < 240; at++) {
		bool matters = at == 0 || (at >= 4 && at < 8) ||
			       (at >= 28 && at < 34) || at >= 236;

		a = good;
		a.bytes[at] ^= 0x20;
		assert_int_equal(read_answer(&a, &lease),
				 matters ? -EBADMSG : 0);
	}
	a = good;
	a.size = 239;
	assert_int_equal(read_answer(&a, &lease), -EBADMSG);
	/* Without a type, and with an option that is cut off */
	a = good;
	memset(a.bytes + 240, 0, 3);
	assert_int_equal(read_answer(&a, &lease), -EBADMSG);
	a = good;
	a.bytes[a.size++] = 17;
	a.bytes[a.size++] = 200;
	assert_int_equal(read_answer(&a, &lease), -EBADMSG);
}

static void a_request_takes_the_offer(void **state)
{
	struct dhcp_lease offer = { .server = { 11, 4, 3, 7 } };
	uint8_t message[DHCP_MESSAGE_MAX];
	size_t size;

	(void)state;
	memcpy(offer.address.address, "\x0b\x04\x03\x82", 4);
	size = dhcp_message_write(message, ID, mac, &offer);
	assert_in_range(size, 300, DHCP_MESSAGE_MAX);
	assert_non_null(
		memmem(message + 240, size - 240,
		       "\x32\x04\x0b\x04\x03\x82\x36\x04\x0b\x04\x03\x07", 12));
	assert_non_null(memmem(message + 240, size - 240, "\x35\x01\x03", 3));
}

/* A sysfs of our own */

static char folder[64];

static void put_file(const char *path, const char *text)
{
	char whole[300];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s/%s", folder, path);
	for (char *slash = whole + strlen(folder) + 1;
	     (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(whole, 0700);
		*slash = '/';
	}
	file = fopen(whole, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/iscsi-root-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void put_ibft(const char *lun, const char *origin)
{
	put_file("firmware/ibft/initiator/initiator-name",
		 "iqn.2007-08.com.example:me\n");
	put_file("firmware/ibft/target0/flags", "1\n");
	put_file("firmware/ibft/target1/flags", "3\n");
	put_file("firmware/ibft/target1/target-name", NAME "\n");
	put_file("firmware/ibft/target1/ip-addr", "11.4.3.7\n");
	put_file("firmware/ibft/target1/port", "3261\n");
	put_file("firmware/ibft/target1/lun", lun);
	put_file("firmware/ibft/target1/chap-name", "me\n");
	put_file("firmware/ibft/target1/chap-secret", "secret\n");
	put_file("firmware/ibft/ethernet0/flags", "3\n");
	put_file("firmware/ibft/ethernet0/mac", "00:02:c9:00:00:bc\n");
	put_file("firmware/ibft/ethernet0/ip-addr", "11.4.3.5\n");
	put_file("firmware/ibft/ethernet0/subnet-mask", "255.255.252.0\n");
	put_file("firmware/ibft/ethernet0/gateway", "11.4.3.1\n");
	put_file("firmware/ibft/ethernet0/origin", origin);
	put_file("firmware/ibft/ethernet0/vlan", "0\n");
}

static void the_firmware_completes(void **state)
{
	struct settings s;

	(void)state;
	settings_init(&s);
	assert_int_equal(ibft_take(&s, folder), -ENOENT);
	put_ibft("02000000\n", "1\n");
	assert_int_equal(ibft_take(&s, folder), 0);
	assert_string_equal(s.name, NAME);
	assert_string_equal(s.portals[0].host, "11.4.3.7");
	assert_int_equal(s.portals[0].port, 3261);
	assert_int_equal(s.lun, 2ULL << 48);
	assert_string_equal(s.chap.user, "me");
	assert_string_equal(s.chap.secret, "secret");
	assert_true(s.has_mac);
	assert_int_equal(s.mac[5], 0xbc);
	assert_int_equal(s.method, ADDRESS_STATIC);
	assert_int_equal(s.address.length, 22);
	assert_int_equal(s.vlan, 0);
}

static void the_firmware_counts_less(void **state)
{
	struct settings s;

	(void)state;
	s = read_settings("target=11.4.3.9\nname=iqn.2007-08.com.a:b\n"
			  "device_port=1\nchap_user=other\n");
	put_ibft("02000000\n", "3\n");
	assert_int_equal(ibft_take(&s, folder), 0);
	assert_string_equal(s.name, "iqn.2007-08.com.a:b");
	assert_string_equal(s.portals[0].host, "11.4.3.9");
	assert_false(s.has_lun);
	assert_false(s.has_mac);
	assert_string_equal(s.chap.user, "other");
	assert_int_equal(s.method, ADDRESS_DHCP);
}

/* The table as ACPI has it: header, control, initiator, NIC, target, texts */

#define TABLE_INITIATOR 72
#define TABLE_NIC 152
#define TABLE_TARGET 256
#define TABLE_TEXTS 312

struct raw_table {
	uint8_t bytes[512];
	size_t size;
};

static void put_text(struct raw_table *t, size_t at, const char *text)
{
	t->bytes[at] = strlen(text);
	t->bytes[at + 2] = t->size & 0xff;
	t->bytes[at + 3] = t->size >> 8;
	strcpy((char *)t->bytes + t->size, text);
	t->size += strlen(text) + 1;
}

static void put_structure(struct raw_table *t, size_t at, uint8_t kind,
			  uint8_t size)
{
	t->bytes[at] = kind;
	t->bytes[at + 1] = 1;
	t->bytes[at + 2] = size;
	t->bytes[at + 5] = 3;
}

static struct raw_table make_table(void)
{
	static const uint8_t four[] =
		"\0\0\0\0\0\0\0\0\0\0\xff\xff\x0b\x04\x03";
	struct raw_table t = { .size = TABLE_TEXTS };
	uint8_t *control = t.bytes + 48;
	uint8_t *nic = t.bytes + TABLE_NIC;
	uint8_t *target = t.bytes + TABLE_TARGET;

	put_structure(&t, 48, 1, 18);
	put_structure(&t, TABLE_INITIATOR, 2, 74);
	put_structure(&t, TABLE_NIC, 3, 102);
	put_structure(&t, TABLE_TARGET, 4, 54);
	control[8] = TABLE_INITIATOR;
	control[10] = TABLE_NIC;
	/* The target is the second of two: there is no first. */
	control[16] = TABLE_TARGET & 0xff;
	control[17] = TABLE_TARGET >> 8;
	memcpy(nic + 6, four, 15);
	nic[21] = 5;
	nic[22] = 22;
	nic[23] = 1;
	memcpy(nic + 24, four, 15);
	nic[39] = 1;
	nic[88] = 7;
	memcpy(nic + 90, mac, 6);
	memcpy(target + 6, four, 15);
	target[21] = 7;
	memcpy(target + 22, "\xbd\x0c\x00\x01\x00\x02\0\0\0\0", 10);
	put_text(&t, TABLE_INITIATOR + 70, "iqn.2007-08.com.example:me");
	put_text(&t, TABLE_TARGET + 34, NAME);
	put_text(&t, TABLE_TARGET + 38, "me");
	put_text(&t, TABLE_TARGET + 42, "secret");
	return t;
}

static void the_table_itself(void **state)
{
	struct raw_table t = make_table();
	struct ibft ibft = { 0 };

	(void)state;
	assert_int_equal(ibft_read_table(&ibft, t.bytes, t.size), 0);
	assert_string_equal(ibft.initiator, "iqn.2007-08.com.example:me");
	assert_string_equal(ibft.target, "11.4.3.7");
	assert_int_equal(ibft.port, 3261);
	assert_string_equal(ibft.name, NAME);
	assert_int_equal(ibft.lun, 0x0001000200000000ULL);
	assert_string_equal(ibft.chap.user, "me");
	assert_string_equal(ibft.chap.secret, "secret");
	assert_string_equal(ibft.chap_in.user, "");
	assert_true(ibft.is_static);
	assert_string_equal(ibft.address, "11.4.3.5");
	assert_string_equal(ibft.gateway, "11.4.3.1");
	assert_int_equal(ibft.length, 22);
	assert_int_equal(ibft.vlan, 7);
	assert_memory_equal(ibft.mac, mac, 6);
}

/* Cut off anywhere: what is left is read, nothing behind it. */
static void a_table_that_is_cut_off(void **state)
{
	struct raw_table t = make_table();

	(void)state;
	for (size_t size = 0; size < t.size; size++) {
		uint8_t *copy = malloc(size + 1);
		struct ibft ibft = { 0 };
		int err;

		memcpy(copy, t.bytes, size);
		err = ibft_read_table(&ibft, copy, size);
		assert_int_equal(err, size < 48 + 18 ? -EBADMSG : 0);
		if (size < TABLE_TARGET + 54)
			assert_string_equal(ibft.name, "");
		free(copy);
	}
}

static void luns_as_the_kernel_writes_them(void **state)
{
	static const struct {
		const char *text;
		bool known;
		uint64_t lun;
	} cases[] = {
		{ "00000000\n", true, 0 },
		{ "010000000\n", true, 0x10ULL << 48 },
		{ "0ff000000\n", true, 0xffULL << 48 },
		{ "411000000\n", true, 0x4101ULL << 48 },
		{ "41ff000000\n", true, 0x41ffULL << 48 },
		{ "01020000\n", false, 0 },
		{ "0\n", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct settings s;

		settings_init(&s);
		put_ibft(cases[i].text, "3\n");
		assert_int_equal(ibft_take(&s, folder), 0);
		assert_int_equal(s.has_lun, cases[i].known);
		assert_int_equal(s.lun, cases[i].lun);
	}
}

static void put_unit(const char *unit, const char *block)
{
	char path[200];

	snprintf(path, sizeof(path),
		 "class/iscsi_session/session1/device/target0:0:0/%s/%s%s/x",
		 unit, *block ? "block/" : "none", block);
	put_file(path, "");
}

static void the_disk_of_a_lun(void **state)
{
	char name[DISK_NAME_MAX];
	struct settings s;

	(void)state;
	s = read_settings("name=" NAME "\n");
	assert_false(disk_find(&s, folder, name));
	put_file("class/iscsi_session/session2/targetname", "iqn.other\n");
	put_file("class/iscsi_session/session1/targetname", NAME "\n");
	assert_true(disk_has_session(&s, folder));
	/* LUN 0 is the target's controller, as tgt has it. */
	put_unit("0:0:0:0", "");
	assert_false(disk_find(&s, folder, name));
	put_unit("0:0:0:10", "sdb");
	put_unit("0:0:0:2", "sdc");
	put_unit("0:0:0:131073", "sdd");
	assert_true(disk_find(&s, folder, name));
	assert_string_equal(name, "sdc");
	settings_set(&s, "lun", "a");
	assert_true(disk_find(&s, folder, name));
	assert_string_equal(name, "sdb");
	/* Two levels, 1 and 2: 2 * 65536 + 1 */
	settings_set(&s, "lun", "1-2");
	assert_true(disk_find(&s, folder, name));
	assert_string_equal(name, "sdd");
	settings_set(&s, "lun", "0");
	assert_false(disk_find(&s, folder, name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_settings_file_is_read),
		cmocka_unit_test(wrong_lines_are_told_and_skipped),
		cmocka_unit_test(every_key_is_known),
		cmocka_unit_test(the_command_line_counts_more),
		cmocka_unit_test(a_root_path_completes),
		cmocka_unit_test(a_host_gets_a_name),
		cmocka_unit_test(a_lease_is_read),
		cmocka_unit_test(options_in_the_file_field),
		cmocka_unit_test(answers_to_others_are_skipped),
		cmocka_unit_test(a_request_takes_the_offer),
		cmocka_unit_test_setup_teardown(the_firmware_completes,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(the_firmware_counts_less,
						make_folder, remove_folder),
		cmocka_unit_test(the_table_itself),
		cmocka_unit_test(a_table_that_is_cut_off),
		cmocka_unit_test_setup_teardown(luns_as_the_kernel_writes_them,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(the_disk_of_a_lun, make_folder,
						remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
