// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/family/root_settings.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/family/embedded.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/iscsi/iscsi_target.h"
#include "tools/lib/plan/loader.h"

#include <sys/stat.h>

static int add_portal(struct buffer *text, const struct iscsi_target *t)
{
	bool ipv6 = t->kind == ISCSI_HOST_IPV6;
	int err;

	if (!*t->host)
		return 0;
	err = buffer_printf(text, "target=%s%s%s", ipv6 ? "[" : "", t->host,
			    ipv6 ? "]" : "");
	if (!err && t->port)
		err = buffer_printf(text, ":%u", t->port);
	return err ? err : buffer_printf(text, "\n");
}

static int write_settings(struct buffer *text, const struct iscsi_target *t)
{
	char lun[ISCSI_LUN_TEXT];
	int err;

	iscsi_lun_text(t->lun, lun);
	err = add_portal(text, t);
	if (!err && *t->name)
		err = buffer_printf(text, "name=%s\n", t->name);
	if (!err && t->has_lun)
		err = buffer_printf(text, "lun=%s\n", lun);
	if (!err && *t->initiator)
		err = buffer_printf(text, "initiator=%s\n", t->initiator);
	if (!err && t->settings.size)
		err = buffer_add(text, t->settings.data, t->settings.size);
	return err;
}

int root_settings_file_plan(const struct iscsi_target *target,
			    struct overlay *overlay, struct failure *why)
{
	struct buffer text = { 0 };
	int err;

	err = write_settings(&text, target);
	if (err)
		fail(why, err, "out of memory");
	else
		err = overlay_add(overlay, LOADER_DIRECTORY "/target",
				  S_IFREG | 0600, text.data, text.size, why);
	buffer_free(&text);
	return err;
}

int root_settings_plan(const struct iscsi_target *target,
		       struct overlay *overlay, struct failure *why)
{
	int err = root_settings_file_plan(target, overlay, why);

	if (err)
		return err;
	return overlay_add(overlay, LOADER_DIRECTORY "/iscsi-root",
			   S_IFREG | 0755, embedded_iscsi_root,
			   embedded_iscsi_root_end - embedded_iscsi_root, why);
}
