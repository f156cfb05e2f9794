// SPDX-License-Identifier: GPL-2.0-only
/*
 * Alpine's mkinitfs: a busybox script that loads what modules= and /etc/modules
 * name, and has nlplug-findfs look for the root. It knows nothing of iSCSI.
 */
#include "tools/lib/family/early_target.h"
#include "tools/lib/family/family.h"
#include "tools/lib/family/image_has.h"

static bool detect(const struct image *image)
{
	return image_has_program(image, "nlplug-findfs", NULL, 0) &&
	       image_init_is_script(image);
}

const struct family family_mkinitfs = {
	.name = "mkinitfs",
	.detect = detect,
	.iscsi_modules = early_modules,
	.early = true,
	.plan_target = early_target_plan,
	.load = LOAD_WRAPPER,
	.native_list = "etc/modules",
};
