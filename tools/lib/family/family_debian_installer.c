// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Debian installer: what looks for disks comes late and from the network,
 * so the disk is there before anything of it begins.
 */
#include "tools/lib/family/early_target.h"
#include "tools/lib/family/family.h"
#include "tools/lib/family/image_has.h"

static bool detect(const struct image *image)
{
	return image_has_directory(image, "lib/debian-installer-startup.d") &&
	       image_has_file(image, "init");
}

const struct family family_debian_installer = {
	.name = "debian-installer",
	.detect = detect,
	.iscsi_modules = early_modules,
	.early = true,
	.plan_target = early_target_plan,
	.load = LOAD_WRAPPER,
};
