// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/plan/loader.h"

#include "tools/lib/family/embedded.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"
#include "tools/lib/modules/modules.h"
#include "tools/lib/image/overlay.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* /dev/kmsg, Documentation/admin-guide/devices.txt */
#define KMSG_MAJOR 1
#define KMSG_MINOR 11
/* initrd/init.c reads no more of the list. */
#define LIST_MAX 16000

void loader_module_path(const struct loader *l, const char *name,
			char path[TREE_PATH_MAX])
{
	const char *kernel = l->modules->kernel;

	if (l->chosen != LOAD_NATIVE)
		snprintf(path, TREE_PATH_MAX, LOADER_DIRECTORY "/%s/%s.ko",
			 kernel, name);
	else if (l->family->native_folder)
		snprintf(path, TREE_PATH_MAX, "%s/%s.ko",
			 l->family->native_folder, name);
	else
		snprintf(path, TREE_PATH_MAX, "lib/modules/%s/updates/%s.ko",
			 kernel, name);
}

/* The files, and the list: init.c loads by it, inspect and verify read it. */
static int add_modules(const struct loader *l, struct overlay *overlay,
		       struct failure *why)
{
	const struct modules *m = l->modules;
	struct buffer list = { 0 };
	char path[TREE_PATH_MAX];
	int err = 0;

	for (size_t i = 0; !err && i < m->count; i++) {
		const struct module *mod = &m->list[i];

		if (mod->action == MODULE_BUILT_IN)
			continue;
		if (mod->action == MODULE_SHARE) {
			err = buffer_printf(&list, "/%s\n", mod->in_image);
			continue;
		}
		loader_module_path(l, mod->name, path);
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

/* An /init that the overlay has changed already moves as it is there. */
static bool move_changed(struct overlay *overlay)
{
	for (size_t i = 0; i < overlay->count; i++) {
		struct overlay_file *f = &overlay->files[i];
		char *moved;

		if (strcmp(f->path, "init"))
			continue;
		moved = strdup(LOADER_DIRECTORY "/init");
		if (!moved)
			return false;
		free(f->path);
		f->path = moved;
		return true;
	}
	return false;
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

/* A link stays one, since its target may look at where it was started. */
static int move_init(const struct image *image, struct overlay *overlay,
		     struct failure *why)
{
	const struct inode *init = tree_lookup(image->tree, "init", false);
	char resolved[TREE_PATH_MAX + 1] = "/";

	if (!init || !tree_lookup(image->tree, "init", true))
		return fail(why, -ENOENT,
			    "the image has no /init: nothing that boots");
	if (move_changed(overlay))
		return 0;
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

static int add_wrapper(struct loader *l, struct overlay *overlay,
		       struct failure *why)
{
	int err = 0;

	strcpy(l->hook, "init");
	if (!brings_init(overlay))
		err = move_init(l->image, overlay, why);
	if (err)
		return err;
	return overlay_add(overlay, "init", S_IFREG | 0755, embedded_init,
			   embedded_init_end - embedded_init, why);
}

static int check_way(const struct loader *l, struct failure *why)
{
	const char *name = l->family->name;

	if (l->chosen == LOAD_NATIVE && !l->family->native_list &&
	    !l->family->plan_native)
		return fail(why, -ENOTSUP,
			    "--load native: an initrd of this family (%s) has"
			    " no list of modules to load; there is --load"
			    " wrapper",
			    name);
	if (l->early && l->chosen != LOAD_WRAPPER)
		return fail(why, -ENOTSUP,
			    "--load %s: with a target the drivers of an initrd"
			    " of this family (%s) have to be in before its init"
			    " begins: --load wrapper",
			    load_way_name(l->chosen), name);
	return 0;
}

static int name_modules(struct loader *l, struct overlay *overlay,
			struct failure *why)
{
	const struct family *family = l->family;

	if (!family->native_list)
		return family->plan_native(l->image, l->modules, overlay,
					   l->hook, why);
	snprintf(l->hook, sizeof(l->hook), "%s", family->native_list);
	return modules_append(l->image, overlay, l->hook, l->modules, why);
}

int loader_plan(struct loader *l, struct overlay *overlay, struct failure *why)
{
	int err;

	l->chosen = l->way == LOAD_BY_FAMILY ? l->family->load : l->way;
	err = check_way(l, why);
	if (!err)
		err = add_modules(l, overlay, why);
	if (!err && l->chosen == LOAD_WRAPPER)
		err = add_wrapper(l, overlay, why);
	if (!err && l->chosen == LOAD_NATIVE)
		err = loader_native_modules(l, overlay, why);
	if (!err && l->chosen == LOAD_NATIVE)
		err = name_modules(l, overlay, why);
	if (!err && l->chosen == LOAD_INSMOD)
		err = loader_insmod_lines(l, overlay, why);
	if (!err)
		err = overlay_add_device(overlay, LOADER_DIRECTORY "/kmsg",
					 S_IFCHR | 0600, KMSG_MAJOR, KMSG_MINOR,
					 why);
	return err;
}
