// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/ibft.h"

#include "initrd/iscsi-root/text_file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bits of the structures' flags (iBFT specification 1.3) */
#define VALID 1
#define SELECTED 2
#define STRUCTURES 2
#define ORIGIN_DHCP 3

struct structure {
	const char *sys;
	char kind[16]; /* target0, ethernet1, ... */
};

static bool field(const struct structure *t, const char *name, char *text,
		  size_t room)
{
	return text_file_line(text, room, "%s/firmware/ibft/%s/%s", t->sys,
			      t->kind, name) &&
	       *text;
}

static unsigned long number(const struct structure *t, const char *name)
{
	char text[16];

	return field(t, name, text, sizeof(text)) ? strtoul(text, NULL, 0) : 0;
}

/* The structure of a kind that the firmware booted from. */
static bool find(struct structure *t, const char *kind)
{
	for (int i = 0; i < STRUCTURES; i++) {
		snprintf(t->kind, sizeof(t->kind), "%s%d", kind, i);
		if ((number(t, "flags") & (VALID | SELECTED)) ==
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

static void read_chap(struct chap *chap, const struct structure *t,
		      const char *user, const char *secret)
{
	if (!field(t, user, chap->user, sizeof(chap->user)) ||
	    !field(t, secret, chap->secret, sizeof(chap->secret)))
		memset(chap, 0, sizeof(*chap));
}

static void read_target(struct ibft *ibft, const struct structure *t)
{
	char text[32];

	field(t, "ip-addr", ibft->target, sizeof(ibft->target));
	field(t, "target-name", ibft->name, sizeof(ibft->name));
	ibft->port = number(t, "port");
	ibft->has_lun = field(t, "lun", text, sizeof(text)) &&
			read_lun(text, &ibft->lun);
	read_chap(&ibft->chap, t, "chap-name", "chap-secret");
	read_chap(&ibft->chap_in, t, "rev-chap-name", "rev-chap-name-secret");
}

static void read_port(struct ibft *ibft, const struct structure *t)
{
	char text[64];
	struct in_addr mask;

	ibft->has_mac = field(t, "mac", text, sizeof(text)) &&
			!mac_address_read(text, ibft->mac);
	ibft->vlan = number(t, "vlan");
	if (!field(t, "ip-addr", ibft->address, sizeof(ibft->address)) ||
	    !field(t, "subnet-mask", text, sizeof(text)) ||
	    inet_pton(AF_INET, text, &mask) != 1)
		return;
	ibft->is_static = number(t, "origin") != ORIGIN_DHCP;
	while (ibft->length < 32 &&
	       ntohl(mask.s_addr) & 1u << (31 - ibft->length))
		ibft->length++;
	if (field(t, "gateway", text, sizeof(text)) && strcmp(text, "0.0.0.0"))
		strcpy(ibft->gateway, text);
}

int ibft_read_sysfs(struct ibft *ibft, const char *sys)
{
	struct structure t = { .sys = sys, .kind = "initiator" };

	if (!field(&t, "initiator-name", ibft->initiator,
		   sizeof(ibft->initiator)))
		return -ENOENT;
	if (find(&t, "target"))
		read_target(ibft, &t);
	if (find(&t, "ethernet"))
		read_port(ibft, &t);
	return 0;
}
