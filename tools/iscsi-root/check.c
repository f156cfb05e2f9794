// SPDX-License-Identifier: GPL-2.0-only
#include "tools/iscsi-root/verbs.h"
#include "tools/lib/base/buffer.h"
#include "tools/lib/server/host_table.h"
#include "tools/lib/base/json_text.h"
#include "tools/lib/server/problems.h"

static int print_fields(const struct root_path *path, struct buffer *out)
{
	long number = iscsi_lun_number(path->lun);
	char text[ROOT_PATH_MAX];
	char lun[ISCSI_LUN_TEXT];
	int err;

	iscsi_lun_text(path->lun, lun);
	root_path_write(path, text);
	err = buffer_printf(out,
			    "server    %s\n"
			    "protocol  6 (TCP)\n"
			    "port      %u%s\n",
			    *path->server ?
				    path->server :
				    "(none: left to a discovery service)",
			    path->port, path->port_given ? "" : " (default)");
	if (!err && number >= 0)
		err = buffer_printf(out, "LUN       %s, decimal %ld%s\n", lun,
				    number,
				    path->lun_given ? "" : " (default)");
	else if (!err)
		err = buffer_printf(out, "LUN       %s (several levels)\n",
				    lun);
	if (!err)
		err = buffer_printf(out, "name      %s\nshort     %s\n",
				    path->name, text);
	return err;
}

static struct json_object *fields_object(const struct boot_host *host)
{
	const struct root_path *path = &host->root_path;
	struct json_object *o = json_object_new_object();
	long number = iscsi_lun_number(path->lun);
	char text[ROOT_PATH_MAX];
	char lun[ISCSI_LUN_TEXT];

	iscsi_lun_text(path->lun, lun);
	root_path_write(path, text);
	if (host->line) {
		json_add_number(o, "line", host->line);
		json_add_text(o, "host", host->text[FIELD_HOST]);
	}
	json_add_text(o, "server", path->server);
	json_add_number(o, "protocol", 6);
	json_add_number(o, "port", path->port);
	json_add_text(o, "lun", lun);
	json_object_object_add(o, "lun_number",
			       number < 0 ? NULL :
					    json_object_new_int64(number));
	json_add_text(o, "name", path->name);
	json_add_text(o, "short", text);
	return o;
}

static int print_json(const struct host_table *table, struct buffer *out)
{
	struct json_object *list;

	if (!table->file)
		return json_append(out, fields_object(table->hosts));
	list = json_object_new_array();
	for (size_t i = 0; i < table->count; i++)
		json_object_array_add(list, fields_object(&table->hosts[i]));
	return json_append(out, list);
}

static void run(const struct command *c, struct host_table *table,
		struct buffer *out, bool *secret, struct problems *problems)
{
	int err;

	(void)secret;
	if (problems->count)
		return;
	if (c->json)
		err = print_json(table, out);
	else if (table->file)
		err = buffer_printf(out, "%s: %zu host%s, no error\n",
				    table->file, table->count,
				    table->count == 1 ? "" : "s");
	else
		err = print_fields(&table->hosts->root_path, out);
	if (err)
		problems_add(problems, "out of memory");
}

const struct verb verb_check = {
	.name = "check",
	.needs = FIELD_BIT(FIELD_ROOT_PATH),
	.has_json = true,
	.run = run,
};
