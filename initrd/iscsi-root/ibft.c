// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/ibft.h"

#include "initrd/iscsi-root/text_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TABLE_MAX 8192

static int read_any(struct ibft *ibft, const char *sys)
{
	/* ACPI's names have four letters; firmware writes this one both ways. */
	static const char *const names[] = { "iBFT", "IBFT" };
	char table[TABLE_MAX];
	char path[128];

	for (int i = 0; i < 2; i++) {
		ssize_t size;

		text_format(path, sizeof(path), "%s/firmware/acpi/tables/%s",
			    sys, names[i]);
		size = text_file_read(path, table, sizeof(table));
		if (size >= 0)
			return ibft_read_table(ibft, (uint8_t *)table, size);
	}
	return ibft_read_sysfs(ibft, sys);
}

static int take_target(struct settings *s, const struct ibft *ibft)
{
	size_t column;

	if (!*ibft->target ||
	    iscsi_name_check(ibft->name, strlen(ibft->name), &column, NULL))
		return -EINVAL;
	if (!*s->name) {
		settings_set(s, "name", ibft->name);
		if (!s->has_lun && ibft->has_lun) {
			s->lun = ibft->lun;
			s->has_lun = true;
		}
	}
	if (!*s->portals[0].host) {
		settings_set(s, "target", ibft->target);
		s->portals[0].port = ibft->port;
	}
	if (!*s->chap.user)
		s->chap = ibft->chap;
	if (!*s->chap_in.user)
		s->chap_in = ibft->chap_in;
	return 0;
}

/* The port that the firmware used, unless another was asked for */
static void take_port(struct settings *s, const struct ibft *ibft)
{
	bool chosen = s->has_mac || s->device_port;
	char text[160];

	if (!s->vlan)
		s->vlan = ibft->vlan;
	if (chosen || !ibft->has_mac)
		return;
	memcpy(s->mac, ibft->mac, sizeof(s->mac));
	s->has_mac = true;
	if (s->method != ADDRESS_DHCP || !ibft->is_static)
		return;
	snprintf(text, sizeof(text), "%s/%u%s%s", ibft->address, ibft->length,
		 *ibft->gateway ? "," : "", ibft->gateway);
	settings_set(s, "ip", text);
}

int ibft_take(struct settings *s, const char *sys)
{
	static struct ibft ibft;
	int err;

	memset(&ibft, 0, sizeof(ibft));
	err = read_any(&ibft, sys);
	if (err)
		return err;
	if (!*s->initiator && *ibft.initiator)
		settings_set(s, "initiator", ibft.initiator);
	err = take_target(s, &ibft);
	if (!err)
		take_port(s, &ibft);
	return err;
}
