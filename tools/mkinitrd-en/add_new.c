// SPDX-License-Identifier: GPL-2.0-only
#include "tools/mkinitrd-en/add_new.h"

#include "tools/lib/base/failure.h"
#include "tools/mkinitrd-en/add_options.h"
#include "tools/mkinitrd-en/add_write.h"

#include <getopt.h>
#include <string.h>

int add_read_new_option(struct add_command *c, int code, struct failure *why)
{
	struct new_image *n = &c->request.new_image;
	int err = 0;

	switch (code) {
	case OPT_NEW:
		return add_set_mode(c, PLAN_NEW, why);
	case OPT_NFS:
		n->nfs = optarg;
		err = new_image_check_nfs(optarg, why);
		return err ? fail_in(why, err, "--nfs") : 0;
	case OPT_RAMROOT:
		n->ram = optarg ? optarg : "copy";
		err = optarg ? new_image_check_url(optarg, why) : 0;
		return err ? fail_in(why, err, "--ramroot") : 0;
	default:
		n->busybox = optarg;
		return 0;
	}
}

int add_check_new_options(struct add_command *c, struct failure *why)
{
	const struct new_image *n = &c->request.new_image;
	struct request *r = &c->request;
	bool fetched = n->ram && strcmp(n->ram, "copy");

	if (r->mode != PLAN_NEW)
		return n->nfs || n->ram || n->busybox ?
			       fail(why, -EINVAL,
				    "--nfs, --ramroot and --busybox need"
				    " --new") :
			       0;
	if (!r->kernel)
		return fail(why, -EINVAL,
			    "--new: for which kernel? give --kernel VERSION");
	if (!r->output)
		return fail(why, -EINVAL, "--new: where to? give -o FILE");
	if (fetched && (n->nfs || r->has_target))
		return fail(why, -EINVAL,
			    "--ramroot=URL is all of the root: no --nfs and no"
			    " --iscsi-target");
	/* The root's place may be left to the boot, as with auto. */
	r->has_target |= !n->nfs && !fetched;
	return 0;
}
