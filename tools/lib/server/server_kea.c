// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kea DHCPv4: a list of reservations, for a subnet's "reservations" or, by
 * <?include?>, in a file of its own.
 */
#include "tools/lib/base/json_text.h"
#include "tools/lib/server/server_config.h"

#include <stdio.h>

static struct json_object *root_path_option(const struct boot_host *host)
{
	struct json_object *o = json_object_new_object();
	char path[ROOT_PATH_MAX];

	root_path_write(&host->root_path, path);
	json_add_text(o, "name", "root-path");
	json_add_text(o, "data", path);
	return o;
}

/* Kea has no name for it: a code, and a text in quotes instead of numbers */
static struct json_object *initiator_option(const struct boot_host *host)
{
	struct json_object *o = json_object_new_object();
	char text[ISCSI_NAME_MAX + 3];

	snprintf(text, sizeof(text), "'%s'", host->text[FIELD_INITIATOR]);
	json_add_number(o, "code", DHCP_OPTION_INITIATOR);
	json_add_text(o, "space", "dhcp4");
	json_add_flag(o, "csv-format", false);
	json_add_text(o, "data", text);
	return o;
}

static struct json_object *reservation(const struct boot_host *host)
{
	struct json_object *options = json_object_new_array();
	struct json_object *o = json_object_new_object();

	json_add_text(o, "hw-address", host->mac);
	json_add_text(o, "ip-address", host->text[FIELD_ADDRESS]);
	json_add_text(o, "hostname", host->text[FIELD_HOST]);
	json_add_text(o, "next-server", host->text[FIELD_NEXT_SERVER]);
	json_add_text(o, "boot-file-name", host->text[FIELD_FILENAME]);
	json_object_array_add(options, root_path_option(host));
	if (host->text[FIELD_INITIATOR])
		json_object_array_add(options, initiator_option(host));
	json_object_object_add(o, "option-data", options);
	return o;
}

static int write(const struct host_table *table, struct buffer *out)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < table->count; i++)
		json_object_array_add(list, reservation(&table->hosts[i]));
	return json_append(out, list);
}

const struct server dhcp_server_kea = {
	.name = "kea",
	.reads = 1U << FIELD_ROOT_PATH,
	.check = dhcp_check,
	.write = write,
};
