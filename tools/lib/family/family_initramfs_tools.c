// SPDX-License-Identifier: GPL-2.0-only
/*
 * initramfs-tools (Debian, Ubuntu): /init is a shell script that runs
 * /scripts/local-top in the order of its ORDER file. Where open-iscsi's own script
 * stands there, ours takes its place and has iscsi-root do the work.
 */
#include "tools/lib/family/embedded.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/family/family.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/family/login_initramfs_tools.h"
#include "tools/lib/family/root_settings.h"
#include "tools/lib/image/image.h"
#include "tools/lib/iscsi/iscsi_target.h"
#include "tools/lib/image/overlay.h"

#include <stddef.h>
#include <string.h>

#define ORDER "scripts/local-top/ORDER"
#define NATIVE_SCRIPT "/scripts/local-top/iscsi "
#define OUR_SCRIPT "scripts/local-top/connectx-en"

static bool detect(const struct image *image)
{
	return image_has_file(image, "init") &&
	       image_has_file(image, "scripts/functions") &&
	       image_has_file(image, "conf/initramfs.conf");
}

/* The line that runs open-iscsi's own script, or NULL. */
static const char *native_line(const char *order)
{
	const char *line = order;

	while ((line = strstr(line, NATIVE_SCRIPT))) {
		if (line == order || line[-1] == '\n')
			return line;
		line++;
	}
	return NULL;
}

/*
 * Our script takes the initiator's line; the one behind it stays. In an image that
 * was made without open-iscsi it comes last, and the file may not be there.
 */
static int patch_order(const struct image *image, struct overlay *overlay,
		       struct failure *why)
{
	const struct inode *inode = tree_lookup(image->tree, ORDER, true);
	struct buffer text = { 0 };
	const char *order = "";
	const char *line;
	int err;

	if (inode && !inode->data)
		return fail(why, -EFBIG,
			    "/" ORDER " of the image is too large to be read");
	if (inode)
		order = (const char *)inode->data;
	line = native_line(order);
	if (!line && image_has_file(image, "scripts/local-top/iscsi"))
		return fail(why, -ENOENT,
			    "/" ORDER " of the image does not run open-iscsi's"
			    " script");
	if (line) {
		err = buffer_add(&text, order, line - order);
		if (!err)
			err = buffer_printf(&text, "/%s %s", OUR_SCRIPT,
					    line + strlen(NATIVE_SCRIPT));
	} else {
		bool open = *order && order[strlen(order) - 1] != '\n';

		err = buffer_printf(&text,
				    "%s%s/%s \"$@\"\n"
				    "[ -e /conf/param.conf ] &&"
				    " . /conf/param.conf\n",
				    order, open ? "\n" : "", OUR_SCRIPT);
	}
	if (!err)
		err = overlay_add(overlay, ORDER,
				  inode ? inode->mode : S_IFREG | 0644,
				  text.data, text.size, why);
	else
		fail(why, err, "out of memory");
	buffer_free(&text);
	return err;
}

static int plan_target(const struct image *image, const struct iscsi_target *t,
		       struct overlay *overlay, struct failure *why)
{
	/*
	 * A suspended system of the host that made the image is none of this
	 * one: waiting for its swap costs half a minute.
	 */
	static const char settings[] = "# written by mkinitrd-en\n"
				       "BOOT=local\n"
				       "RESUME=none\n";
	int err;

	err = patch_order(image, overlay, why);
	if (!err)
		err = root_settings_plan(t, overlay, why);
	if (!err)
		err = overlay_add(overlay, INITRAMFS_TOOLS_SETTINGS,
				  S_IFREG | 0644, settings,
				  sizeof(settings) - 1, why);
	if (!err)
		err = overlay_add(overlay, OUR_SCRIPT, S_IFREG | 0755,
				  embedded_initramfs_tools_sh,
				  embedded_initramfs_tools_sh_end -
					  embedded_initramfs_tools_sh,
				  why);
	return err;
}

const struct family family_initramfs_tools = {
	.name = "initramfs-tools",
	.detect = detect,
	.iscsi_modules = usual_iscsi_modules,
	.plan_target = plan_target,
	.plan_login = login_initramfs_tools_plan,
	.load = LOAD_WRAPPER,
	.native_list = "conf/modules",
};
