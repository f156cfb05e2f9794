// SPDX-License-Identifier: GPL-2.0-only
/*
 * dracut's module iscsi takes the target from the command line, and what stands
 * in /etc/cmdline.d as if it stood there, in front: a root= that was really given
 * counts more.
 */
#include "tools/lib/family/login_dracut.h"

#include "initrd/iscsi-root/settings.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/family/own_login.h"
#include "tools/lib/family/root_settings.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/iscsi/iscsi_target.h"

#include <string.h>
#include <sys/stat.h>

#define SETTINGS "etc/cmdline.d/91-connectx-en-root.conf"

static const char *const names[OWN_LOGIN_KEYS] = {
	[OWN_LOGIN_INITIATOR] = "rd.iscsi.initiator",
	[OWN_LOGIN_USER] = "rd.iscsi.username",
	[OWN_LOGIN_SECRET] = "rd.iscsi.password",
	[OWN_LOGIN_USER_IN] = "rd.iscsi.in.username",
	[OWN_LOGIN_SECRET_IN] = "rd.iscsi.in.password",
};

static int add_word(struct buffer *text, const char *key, const char *value)
{
	return buffer_printf(text, "%s=%s\n", key, value);
}

/* The disk, as udev names it, and the way to it */
static int write_login(struct buffer *text, const struct iscsi_target *t,
		       const struct settings *s)
{
	bool ipv6 = t->kind == ISCSI_HOST_IPV6;
	const char *open = ipv6 ? "[" : "";
	const char *close = ipv6 ? "]" : "";
	unsigned int port = t->port ? t->port : ISCSI_PORT;
	char lun[ISCSI_LUN_TEXT];
	int err;

	iscsi_lun_udev(t->lun, lun);
	err = buffer_printf(text,
			    "rd.neednet=1\nip=%s\n"
			    "netroot=iscsi:%s%s%s::%u:%s:%s\n"
			    "root=/dev/disk/by-path/ip-%s%s%s:%u-iscsi-%s"
			    "-lun-%s\n",
			    ipv6 ? "dhcp6" : "dhcp", open, t->host, close, port,
			    lun, t->name, open, t->host, close, port, t->name,
			    lun);
	return err ? err : own_login_write(t, s, names, add_word, text);
}

static bool is_word(const char *text)
{
	return !strpbrk(text, "\"'\\$`*?[");
}

static int check(const struct image *image, const struct iscsi_target *t,
		 const struct settings *s, struct failure *why)
{
	if (!image_has_program(image, "iscsiroot", NULL, 0))
		return fail(why, -ENOTSUP,
			    "--iscsi-login native: the image was made without"
			    " dracut's module iscsi");
	if (t->kind == ISCSI_HOST_NAME)
		return fail(why, -ENOTSUP,
			    "--iscsi-login native: the disk's name has the"
			    " target's address in it: give that, not a name");
	if (!is_word(s->chap.user) || !is_word(s->chap.secret) ||
	    !is_word(s->chap_in.user) || !is_word(s->chap_in.secret))
		return fail(why, -ENOTSUP,
			    "--iscsi-login native: dracut's scripts take no"
			    " user or secret with a quote or one of the shell's"
			    " characters in it");
	return 0;
}

int login_dracut_plan(const struct image *image, const struct iscsi_target *t,
		      struct overlay *overlay, struct failure *why)
{
	struct buffer text = { 0 };
	struct settings s = { 0 };
	int err;

	err = own_login_settings(t, &s, why);
	if (!err)
		err = check(image, t, &s, why);
	if (!err) {
		err = write_login(&text, t, &s);
		if (err)
			fail(why, err, "out of memory");
	}
	if (!err)
		err = overlay_add(overlay, SETTINGS, S_IFREG | 0600, text.data,
				  text.size, why);
	if (!err)
		err = root_settings_file_plan(t, overlay, why);
	own_login_wipe(&s, &text);
	return err;
}
