// SPDX-License-Identifier: GPL-2.0-only
/* tgt (tgtd): targets for /etc/tgt/conf.d, read by tgt-admin. */
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/iscsi/chap.h"
#include "tools/lib/server/server_config.h"

/* tgt's LUN 0 is its controller, so a disk's number begins at 1. */
#define FIRST_DISK 1
#define LAST_DISK 255

/* Its configuration has no way to quote. */
#define UNWANTED "<>\"#\\"

static long lun_of(const struct boot_host *host)
{
	return host->root_path.lun_given ? server_lun(host->root_path.lun) :
					   FIRST_DISK;
}

static int check(const struct boot_host *host, enum host_field *field,
		 struct failure *why)
{
	const char *backing = host->text[FIELD_BACKING];
	long lun = lun_of(host);

	*field = FIELD_BACKING;
	if (!server_can_hold(backing, UNWANTED))
		return fail(why, -EINVAL,
			    "%s: tgt's configuration cannot hold this name",
			    backing);
	*field = FIELD_ROOT_PATH;
	if (lun < FIRST_DISK || lun > LAST_DISK)
		return fail(why, -EINVAL,
			    "tgt gives a disk LUN 1 to 255 (LUN 0 is its"
			    " controller): put that into the root-path");
	*field = FIELD_SIZE;
	if (host->size)
		return fail(why, -EINVAL,
			    "tgt makes no files: make it yourself, leave the"
			    " size out");
	*field = FIELD_CHAP;
	if (!server_can_hold_chap(host, UNWANTED))
		return fail(why, -EINVAL,
			    "tgt's configuration cannot hold this user or"
			    " secret (none of < > \" # \\)");
	return 0;
}

/* Where tgtd listens is no part of a target. */
static int write_portal(const struct boot_host *host, struct buffer *out)
{
	const struct root_path *path = &host->root_path;
	bool given = *host->portal;
	unsigned int port = host->portal_port ? host->portal_port : path->port;
	const char *address = given ? host->portal : path->server;
	bool ipv6 = (given ? host->portal_kind : path->kind) == ISCSI_HOST_IPV6;

	if (!given && port == ISCSI_PORT)
		return 0;
	return buffer_printf(out,
			     "\t# tgtd has to listen at this port:"
			     " tgtd --iscsi portal=%s%s%s:%u\n",
			     ipv6 ? "[" : "", *address ? address : "0.0.0.0",
			     ipv6 ? "]" : "", port);
}

static int write_disk(const struct boot_host *host, struct buffer *out)
{
	int err = buffer_printf(out,
				"\t<backing-store %s>\n"
				"\t\tlun %ld\n",
				host->text[FIELD_BACKING], lun_of(host));

	if (!err && host->read_only)
		err = buffer_printf(out, "\t\treadonly 1\n");
	return err ? err : buffer_printf(out, "\t</backing-store>\n");
}

static int write_access(const struct boot_host *host, struct buffer *out)
{
	int err = 0;

	if (host->chap)
		err = buffer_printf(out, "\tincominguser %s %s\n",
				    host->chap->user, host->chap->secret);
	for (; !err && host; host = host->next_of_target) {
		if (host->text[FIELD_INITIATOR])
			err = buffer_printf(out, "\tinitiator-name %s\n",
					    host->text[FIELD_INITIATOR]);
	}
	return err;
}

static int write_target(const struct boot_host *host, struct buffer *out)
{
	int err = buffer_printf(out, "<target %s>\n\tdriver iscsi\n",
				host->root_path.name);

	if (!err && !host->root_path.lun_given)
		err = buffer_printf(
			out, "\t# tgt's LUN 0 is its controller. Firmware that"
			     " takes an empty LUN\n"
			     "\t# for 0 wants the root-path with LUN 1.\n");
	if (!err)
		err = write_portal(host, out);
	if (!err)
		err = write_disk(host, out);
	if (!err)
		err = write_access(host, out);
	return err ? err : buffer_printf(out, "</target>\n");
}

static int write(const struct host_table *table, struct buffer *out)
{
	int err = 0;

	for (size_t i = 0; !err && i < table->count; i++) {
		if (table->hosts[i].first_of_target)
			err = write_target(&table->hosts[i], out);
	}
	return err;
}

const struct server target_server_tgt = {
	.name = "tgt",
	.users_are_shared = true,
	.reads = 1U << FIELD_ROOT_PATH | 1U << FIELD_BACKING,
	.check = check,
	.write = write,
};
