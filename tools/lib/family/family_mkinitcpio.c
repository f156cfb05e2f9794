// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arch's mkinitcpio with busybox: /init sources /config, loads its MODULES and
 * runs what HOOKS names out of /hooks. Its images with systemd are
 * family_systemd's.
 */
#include "tools/lib/base/failure.h"
#include "tools/lib/family/early_target.h"
#include "tools/lib/family/embedded.h"
#include "tools/lib/family/family.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/family/root_settings.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/modules/modules.h"

#include <string.h>

#define CONFIG "config"

static bool detect(const struct image *image)
{
	return image_has_file(image, "init_functions") &&
	       image_has_file(image, CONFIG) && image_init_is_script(image);
}

/* Behind all other hooks: udev's is among them. */
static int plan_target(const struct image *image, const struct iscsi_target *t,
		       struct overlay *overlay, struct failure *why)
{
	int err = root_settings_plan(t, overlay, why);

	if (!err)
		err = text_append(image, overlay, CONFIG,
				  "HOOKS=\"$HOOKS connectx-en\"\n", why);
	if (!err)
		err = overlay_add(overlay, "hooks/connectx-en", S_IFREG | 0755,
				  embedded_mkinitcpio_sh,
				  embedded_mkinitcpio_sh_end -
					  embedded_mkinitcpio_sh,
				  why);
	return err;
}

static int plan_native(const struct image *image, const struct modules *m,
		       struct overlay *overlay, char hook[TREE_PATH_MAX],
		       struct failure *why)
{
	struct buffer line = { 0 };
	int err = buffer_printf(&line, "MODULES=\"$MODULES ");

	if (!err)
		err = modules_names(m, " ", &line);
	if (!err)
		err = buffer_printf(&line, "\"\n");
	if (!err)
		err = buffer_add_zeros(&line, 1);
	strcpy(hook, CONFIG);
	if (err)
		fail(why, err, "out of memory");
	else
		err = text_append(image, overlay, hook, (const char *)line.data,
				  why);
	buffer_free(&line);
	return err;
}

const struct family family_mkinitcpio = {
	.name = "mkinitcpio",
	.detect = detect,
	.iscsi_modules = early_modules,
	.plan_target = plan_target,
	.load = LOAD_WRAPPER,
	.plan_native = plan_native,
};
