// SPDX-License-Identifier: GPL-2.0-only
/*
 * open-iscsi's script in images of initramfs-tools reads /etc/iscsi.initramfs.
 * Without a root on the command line it looks for one on the disk of that LUN,
 * if ROOT begins as below.
 */
#include "tools/lib/family/login_initramfs_tools.h"

#include "initrd/iscsi-root/settings.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/family/family.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/family/own_login.h"
#include "tools/lib/family/root_settings.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/iscsi/iscsi_target.h"

#include <string.h>

#define SCRIPT "scripts/local-top/iscsi"
#define SETTINGS "etc/iscsi.initramfs"

static const char *const names[OWN_LOGIN_KEYS] = {
	[OWN_LOGIN_INITIATOR] = "ISCSI_INITIATOR",
	[OWN_LOGIN_USER] = "ISCSI_USERNAME",
	[OWN_LOGIN_SECRET] = "ISCSI_PASSWORD",
	[OWN_LOGIN_USER_IN] = "ISCSI_IN_USERNAME",
	[OWN_LOGIN_SECRET_IN] = "ISCSI_IN_PASSWORD",
};

/* A line of the shell's */
static int add_variable(struct buffer *text, const char *name,
			const char *value)
{
	int err = buffer_printf(text, "%s='", name);

	for (; !err && *value; value++)
		err = *value == '\'' ? buffer_printf(text, "'\\''") :
				       buffer_add(text, value, 1);
	return err ? err : buffer_printf(text, "'\n");
}

static int write_login(struct buffer *text, const struct iscsi_target *t,
		       const struct settings *s)
{
	char lun[ISCSI_LUN_TEXT];
	int err;

	iscsi_lun_udev(t->lun, lun);
	err = buffer_printf(text, "# written by mkinitrd-en\n"
				  "ISCSI_HAD_ROOT=yes\n");
	if (!err)
		err = add_variable(text, "ISCSI_TARGET_IP", t->host);
	if (!err && t->port)
		err = buffer_printf(text, "ISCSI_TARGET_PORT=%u\n", t->port);
	if (!err)
		err = add_variable(text, "ISCSI_TARGET_NAME", t->name);
	if (!err)
		err = add_variable(text, "ISCSI_ROOT_LUN", lun);
	return err ? err : own_login_write(t, s, names, add_variable, text);
}

/* The image's own settings of the same kind go before, so that ours count. */
static int add_file(const struct image *image, struct overlay *overlay,
		    const struct buffer *text, struct failure *why)
{
	struct buffer all = { 0 };
	const char *before;
	size_t size;
	int err = 0;

	before = text_of(image, overlay, SETTINGS, &size);
	if (before && size)
		err = buffer_printf(&all, "%s%s", before,
				    before[size - 1] == '\n' ? "" : "\n");
	if (!err)
		err = buffer_add(&all, text->data, text->size);
	if (err)
		fail(why, err, "out of memory");
	else
		err = overlay_add(overlay, SETTINGS, S_IFREG | 0600, all.data,
				  all.size, why);
	buffer_free(&all);
	return err;
}

int login_initramfs_tools_plan(const struct image *image,
			       const struct iscsi_target *t,
			       struct overlay *overlay, struct failure *why)
{
	/* The script reads it again when the command line has been read */
	static const char root[] = "# written by mkinitrd-en\n"
				   "BOOT=local\n"
				   "RESUME=none\n"
				   "ROOT=${ROOT:-iscsi:}\n";
	struct buffer text = { 0 };
	struct settings s = { 0 };
	int err;

	if (!image_has_file(image, SCRIPT))
		return fail(why, -ENOTSUP,
			    "--iscsi-login native: the image has no /" SCRIPT
			    " of open-iscsi");
	err = own_login_settings(t, &s, why);
	if (!err && t->kind == ISCSI_HOST_IPV6)
		err = fail(why, -ENOTSUP,
			   "open-iscsi's script splits an address at each"
			   " colon: no IPv6");
	if (!err) {
		err = write_login(&text, t, &s);
		if (err)
			fail(why, err, "out of memory");
	}
	if (!err)
		err = add_file(image, overlay, &text, why);
	if (!err)
		err = overlay_add(overlay, INITRAMFS_TOOLS_SETTINGS,
				  S_IFREG | 0644, root, sizeof(root) - 1, why);
	if (!err)
		err = root_settings_file_plan(t, overlay, why);
	own_login_wipe(&s, &text);
	return err;
}
