// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/plan/loader.h"

#include "tools/lib/family/embedded.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"
#include "tools/lib/modules/modules.h"
#include "tools/lib/image/overlay.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* /dev/kmsg, Documentation/admin-guide/devices.txt */
#define KMSG_MAJOR 1
#define KMSG_MINOR 11
/* initrd/init.c reads no more of the list. */
#define LIST_MAX 16000

static int add_modules(const struct modules *m, struct overlay *overlay,
		       struct failure *why)
{
	struct buffer list = { 0 };
	char path[512];
	int err = 0;

	for (size_t i = 0; !err && i < m->count; i++) {
		const struct module *mod = &m->list[i];

		if (mod->action == MODULE_BUILT_IN)
			continue;
		if (mod->action == MODULE_SHARE) {
			err = buffer_printf(&list, "/%s\n", mod->in_image);
			continue;
		}
		snprintf(path, sizeof(path), LOADER_DIRECTORY "/%s/%s.ko",
			 m->kernel, mod->name);
		err = buffer_printf(&list, "/%s\n", path);
		if (!err)
			err = overlay_add(overlay, path, S_IFREG | 0644,
					  mod->bytes.data, mod->bytes.size,
					  why);
	}
	snprintf(path, sizeof(path), LOADER_DIRECTORY "/%s/load", m->kernel);
	if (!err && list.size > LIST_MAX)
		err = fail(why, -E2BIG, "too many modules to load");
	if (!err)
		err = overlay_add(overlay, path, S_IFREG | 0644, list.data,
				  list.size, why);
	buffer_free(&list);
	return err;
}

/* A link stays one, since its target may look at where it was started. */
static int move_init(const struct image *image, struct overlay *overlay,
		     struct failure *why)
{
	const struct inode *init = tree_lookup(image->tree, "init", false);
	char resolved[TREE_PATH_MAX + 1] = "/";

	if (!init || !tree_lookup(image->tree, "init", true))
		return fail(why, -ENOENT,
			    "the image has no /init: nothing that boots");
	if (S_ISLNK(init->mode)) {
		if (tree_resolve(image->tree, "init", true, resolved + 1))
			return fail(why, -ENOENT, "/init leads nowhere");
		return overlay_add(overlay, LOADER_DIRECTORY "/init",
				   S_IFLNK | 0777, resolved, strlen(resolved),
				   why);
	}
	if (!S_ISREG(init->mode) || !(init->mode & 0111))
		return fail(why, -EINVAL, "/init of the image is no program");
	if (!init->data)
		return fail(why, -EFBIG,
			    "/init of the image is too large to be moved");
	return overlay_add(overlay, LOADER_DIRECTORY "/init", init->mode,
			   init->data, init->size, why);
}

/* An image from nothing brings one of ours. */
static bool brings_init(const struct overlay *overlay)
{
	for (size_t i = 0; i < overlay->count; i++) {
		if (!strcmp(overlay->files[i].path, LOADER_DIRECTORY "/init"))
			return true;
	}
	return false;
}

int loader_plan(const struct image *image, const struct modules *modules,
		struct overlay *overlay, struct failure *why)
{
	int err;

	err = add_modules(modules, overlay, why);
	if (!err && !brings_init(overlay))
		err = move_init(image, overlay, why);
	if (!err)
		err = overlay_add(overlay, "init", S_IFREG | 0755,
				  embedded_init,
				  embedded_init_end - embedded_init, why);
	if (!err)
		err = overlay_add_device(overlay, LOADER_DIRECTORY "/kmsg",
					 S_IFCHR | 0600, KMSG_MAJOR, KMSG_MINOR,
					 why);
	return err;
}
