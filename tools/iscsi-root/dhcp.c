// SPDX-License-Identifier: GPL-2.0-only
#include "tools/iscsi-root/verbs.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/server/problems.h"
#include "tools/lib/server/server_config.h"

static void run(const struct command *c, struct host_table *table,
		struct buffer *out, bool *secret, struct problems *problems)
{
	const struct server *server;
	struct failure why;

	(void)secret;
	if (server_find(dhcp_servers, c->server, &server, &why))
		problems_add(problems, "%s", why.text);
	else
		server_configure(server, table, out, problems);
}

const struct verb verb_dhcp = {
	.name = "dhcp",
	.takes = FIELD_BIT(FIELD_HOST) | FIELD_BIT(FIELD_MAC) |
		 FIELD_BIT(FIELD_ADDRESS) | FIELD_BIT(FIELD_FILENAME) |
		 FIELD_BIT(FIELD_NEXT_SERVER) | FIELD_BIT(FIELD_INITIATOR),
	.needs = FIELD_BIT(FIELD_HOST) | FIELD_BIT(FIELD_MAC) |
		 FIELD_BIT(FIELD_ROOT_PATH),
	.has_server = true,
	.run = run,
};
