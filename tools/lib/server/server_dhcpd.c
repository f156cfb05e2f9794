// SPDX-License-Identifier: GPL-2.0-only
/* ISC dhcpd: a host declaration, as the user's manual has it in 9.1. */
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/server/server_config.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* What dhcpd takes without quotes, and what a DNS label may hold anyway */
static bool good_host_name(const char *name)
{
	if (!isalpha((unsigned char)*name) || strlen(name) > 63)
		return false;
	for (; *name; name++) {
		if (!isalnum((unsigned char)*name) && *name != '-')
			return false;
	}
	return true;
}

static int host_entry(const struct boot_host *host, struct buffer *out,
		      struct failure *why)
{
	char path[ROOT_PATH_MAX];
	enum iscsi_host kind;
	char mac[MAC_TEXT];
	int err;

	if (!good_host_name(host->name))
		return fail(why, -EINVAL,
			    "%s: a host's name begins with a letter and has"
			    " letters, digits and '-'",
			    host->name);
	err = mac_read(host->mac, mac, why);
	if (err)
		return err;
	if (!*host->root_path.server)
		return fail(why, -EINVAL,
			    "the root-path names no server: no boot firmware"
			    " finds the target without");
	if (host->address &&
	    (iscsi_host_check(host->address, strlen(host->address), &kind,
			      why) ||
	     kind != ISCSI_HOST_IPV4))
		return fail(why, -EINVAL, "%s: no IPv4 address", host->address);
	root_path_write(&host->root_path, path);
	err = buffer_printf(out,
			    "host %s {\n"
			    "\tfilename \"\";\n"
			    "\thardware ethernet %s;\n",
			    host->name, mac);
	if (!err && host->address)
		err = buffer_printf(out, "\tfixed-address %s;\n",
				    host->address);
	if (!err)
		err = buffer_printf(out, "\toption root-path \"%s\";\n}\n",
				    path);
	return err ? fail(why, err, "out of memory") : 0;
}

const struct dhcp_server dhcp_server_dhcpd = {
	.name = "dhcpd",
	.host_entry = host_entry,
};
