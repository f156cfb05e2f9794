// SPDX-License-Identifier: GPL-2.0-only
/* ISC dhcpd: host declarations, as the user's manual has them in 3.1 and 9.1. */
#include "tools/lib/base/buffer.h"
#include "tools/lib/server/server_config.h"

static int write_host(const struct boot_host *host, struct buffer *out)
{
	const char *filename = host->text[FIELD_FILENAME];
	char path[ROOT_PATH_MAX];
	int err;

	root_path_write(&host->root_path, path);
	err = buffer_printf(out, "host %s {\n", host->text[FIELD_HOST]);
	if (!err && host->text[FIELD_NEXT_SERVER])
		err = buffer_printf(out, "\tnext-server %s;\n",
				    host->text[FIELD_NEXT_SERVER]);
	if (!err)
		err = buffer_printf(out,
				    "\tfilename \"%s\";\n"
				    "\thardware ethernet %s;\n",
				    filename ? filename : "", host->mac);
	if (!err && host->text[FIELD_ADDRESS])
		err = buffer_printf(out, "\tfixed-address %s;\n",
				    host->text[FIELD_ADDRESS]);
	if (!err)
		err = buffer_printf(out, "\toption root-path \"%s\";\n", path);
	if (!err && host->text[FIELD_INITIATOR])
		err = buffer_printf(out,
				    "\toption iscsi-initiator-iqn \"%s\";\n",
				    host->text[FIELD_INITIATOR]);
	return err ? err : buffer_printf(out, "}\n");
}

static int write(const struct host_table *table, struct buffer *out)
{
	bool initiator = false;
	int err = 0;

	for (size_t i = 0; i < table->count; i++)
		initiator = initiator || table->hosts[i].text[FIELD_INITIATOR];
	if (initiator)
		err = buffer_printf(
			out, "option iscsi-initiator-iqn code %d = text;\n",
			DHCP_OPTION_INITIATOR);
	for (size_t i = 0; !err && i < table->count; i++)
		err = write_host(&table->hosts[i], out);
	return err;
}

const struct server dhcp_server_dhcpd = {
	.name = "dhcpd",
	.reads = 1U << FIELD_ROOT_PATH,
	.check = dhcp_check,
	.write = write,
};
