// SPDX-License-Identifier: GPL-2.0-only
/* tgt (tgtd): a target for /etc/tgt/conf.d, read by tgt-admin. */
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/server/server_config.h"

#include <string.h>

/* tgt's LUN 0 is its controller, so a disk's number begins at 1. */
#define FIRST_DISK 1
#define LAST_DISK 255

/* Its configuration has no way to quote. */
static int check_backing(const char *path, struct failure *why)
{
	if (*path != '/')
		return fail(why, -EINVAL,
			    "--backing %s: tgt wants an absolute path", path);
	for (const char *p = path; *p; p++) {
		if ((unsigned char)*p <= ' ' || strchr("<>\"#\\", *p))
			return fail(why, -EINVAL,
				    "--backing %s: tgt's configuration cannot"
				    " hold this name",
				    path);
	}
	return 0;
}

static int target(const struct boot_target *t, struct buffer *out,
		  struct failure *why)
{
	const struct root_path *path = &t->root_path;
	long lun = path->lun_given ? iscsi_lun_number(path->lun) : FIRST_DISK;
	int err;

	err = check_backing(t->backing, why);
	if (err)
		return err;
	if (lun < FIRST_DISK || lun > LAST_DISK)
		return fail(why, -EINVAL,
			    "tgt gives a disk LUN 1 to 255 (LUN 0 is its"
			    " controller): put that into the root-path");
	err = buffer_printf(out, "<target %s>\n\tdriver iscsi\n", path->name);
	if (!err && !path->lun_given)
		err = buffer_printf(
			out, "\t# tgt's LUN 0 is its controller. Firmware that"
			     " takes an empty LUN\n"
			     "\t# for 0 wants the root-path with LUN 1.\n");
	if (!err && path->port != ISCSI_PORT)
		err = buffer_printf(out,
				    "\t# tgtd has to listen at this port:"
				    " tgtd --iscsi portal=%s:%u\n",
				    *path->server ? path->server : "0.0.0.0",
				    path->port);
	if (!err)
		err = buffer_printf(out,
				    "\t<backing-store %s>\n"
				    "\t\tlun %ld\n"
				    "\t</backing-store>\n"
				    "</target>\n",
				    t->backing, lun);
	return err ? fail(why, err, "out of memory") : 0;
}

const struct target_server target_server_tgt = {
	.name = "tgt",
	.target = target,
};
