// SPDX-License-Identifier: GPL-2.0-only
/*
 * initramfs-tools (Debian, Ubuntu): /init is a shell script that runs
 * /scripts/local-top in the order of its ORDER file; open-iscsi's own script
 * there logs in by /etc/iscsi.initramfs. Our two scripts stand around it:
 * one completes that file from the lease, one finds the root on the LUN.
 */
#include "tools/lib/family/embedded.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/family/family.h"
#include "tools/lib/image/image.h"
#include "tools/lib/iscsi/iscsi_target.h"
#include "tools/lib/plan/loader.h"
#include "tools/lib/image/overlay.h"

#include <stddef.h>
#include <string.h>

#define ORDER "scripts/local-top/ORDER"
#define NATIVE_SCRIPT "/scripts/local-top/iscsi "
#define TARGET_SCRIPT "scripts/local-top/connectx-en-target"
#define ROOT_SCRIPT "scripts/local-top/connectx-en-root"
/* Behind each script, mkinitramfs has init take over what it found out. */
#define TAKE_OVER "[ -e /conf/param.conf ] && . /conf/param.conf\n"
/* The last of the settings that init reads before the command line */
#define SETTINGS "conf/conf.d/zz-connectx-en"

static bool has_file(const struct image *image, const char *path)
{
	const struct inode *inode = tree_lookup(image->tree, path, true);

	return inode && S_ISREG(inode->mode);
}

static bool detect(const struct image *image)
{
	return has_file(image, "init") &&
	       has_file(image, "scripts/functions") &&
	       has_file(image, "conf/initramfs.conf");
}

/* Our scripts go around the line that runs the initiator's. */
static int patch_order(const struct image *image, struct overlay *overlay,
		       struct failure *why)
{
	const struct inode *inode = tree_lookup(image->tree, ORDER, true);
	struct buffer text = { 0 };
	const char *order;
	const char *line;
	const char *next;
	int err;

	order = inode ? (const char *)inode->data : NULL;
	line = order ? strstr(order, NATIVE_SCRIPT) : NULL;
	if (!line || (line != order && line[-1] != '\n'))
		return fail(why, -ENOENT,
			    "/" ORDER " of the image does not run open-iscsi's"
			    " script");
	/* Its own line, and the one that takes over what it found out. */
	next = strchr(line, '\n');
	next = next ? next + 1 : line + strlen(line);
	if (!strncmp(next, TAKE_OVER, strlen(TAKE_OVER)))
		next += strlen(TAKE_OVER);
	err = buffer_add(&text, order, line - order);
	if (!err)
		err = buffer_printf(&text, "/%s \"$@\"\n" TAKE_OVER,
				    TARGET_SCRIPT);
	if (!err)
		err = buffer_add(&text, line, next - line);
	if (!err && next[-1] != '\n')
		err = buffer_printf(&text, "\n");
	if (!err)
		err = buffer_printf(&text, "/%s \"$@\"\n" TAKE_OVER "%s",
				    ROOT_SCRIPT, next);
	if (!err)
		err = overlay_add(overlay, ORDER, inode->mode, text.data,
				  text.size, why);
	else
		fail(why, err, "out of memory");
	buffer_free(&text);
	return err;
}

/* Every character of these was checked: the shell takes them as they are. */
static int add_settings(const struct iscsi_target *t, struct overlay *overlay,
			struct failure *why)
{
	struct buffer text = { 0 };
	char lun[ISCSI_LUN_TEXT] = "";
	int err;

	if (t->has_lun)
		iscsi_lun_text(t->lun, lun);
	err = buffer_printf(&text, "target_ip=%s\n", t->host);
	if (!err && t->port)
		err = buffer_printf(&text, "target_port=%u\n", t->port);
	else if (!err)
		err = buffer_printf(&text, "target_port=\n");
	if (!err)
		err = buffer_printf(&text,
				    "target_name=%s\ntarget_lun=%s\n"
				    "initiator=%s\n",
				    t->name, lun, t->initiator);
	if (!err)
		err = overlay_add(overlay, LOADER_DIRECTORY "/target",
				  S_IFREG | 0600, text.data, text.size, why);
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

	if (t->kind != ISCSI_HOST_IPV4)
		return fail(why, -ENOTSUP,
			    "%s: an initramfs-tools image reaches targets by"
			    " IPv4 address only",
			    t->host);
	if (t->has_lun && iscsi_lun_number(t->lun) < 0)
		return fail(why, -ENOTSUP,
			    "no initramfs-tools image finds a disk at a LUN of"
			    " several levels");
	if (!has_file(image, "sbin/iscsistart"))
		return fail(why, -ENOENT,
			    "the image has no iSCSI initiator"
			    " (/sbin/iscsistart): install open-iscsi where the"
			    " image is made, and make it anew");
	err = patch_order(image, overlay, why);
	if (!err)
		err = add_settings(t, overlay, why);
	if (!err)
		err = overlay_add(overlay, SETTINGS, S_IFREG | 0644, settings,
				  sizeof(settings) - 1, why);
	if (!err)
		err = overlay_add(overlay, TARGET_SCRIPT, S_IFREG | 0755,
				  embedded_target_sh,
				  embedded_target_sh_end - embedded_target_sh,
				  why);
	if (!err)
		err = overlay_add(overlay, ROOT_SCRIPT, S_IFREG | 0755,
				  embedded_root_sh,
				  embedded_root_sh_end - embedded_root_sh, why);
	return err;
}

static const char *const iscsi_modules[] = { "?iscsi_tcp", "?sd_mod", NULL };

const struct family family_initramfs_tools = {
	.name = "initramfs-tools",
	.detect = detect,
	.iscsi_modules = iscsi_modules,
	.plan_target = plan_target,
};
