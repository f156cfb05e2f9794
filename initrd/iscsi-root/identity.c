// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/identity.h"

#include "initrd/iscsi-root/settings.h"

#include <stdio.h>
#include <string.h>

void identity_make(struct settings *s, const uint8_t mac[6])
{
	int authority = strcspn(s->name, ":");

	/* Room for ":host." and twelve digits */
	if (!strncmp(s->name, "iqn.", 4) && authority <= ISCSI_NAME_MAX - 18)
		snprintf(s->initiator, sizeof(s->initiator),
			 "%.*s:host.%02x%02x%02x%02x%02x%02x", authority,
			 s->name, mac[0], mac[1], mac[2], mac[3], mac[4],
			 mac[5]);
	else
		snprintf(s->initiator, sizeof(s->initiator),
			 "eui.%02x%02x%02xfffe%02x%02x%02x", mac[0], mac[1],
			 mac[2], mac[3], mac[4], mac[5]);
}
