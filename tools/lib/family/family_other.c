// SPDX-License-Identifier: GPL-2.0-only
/*
 * All else that has an /init, tiny-initramfs' static program for one: there may
 * be no shell and nothing that could be patched.
 */
#include "tools/lib/family/early_target.h"
#include "tools/lib/family/family.h"
#include "tools/lib/image/image.h"

#include <stddef.h>

static bool detect(const struct image *image)
{
	return tree_lookup(image->tree, "init", true);
}

const struct family family_other = {
	.name = "other",
	.detect = detect,
	.iscsi_modules = early_modules,
	.early = true,
	.plan_target = early_target_plan,
	.load = LOAD_WRAPPER,
};
