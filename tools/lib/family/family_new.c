// SPDX-License-Identifier: GPL-2.0-only
/*
 * An image of "mkinitrd-en --new": initrd/new/init.sh has iscsi-root find the
 * root.
 */
#include "tools/lib/family/early_target.h"
#include "tools/lib/family/family.h"
#include "tools/lib/family/root_settings.h"
#include "tools/lib/image/image.h"
#include "tools/lib/plan/new_image.h"

#include <stddef.h>

static bool detect(const struct image *image)
{
	return tree_lookup(image->tree, NEW_IMAGE_MARK, false);
}

static int plan_target(const struct image *image, const struct iscsi_target *t,
		       struct overlay *overlay, struct failure *why)
{
	return root_settings_plan(t, overlay, why);
}

const struct family family_new = {
	.name = "mkinitrd-en --new",
	.detect = detect,
	.iscsi_modules = early_modules,
	.plan_target = plan_target,
	.load = LOAD_WRAPPER,
};
