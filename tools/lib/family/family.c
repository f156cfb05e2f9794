// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/family/family.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/image/image.h"
#include "tools/lib/plan/loader.h"

#include <stddef.h>
#include <string.h>

static const struct family *const families[] = {
	&family_new,	    &family_initramfs_tools,
	&family_dracut,	    &family_suse_mkinitrd,
	&family_mkinitcpio, &family_mkinitfs,
	&family_booster,    &family_debian_installer,
	&family_systemd,    &family_shell,
	&family_other,
};

const char *const usual_iscsi_modules[] = { "?iscsi_tcp", "?sd_mod", NULL };

/* Files that tell what an image is, though not how it boots. */
static const struct {
	const char *path;
	const char *what;
} signs[] = {
	{ "usr/lib/dracut/build-parameter.txt", "dracut" },
	{ "lib/dracut/dracut-version", "dracut" },
	{ "usr/lib/initrd-release", "a systemd-based initrd (dracut, mkosi)" },
	{ "etc/initrd-release", "a systemd-based initrd (dracut, mkosi)" },
	{ "etc/linuxrc.d", "SUSE linuxrc" },
	{ "linuxrc", "an image with /linuxrc" },
};

const char *family_seen(const struct image *image)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (tree_lookup(image->tree, signs[i].path, true))
			return signs[i].what;
	}
	/* Behind our own program, where that has been put in */
	if (!tree_lookup(image->tree, LOADER_DIRECTORY "/init", true) &&
	    !tree_lookup(image->tree, "init", true))
		return "no /init, so nothing that boots";
	if (image_init_is_script(image))
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
		    "the image has no /init: nothing that boots"
		    " (seen: %s)",
		    family_seen(image));
}

static const char *const ways[] = { "", "wrapper", "native", "insmod" };

const char *load_way_name(enum load_way way)
{
	return ways[way];
}

enum load_way load_way_by_name(const char *name)
{
	for (enum load_way way = LOAD_WRAPPER; way <= LOAD_INSMOD; way++) {
		if (!strcmp(ways[way], name))
			return way;
	}
	return LOAD_BY_FAMILY;
}
