// SPDX-License-Identifier: GPL-2.0-only
/*
 * systemd as /init and no dracut: mkosi-initrd, Arch's mkinitcpio with its
 * systemd hook, and images made by hand. Two units of ours: one brings the disk
 * that root= names, one finds the root where there is no root=. A third takes the
 * place of iscsid's own, which would wait for a network that is online.
 */
#include "tools/lib/family/early_target.h"
#include "tools/lib/family/embedded.h"
#include "tools/lib/family/family.h"
#include "tools/lib/family/iscsid_unit.h"
#include "tools/lib/family/root_settings.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/plan/loader.h"

#include <string.h>

#define UNITS "etc/systemd/system/"
#define DISK "connectx-en-disk.service"
#define ROOT "connectx-en-root.service"

static bool detect(const struct image *image)
{
	static const char name[] = "systemd/systemd";
	char path[TREE_PATH_MAX];
	const char *init = LOADER_DIRECTORY "/init";
	size_t length;

	if (!tree_lookup(image->tree, init, true))
		init = "init";
	if (!tree_lookup(image->tree, init, true) ||
	    tree_resolve(image->tree, init, true, path))
		return false;
	length = strlen(path);
	return length >= strlen(name) &&
	       !strcmp(path + length - strlen(name), name);
}

static int add_unit(struct overlay *overlay, const char *path, const char *link,
		    const char *target, const uint8_t *begin,
		    const uint8_t *end, struct failure *why)
{
	int err = overlay_add(overlay, path, S_IFREG | 0644, begin, end - begin,
			      why);

	if (err)
		return err;
	return overlay_add(overlay, link, S_IFLNK | 0777, target,
			   strlen(target), why);
}

static int plan_target(const struct image *image, const struct iscsi_target *t,
		       struct overlay *overlay, struct failure *why)
{
	int err = root_settings_plan(t, overlay, why);

	if (!err)
		err = iscsid_unit_plan(image, overlay, why);
	if (!err)
		err = add_unit(overlay, UNITS DISK,
			       UNITS "initrd-root-device.target.wants/" DISK,
			       "../" DISK, embedded_systemd_disk_service,
			       embedded_systemd_disk_service_end, why);
	if (!err)
		err = add_unit(overlay, UNITS ROOT,
			       UNITS "initrd-root-fs.target.requires/" ROOT,
			       "../" ROOT, embedded_systemd_root_service,
			       embedded_systemd_root_service_end, why);
	return err;
}

const struct family family_systemd = {
	.name = "systemd",
	.detect = detect,
	.iscsi_modules = early_modules,
	.plan_target = plan_target,
	.load = LOAD_WRAPPER,
	.native_list = "etc/modules-load.d/connectx-en.conf",
};
