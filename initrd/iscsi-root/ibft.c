// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/ibft.h"

#include "initrd/iscsi-root/settings.h"
#include "initrd/iscsi-root/text_file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bits of the structures' flags (iBFT specification 1.3) */
#define VALID 1
#define SELECTED 2
#define STRUCTURES 2

struct table {
	const char *sys;
	char kind[16]; /* target0, ethernet1, ... */
};

static bool field(const struct table *t, const char *name, char *text,
		  size_t room)
{
	return text_file_line(text, room, "%s/firmware/ibft/%s/%s", t->sys,
			      t->kind, name) &&
	       *text;
}

/* The structure of a kind that the firmware booted from. */
static bool find(struct table *t, const char *kind)
{
	char text[16];

	for (int i = 0; i < STRUCTURES; i++) {
		snprintf(t->kind, sizeof(t->kind), "%s%d", kind, i);
		if (field(t, "flags", text, sizeof(text)) &&
		    (strtoul(text, NULL, 0) & (VALID | SELECTED)) ==
			    (VALID | SELECTED))
			return true;
	}
	return false;
}

/*
 * The kernel writes the eight bytes one behind another, each without a leading
 * zero: what they were can be told where the last six are 0, which is every LUN
 * of one level. Any other is left to be said elsewhere.
 */
static bool read_lun(const char *text, uint64_t *lun)
{
	size_t size = strlen(text);
	size_t head = size - 6;
	unsigned int first;
	unsigned int second;
	char digits[8] = "";

	if (size < 8 || size > 10 || strcmp(text + head, "000000"))
		return false;
	memcpy(digits, text, head);
	if (head == 3 && *digits == '0') {
		first = 0;
		second = strtoul(digits + 1, NULL, 16);
	} else {
		/* One digit, or two: of the second byte the rest */
		size_t one = head == 2 ? 1 : 2;

		second = strtoul(digits + one, NULL, 16);
		digits[one] = '\0';
		first = strtoul(digits, NULL, 16);
	}
	*lun = (uint64_t)first << 56 | (uint64_t)second << 48;
	return true;
}

static int take_target(struct settings *s, const struct table *t)
{
	char text[300];
	size_t column;

	if (!field(t, "target-name", text, sizeof(text)) ||
	    iscsi_name_check(text, strlen(text), &column, NULL))
		return -EINVAL;
	if (!*s->name) {
		settings_set(s, "name", text);
		if (!s->has_lun && field(t, "lun", text, sizeof(text)))
			s->has_lun = read_lun(text, &s->lun);
	}
	if (!*s->portals[0].host && field(t, "ip-addr", text, sizeof(text))) {
		settings_set(s, "target", text);
		if (field(t, "port", text, sizeof(text)))
			s->portals[0].port = strtoul(text, NULL, 10);
	}
	return 0;
}

static void take_chap(struct chap *chap, const struct table *t,
		      const char *user, const char *secret)
{
	char read_user[SECRET_MAX + 1];
	char read_secret[SECRET_MAX + 1];

	if (*chap->user || !field(t, user, read_user, sizeof(read_user)) ||
	    !field(t, secret, read_secret, sizeof(read_secret)))
		return;
	strcpy(chap->user, read_user);
	strcpy(chap->secret, read_secret);
}

static void take_address(struct settings *s, const struct table *t)
{
	char origin[8];
	char address[64];
	char mask[64];
	char text[140];
	struct in_addr bits;
	int length = 0;

	/* 3: the firmware got it by DHCP, and so do we. */
	if (!field(t, "ip-addr", address, sizeof(address)) ||
	    !field(t, "subnet-mask", mask, sizeof(mask)) ||
	    inet_pton(AF_INET, mask, &bits) != 1 ||
	    (field(t, "origin", origin, sizeof(origin)) &&
	     strtoul(origin, NULL, 0) == 3))
		return;
	while (length < 32 && ntohl(bits.s_addr) & 1u << (31 - length))
		length++;
	snprintf(text, sizeof(text), "%s/%d", address, length);
	if (field(t, "gateway", mask, sizeof(mask)) && strcmp(mask, "0.0.0.0"))
		snprintf(text, sizeof(text), "%s/%d,%s", address, length, mask);
	settings_set(s, "ip", text);
}

/* The port that the firmware used, unless another was asked for */
static void take_port(struct settings *s, const struct table *t)
{
	char text[64];
	bool chosen = s->has_mac || s->device_port;

	if (!chosen && field(t, "mac", text, sizeof(text)))
		settings_set(s, "mac", text);
	if (!s->vlan && field(t, "vlan", text, sizeof(text)))
		settings_set(s, "vlan", text);
	if (s->method == ADDRESS_DHCP && !chosen)
		take_address(s, t);
}

int ibft_take(struct settings *s, const char *sys)
{
	struct table t = { .sys = sys, .kind = "initiator" };
	char text[300];
	int err;

	if (!field(&t, "initiator-name", text, sizeof(text)))
		return -ENOENT;
	if (!*s->initiator)
		settings_set(s, "initiator", text);
	if (!find(&t, "target"))
		return -EINVAL;
	err = take_target(s, &t);
	if (err)
		return err;
	take_chap(&s->chap, &t, "chap-name", "chap-secret");
	take_chap(&s->chap_in, &t, "rev-chap-name", "rev-chap-name-secret");
	if (find(&t, "ethernet"))
		take_port(s, &t);
	return 0;
}
