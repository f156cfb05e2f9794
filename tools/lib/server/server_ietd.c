// SPDX-License-Identifier: GPL-2.0-only
/* iSCSI Enterprise Target: /etc/ietd.conf, as the user's manual has it in 9.1. */
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/iscsi/chap.h"
#include "tools/lib/server/server_config.h"

#define LAST_LUN 16383

/* Words end at blanks, a LUN's parameters at commas, comments begin with #. */
#define UNWANTED ",#\""

static int check(const struct boot_host *host, enum host_field *field,
		 struct failure *why)
{
	long lun = server_lun(host->root_path.lun);

	*field = FIELD_BACKING;
	if (!server_can_hold(host->text[FIELD_BACKING], UNWANTED))
		return fail(why, -EINVAL, "%s: ietd.conf cannot hold this name",
			    host->text[FIELD_BACKING]);
	*field = FIELD_ROOT_PATH;
	if (lun < 0 || lun > LAST_LUN)
		return fail(why, -EINVAL, "ietd has LUNs 0 to %d of one level",
			    LAST_LUN);
	*field = FIELD_SIZE;
	if (host->size)
		return fail(why, -EINVAL,
			    "ietd makes no files: make it yourself, leave the"
			    " size out");
	*field = FIELD_INITIATOR;
	if (host->text[FIELD_INITIATOR])
		return fail(why, -EINVAL,
			    "ietd.conf cannot say who may log in: say it in"
			    " initiators.allow, leave it out here");
	*field = FIELD_CHAP;
	if (!server_can_hold_chap(host, UNWANTED))
		return fail(why, -EINVAL,
			    "ietd.conf cannot hold this user or secret (none"
			    " of , # \")");
	return 0;
}

/* ietd listens where its command line says. */
static int write_portal(const struct boot_host *host, struct buffer *out)
{
	const char *server = host->root_path.server;
	unsigned int port = host->portal_port ? host->portal_port :
						host->root_path.port;

	if (!*host->portal && port == ISCSI_PORT)
		return 0;
	if (*host->portal)
		server = host->portal;
	return buffer_printf(out,
			     "\t# ietd has to listen there:"
			     " ietd --address=%s --port=%u\n",
			     *server ? server : "0.0.0.0", port);
}

static int write_target(const struct boot_host *host, struct buffer *out)
{
	int err = buffer_printf(out, "Target %s\n", host->root_path.name);

	if (!err)
		err = write_portal(host, out);
	if (!err && host->chap)
		err = buffer_printf(out, "\tIncomingUser %s %s\n",
				    host->chap->user, host->chap->secret);
	if (!err)
		err = buffer_printf(out, "\tLun %ld Path=%s,Type=fileio%s\n",
				    server_lun(host->root_path.lun),
				    host->text[FIELD_BACKING],
				    host->read_only ? ",IOMode=ro" : "");
	return err;
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

const struct server target_server_ietd = {
	.name = "ietd",
	.reads = 1U << FIELD_ROOT_PATH | 1U << FIELD_BACKING,
	.check = check,
	.write = write,
};
