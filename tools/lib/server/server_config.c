// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/server/server_config.h"

#include "tools/lib/base/failure.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct dhcp_server *const dhcp_servers[] = {
	&dhcp_server_dhcpd,
};

static const struct target_server *const target_servers[] = {
	&target_server_tgt,
};

int dhcp_server_find(const char *name, const struct dhcp_server **server,
		     struct failure *why)
{
	for (size_t i = 0; i < sizeof(dhcp_servers) / sizeof(*dhcp_servers);
	     i++) {
		*server = dhcp_servers[i];
		if (!strcmp((*server)->name, name))
			return 0;
	}
	return fail(why, -EINVAL, "--server %s: known DHCP servers: dhcpd",
		    name);
}

int target_server_find(const char *name, const struct target_server **server,
		       struct failure *why)
{
	for (size_t i = 0; i < sizeof(target_servers) / sizeof(*target_servers);
	     i++) {
		*server = target_servers[i];
		if (!strcmp((*server)->name, name))
			return 0;
	}
	return fail(why, -EINVAL, "--server %s: known iSCSI servers: tgt",
		    name);
}

int mac_read(const char *text, char mac[MAC_TEXT], struct failure *why)
{
	unsigned int digits = 0;
	bool zero = true;
	size_t used = 0;

	for (const char *p = text; *p; p++) {
		bool separator = *p == ':' || *p == '-';

		/* All separators or none, and each behind two digits */
		if (separator && (p - text) % 3 == 2 && p[1])
			continue;
		if (!isxdigit((unsigned char)*p) || digits == 12)
			return fail(why, -EINVAL, "%s: no MAC address", text);
		if (digits && digits % 2 == 0)
			mac[used++] = ':';
		zero = zero && *p == '0';
		mac[used++] = tolower((unsigned char)*p);
		digits++;
	}
	if (digits != 12 || (strlen(text) != 12 && strlen(text) != 17))
		return fail(why, -EINVAL, "%s: no MAC address", text);
	mac[used] = '\0';
	/* Bit 0 of the first byte: a group address */
	if (zero || strchr("13579bdf", mac[1]))
		return fail(why, -EINVAL,
			    "%s: no adapter has such a MAC"
			    " address",
			    text);
	return 0;
}
