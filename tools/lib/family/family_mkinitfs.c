// SPDX-License-Identifier: GPL-2.0-only
/*
 * Alpine's mkinitfs: a busybox script that loads what modules= and /etc/modules
 * name, and has nlplug-findfs look for the root. It knows nothing of iSCSI.
 */
#include "tools/lib/family/early_target.h"
#include "tools/lib/family/family.h"
#include "tools/lib/family/image_has.h"

#include <string.h>

static bool detect(const struct image *image)
{
	return image_has_program(image, "nlplug-findfs", NULL, 0) &&
	       image_init_is_script(image);
}

static int plan_native(const struct image *image, const struct modules *m,
		       struct overlay *overlay, char hook[TREE_PATH_MAX],
		       struct failure *why)
{
	strcpy(hook, "etc/modules");
	return modules_append(image, overlay, hook, m, why);
}

const struct family family_mkinitfs = {
	.name = "mkinitfs",
	.detect = detect,
	.iscsi_modules = early_modules,
	.early = true,
	.plan_target = early_target_plan,
	.load = LOAD_WRAPPER,
	.plan_native = plan_native,
};
