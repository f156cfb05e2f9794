// SPDX-License-Identifier: GPL-2.0-only
#include "tools/iscsi-root/verbs.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/iscsi/chap.h"
#include "tools/lib/server/problems.h"
#include "tools/lib/server/server_config.h"

#include <stdlib.h>
#include <string.h>

/*
 * Reads the file of each host that has one; the same file in a row once.
 * Whether there are any.
 */
static bool read_secrets(struct host_table *table, struct chap *secrets,
			 struct problems *problems)
{
	const char *last = NULL;
	size_t used = 0;

	for (size_t i = 0; i < table->count; i++) {
		struct boot_host *host = &table->hosts[i];
		const char *path = host->text[FIELD_CHAP];
		struct failure why;

		if (!path)
			continue;
		if (last && !strcmp(path, last)) {
			host->chap = &secrets[used - 1];
			continue;
		}
		if (chap_read_file(&secrets[used], NULL, path, &why)) {
			host_problem(table, host, FIELD_CHAP, problems,
				     why.text);
			last = NULL;
			continue;
		}
		last = path;
		host->chap = &secrets[used++];
	}
	return used;
}

static void run(const struct command *c, struct host_table *table,
		struct buffer *out, bool *secret, struct problems *problems)
{
	size_t size = (table->count + 1) * sizeof(struct chap);
	struct chap *secrets = malloc(size);
	const struct server *server;
	struct failure why;

	if (!secrets) {
		problems_add(problems, "out of memory");
		return;
	}
	*secret = read_secrets(table, secrets, problems);
	if (server_find(target_servers, c->server, &server, &why))
		problems_add(problems, "%s", why.text);
	else
		server_configure(server, table, out, problems);
	for (size_t i = 0; i < table->count; i++)
		table->hosts[i].chap = NULL;
	explicit_bzero(secrets, size);
	free(secrets);
}

const struct verb verb_target = {
	.name = "target",
	.takes = FIELD_BIT(FIELD_BACKING) | FIELD_BIT(FIELD_SIZE) |
		 FIELD_BIT(FIELD_PORTAL) | FIELD_BIT(FIELD_READ_ONLY) |
		 FIELD_BIT(FIELD_INITIATOR) | FIELD_BIT(FIELD_CHAP),
	.needs = FIELD_BIT(FIELD_BACKING) | FIELD_BIT(FIELD_ROOT_PATH),
	.has_server = true,
	.run = run,
};
