// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/family/early_target.h"

#include "tools/lib/family/root_settings.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/plan/loader.h"

#include <stddef.h>
#include <sys/stat.h>

const char *const early_modules[] = { "iscsi_tcp", "sd_mod", NULL };

int early_target_plan(const struct image *image,
		      const struct iscsi_target *target,
		      struct overlay *overlay, struct failure *why)
{
	int err = root_settings_plan(target, overlay, why);

	if (!err)
		err = overlay_add(overlay, LOADER_DIRECTORY "/" EARLY_MARK,
				  S_IFREG | 0644, "", 0, why);
	return err;
}
