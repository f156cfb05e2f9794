// SPDX-License-Identifier: GPL-2.0-only
/* dnsmasq: lines for a file in /etc/dnsmasq.d; a tag ties a host's together. */
#include "tools/lib/base/buffer.h"
#include "tools/lib/server/server_config.h"

static int write_host(const struct boot_host *host, struct buffer *out)
{
	const char *address = host->text[FIELD_ADDRESS];
	const char *filename = host->text[FIELD_FILENAME];
	const char *next = host->text[FIELD_NEXT_SERVER];
	const char *name = host->text[FIELD_HOST];
	char path[ROOT_PATH_MAX];
	int err;

	root_path_write(&host->root_path, path);
	err = buffer_printf(out,
			    "dhcp-host=%s,set:%s,%s%s%s\n"
			    "dhcp-option=tag:%s,option:root-path,\"%s\"\n",
			    host->mac, name, address ? address : "",
			    address ? "," : "", name, name, path);
	if (!err && host->text[FIELD_INITIATOR])
		err = buffer_printf(out, "dhcp-option=tag:%s,%d,\"%s\"\n", name,
				    DHCP_OPTION_INITIATOR,
				    host->text[FIELD_INITIATOR]);
	if (!err && (filename || next))
		err = buffer_printf(out, "dhcp-boot=tag:%s,\"%s\"%s%s\n", name,
				    filename ? filename : "", next ? ",," : "",
				    next ? next : "");
	return err;
}

static int write(const struct host_table *table, struct buffer *out)
{
	int err = 0;

	for (size_t i = 0; !err && i < table->count; i++)
		err = write_host(&table->hosts[i], out);
	return err;
}

const struct server dhcp_server_dnsmasq = {
	.name = "dnsmasq",
	.reads = 1U << FIELD_ROOT_PATH,
	.check = dhcp_check,
	.write = write,
};
