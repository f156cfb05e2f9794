// SPDX-License-Identifier: GPL-2.0-only
/*
 * An image whose /init is a script that somebody wrote: busybox or any other
 * shell. What it does is not known, so the disk is there before it begins.
 */
#include "tools/lib/family/early_target.h"
#include "tools/lib/family/family.h"
#include "tools/lib/family/image_has.h"

const struct family family_shell = {
	.name = "shell",
	.detect = image_init_is_script,
	.iscsi_modules = early_modules,
	.early = true,
	.plan_target = early_target_plan,
	.load = LOAD_WRAPPER,
};
