// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/family/family.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"
#include "tools/lib/plan/loader.h"

#include <stddef.h>
#include <string.h>

static const struct family *const families[] = {
	&family_new,
	&family_initramfs_tools,
	&family_dracut,
};

/* Files that tell other generators, so that the message can name them. */
static const struct {
	const char *path;
	const char *what;
} signs[] = {
	{ "usr/lib/dracut/build-parameter.txt", "dracut" },
	{ "lib/dracut/dracut-version", "dracut" },
	{ "usr/lib/initrd-release", "a systemd-based initrd (dracut, mkosi)" },
	{ "etc/initrd-release", "a systemd-based initrd (dracut, mkosi)" },
	{ "init_functions", "Arch mkinitcpio" },
	{ "etc/booster.init.yaml", "booster" },
	{ "etc/mkinitfs", "Alpine mkinitfs" },
	{ "sbin/debian-installer", "the Debian installer" },
	{ "config/start.sh", "SUSE mkinitrd" },
	{ "etc/linuxrc.d", "SUSE linuxrc" },
	{ "linuxrc", "an image with /linuxrc" },
};

const char *family_seen(const struct image *image)
{
	const struct inode *init;

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (tree_lookup(image->tree, signs[i].path, true))
			return signs[i].what;
	}
	/* Behind our own program, where that has been put in */
	init = tree_lookup(image->tree, LOADER_DIRECTORY "/init", true);
	if (!init)
		init = tree_lookup(image->tree, "init", true);
	if (!init)
		return "no /init, so nothing that boots";
	if (init->data && !strncmp((const char *)init->data, "#!", 2))
		return "a shell script of unknown make as /init";
	return "a program of unknown make as /init";
}

int family_find(const struct image *image, const struct family **family,
		struct failure *why)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (families[i]->detect(image)) {
			*family = families[i];
			return 0;
		}
	}
	return fail(why, -ENOTSUP,
		    "this kind of initrd is not yet known (seen: %s); known:"
		    " initramfs-tools (Debian, Ubuntu), dracut",
		    family_seen(image));
}
