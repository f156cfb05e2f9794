// SPDX-License-Identifier: GPL-2.0-only
/* Whether what mkinitrd-en has put into an image is still whole there. */
#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"
#include "tools/lib/iscsi/iscsi_name.h"
#include "tools/lib/inspect/findings.h"
#include "tools/lib/inspect/inserted.h"
#include "tools/lib/modules/image_modules.h"
#include "tools/lib/modules/modinfo.h"
#include "tools/lib/modules/module_file.h"
#include "tools/lib/modules/modules.h"
#include "tools/lib/plan/loader.h"

#include <stdlib.h>
#include <string.h>

#define OUR_INIT LOADER_DIRECTORY "/init"

static void check_marker(struct findings *f, const struct image *image,
			 const struct inserted *in)
{
	size_t ours = 0;

	for (size_t i = 0; i < image->n_segments; i++)
		ours += image->segments[i].ours;
	if (ours > 1)
		findings_add(f, image, true, in->segment,
			     "one of %zu segments of mkinitrd-en: only one can"
			     " be replaced or removed",
			     ours);
	if (!in->version || !in->kernel || (!in->has_base && !in->whole))
		findings_add(f, image, true, in->segment,
			     "its marker lacks a line: no mkinitrd-en wrote it"
			     " so");
	else if (!in->whole && in->base_size != image->own_begin)
		findings_add(f, image, true, in->segment,
			     "its marker says %llu bytes of original before"
			     " it, but there are %zu: the image was changed"
			     " since",
			     in->base_size, image->own_begin);
}

/* That what loads the drivers is what we wrote. */
static void check_hook(struct findings *f, const struct image *image,
		       const struct inserted *in, const char *hook)
{
	const struct inode *inode = tree_lookup(image->tree, hook, false);

	if (!inode || inode->segment < in->segment)
		findings_add(f, image, true, in->segment,
			     "it brings no /%s: nothing loads the drivers",
			     hook);
	else if (inode->segment > in->segment)
		findings_add(f, image, true, inode->segment,
			     "brings another /%s: nothing loads the drivers",
			     hook);
}

/* That the kernel starts our program, and that finds the image's own. */
static void check_wrapper(struct findings *f, const struct image *image,
			  const struct inserted *in)
{
	check_hook(f, image, in, "init");
	if (!tree_lookup(image->tree, OUR_INIT, true))
		findings_add(f, image, true, in->segment,
			     "/" OUR_INIT " is missing: the image's own init"
			     " cannot be started");
}

/* The image's own list, or its script, names every one. */
static void check_named(struct findings *f, const struct image *image,
			const struct inserted *in)
{
	const struct inode *hook = tree_lookup(image->tree, in->hook, true);
	const char *text = hook ? (const char *)hook->data : NULL;
	char name[256];

	check_hook(f, image, in, in->hook);
	for (size_t i = 0; text && i < in->n_modules; i++) {
		if (!module_file_name(in->modules[i].path, name,
				      sizeof(name)) &&
		    !strstr(text, name))
			findings_add(f, image, true, in->segment,
				     "/%s does not name %s: nothing loads it",
				     in->hook, name);
	}
}

static void check_init(struct findings *f, const struct image *image,
		       const struct inserted *in)
{
	if (in->load && in->hook && strcmp(in->load, "wrapper"))
		check_named(f, image, in);
	else
		check_wrapper(f, image, in);
}

static void check_release(struct findings *f, const struct image *image,
			  const struct inserted *in,
			  const struct inserted_module *mod)
{
	const struct modinfo info = { .text = mod->inode->facts,
				      .size = mod->inode->facts_size };
	const char *magic;
	size_t length;

	magic = info.size ? modinfo_next(&info, "vermagic", NULL) : NULL;
	length = magic ? strcspn(magic, " ") : 0;
	if (!magic)
		findings_add(f, image, true, in->segment,
			     "/%s: no kernel module", mod->path);
	else if (length != strlen(mod->release) ||
		 strncmp(magic, mod->release, length))
		findings_add(f, image, true, in->segment,
			     "/%s: made for kernel %.*s, to be loaded by %s",
			     mod->path, (int)length, magic, mod->release);
}

static void check_list(struct findings *f, const struct image *image,
		       const struct inserted *in)
{
	bool found = false;

	for (size_t i = 0; i < in->n_modules; i++) {
		const struct inserted_module *mod = &in->modules[i];

		found |= in->kernel && !strcmp(in->kernel, mod->release);
		if (!mod->inode)
			findings_add(f, image, true, in->segment,
				     "/%s is to be loaded, but is missing",
				     mod->path);
		else
			check_release(f, image, in, mod);
	}
	if (in->kernel && !found)
		findings_add(f, image, true, in->segment,
			     "no modules to load for kernel %s, which its"
			     " marker names",
			     in->kernel);
}

static void check_target(struct findings *f, const struct image *image,
			 const struct inserted *in)
{
	char host[ISCSI_HOST_MAX + 1] = "none";
	enum iscsi_host kind;
	uint16_t port;

	/* It is left to the boot. */
	if (!in->target || !strcmp(in->target, "auto"))
		return;
	for (size_t i = 0; i < in->n_settings; i++) {
		if (!strcmp(in->settings[i].key, "target") &&
		    iscsi_portal_read(in->settings[i].value, host, &kind, &port,
				      NULL))
			strcpy(host, "none that is an address");
	}
	if (strcmp(host, in->target))
		findings_add(f, image, true, in->segment,
			     "its marker names the target %s, its settings"
			     " %s",
			     in->target, host);
}

static void check_gaps(struct findings *f, const struct image *image,
		       const struct inserted *in, const struct image_modules *m)
{
	for (size_t i = 0; i < m->n_gaps; i++) {
		const struct module_gap *gap = &m->gaps[i];

		if (!inserted_loads(in, gap->module->inode))
			continue;
		findings_add(f, image, !gap->firmware, in->segment,
			     "/%s %s %s, which is not in the image",
			     gap->module->path,
			     gap->firmware ? "may ask for firmware" :
					     "depends on module",
			     gap->needs);
	}
}

void findings_inserted(struct findings *f, const struct image *image,
		       const struct inserted *in, const struct image_modules *m)
{
	if (!in->found)
		return;
	check_marker(f, image, in);
	check_init(f, image, in);
	check_list(f, image, in);
	check_target(f, image, in);
	check_gaps(f, image, in, m);
	findings_fit(f, image, in, m);
}

static const struct inserted_module *
loaded(const struct inserted *in, const char *kernel, const char *wanted)
{
	for (size_t i = 0; i < in->n_modules; i++) {
		char name[256];

		if (!strcmp(in->modules[i].release, kernel) &&
		    !module_file_name(in->modules[i].path, name,
				      sizeof(name)) &&
		    !strcmp(name, wanted))
			return &in->modules[i];
	}
	return NULL;
}

static void compare(struct findings *f, const struct image *image,
		    const struct inserted *in, const struct modules *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		const struct module *mod = &modules->list[i];
		const struct inserted_module *ours;

		if (mod->action == MODULE_BUILT_IN)
			continue;
		ours = loaded(in, modules->kernel, mod->name);
		if (!ours)
			findings_add(f, image, true, in->segment,
				     "%s is needed by what %s holds, but not"
				     " loaded",
				     mod->name, modules->directory);
		else if (ours->inode &&
			 ours->inode->hash !=
				 hash_of(mod->bytes.data, mod->bytes.size))
			findings_add(f, image, true, in->segment,
				     "/%s is not the one of %s", ours->path,
				     mod->source);
	}
}

int findings_modules(struct findings *f, const struct image *image,
		     const struct inserted *in, const char *directory,
		     struct failure *why)
{
	struct modules modules = { 0 };
	const char **names;
	char(*texts)[256];
	size_t count = 0;
	int err = 0;

	if (!in->found || !in->kernel)
		return fail(why, -ENOENT,
			    "mkinitrd-en has put nothing into the image that"
			    " can be compared with %s",
			    directory);
	names = calloc(in->n_modules + 1, sizeof(*names));
	texts = calloc(in->n_modules + 1, sizeof(*texts));
	if (!names || !texts)
		err = fail(why, -ENOMEM, "out of memory");
	for (size_t i = 0; !err && i < in->n_modules; i++) {
		if (!strcmp(in->modules[i].release, in->kernel) &&
		    !module_file_name(in->modules[i].path, texts[count],
				      sizeof(*texts))) {
			names[count] = texts[count];
			count++;
		}
	}
	if (!err)
		err = modules_resolve(&modules, image, directory, in->kernel,
				      NULL, names, why);
	if (!err)
		compare(f, image, in, &modules);
	modules_free(&modules);
	free(names);
	free(texts);
	return err;
}
