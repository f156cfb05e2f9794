// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/server/server_config.h"

#include "tools/lib/iscsi/chap.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/server/problems.h"

#include <string.h>

/* What one DHCP option holds */
#define OPTION_MAX 255

const struct server *const dhcp_servers[] = {
	&dhcp_server_dhcpd,
	&dhcp_server_kea,
	&dhcp_server_dnsmasq,
	NULL,
};

const struct server *const target_servers[] = {
	&target_server_tgt,
	&target_server_lio,
	&target_server_ietd,
	NULL,
};

int server_find(const struct server *const *servers, const char *name,
		const struct server **server, struct failure *why)
{
	char known[64] = "";

	for (size_t i = 0; servers[i]; i++) {
		*server = servers[i];
		if (!name || !strcmp((*server)->name, name))
			return 0;
		strcat(known, i ? ", " : "");
		strcat(known, (*server)->name);
	}
	return fail(why, -EINVAL, "--server %s: the servers are %s", name,
		    known);
}

static bool host_has(const struct boot_host *host, unsigned int fields)
{
	for (size_t i = 0; i < HOST_FIELDS; i++) {
		if (fields & 1U << i && !host->text[i])
			return false;
	}
	return true;
}

void server_configure(const struct server *server, struct host_table *table,
		      struct buffer *out, struct problems *problems)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct boot_host *host = &table->hosts[i];
		enum host_field field = FIELD_ROOT_PATH;
		struct failure why;

		if (!host_has(host, server->reads))
			continue;
		/* What could not be read has been said. */
		if (server->check(host, &field, &why) &&
		    !(host->unread & 1U << field))
			host_problem(table, host, field, problems, why.text);
	}
	if (server->users_are_shared)
		host_table_check_users(table, problems);
	if (!problems->count && server->write(table, out))
		problems_add(problems, "out of memory");
}

int dhcp_check(const struct boot_host *host, enum host_field *field,
	       struct failure *why)
{
	char path[ROOT_PATH_MAX];

	*field = FIELD_ROOT_PATH;
	if (!*host->root_path.server)
		return fail(why, -EINVAL,
			    "the root-path names no server: no boot firmware"
			    " finds the target without");
	root_path_write(&host->root_path, path);
	if (strlen(path) > OPTION_MAX)
		return fail(why, -EINVAL,
			    "the root-path is longer than the %d bytes of a"
			    " DHCP option",
			    OPTION_MAX);
	return 0;
}

long server_lun(uint64_t lun)
{
	long number = iscsi_lun_number(lun);

	if (number < 256)
		return number;
	/* The first two bits tell the method, the others the number */
	number -= 0x4000;
	return number >= 256 && number < 0x4000 ? number : -1;
}

bool server_can_hold(const char *text, const char *unwanted)
{
	for (; *text; text++) {
		if ((unsigned char)*text <= ' ' || strchr(unwanted, *text))
			return false;
	}
	return true;
}

bool server_can_hold_chap(const struct boot_host *host, const char *unwanted)
{
	return !host->chap || (server_can_hold(host->chap->user, unwanted) &&
			       server_can_hold(host->chap->secret, unwanted));
}
