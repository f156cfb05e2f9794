// SPDX-License-Identifier: GPL-2.0-only
/*
 * dracut (Fedora, RHEL, SUSE, Ubuntu from 25.10), with systemd or without: its
 * stages source every script that lies in their hook's folder. Ours say that the
 * root is found, find it in the queue that waits for devices, and mount it.
 */
#include "tools/lib/family/embedded.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/family/family.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/family/iscsid_unit.h"
#include "tools/lib/family/login_dracut.h"
#include "tools/lib/family/root_settings.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/modules/modules.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct hook {
	const char *path; /* below the folder of hooks */
	const uint8_t *begin;
	const uint8_t *end;
};

/* Behind those of dracut's own modules, which number theirs to 99 */
static const struct hook hooks[] = {
	{ "cmdline/99-connectx-en.sh", embedded_dracut_cmdline_sh,
	  embedded_dracut_cmdline_sh_end },
	{ "initqueue/settled/connectx-en.sh", embedded_dracut_initqueue_sh,
	  embedded_dracut_initqueue_sh_end },
	{ "initqueue/finished/connectx-en.sh", embedded_dracut_finished_sh,
	  embedded_dracut_finished_sh_end },
	{ "mount/99-connectx-en.sh", embedded_dracut_mount_sh,
	  embedded_dracut_mount_sh_end },
};

/* Versions differ; in some one is a link to the other. */
static const char *hook_folder(const struct image *image)
{
	static const char *const places[] = { "var/lib/dracut/hooks",
					      "usr/lib/dracut/hooks",
					      "lib/dracut/hooks" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (image_has_directory(image, places[i]))
			return places[i];
	}
	return NULL;
}

static bool detect(const struct image *image)
{
	return hook_folder(image) &&
	       (image_has_file(image, "usr/lib/dracut-lib.sh") ||
		image_has_file(image, "lib/dracut-lib.sh"));
}

static int plan_target(const struct image *image, const struct iscsi_target *t,
		       struct overlay *overlay, struct failure *why)
{
	const char *folder = hook_folder(image);
	char path[128];
	int err;

	err = root_settings_plan(t, overlay, why);
	/* Where systemd-networkd is told of no network, its own waits in vain. */
	if (!err)
		err = iscsid_unit_plan(image, overlay, why);
	for (size_t i = 0; !err && i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, hooks[i].path);
		err = overlay_add(overlay, path, S_IFREG | 0755, hooks[i].begin,
				  hooks[i].end - hooks[i].begin, why);
	}
	return err;
}

/*
 * What its command line would say, from a file that is read as if it stood there:
 * modprobe loads these before udev begins.
 */
static int plan_native(const struct image *image, const struct modules *m,
		       struct overlay *overlay, char hook[TREE_PATH_MAX],
		       struct failure *why)
{
	struct buffer line = { 0 };
	int err = buffer_printf(&line, "rd.driver.pre=");

	if (!err)
		err = modules_names(m, ",", &line);
	if (!err)
		err = buffer_printf(&line, "\n");
	strcpy(hook, "etc/cmdline.d/90-connectx-en.conf");
	if (err)
		fail(why, err, "out of memory");
	else
		err = text_replace(image, overlay, hook, &line, why);
	buffer_free(&line);
	return err;
}

const struct family family_dracut = {
	.name = "dracut",
	.detect = detect,
	.iscsi_modules = usual_iscsi_modules,
	.plan_target = plan_target,
	.plan_login = login_dracut_plan,
	.load = LOAD_WRAPPER,
	.plan_native = plan_native,
};
