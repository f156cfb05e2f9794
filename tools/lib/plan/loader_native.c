// SPDX-License-Identifier: GPL-2.0-only
/* The modules as the image's own modprobe finds them. */
#include "tools/lib/base/failure.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/modules/module_file.h"
#include "tools/lib/modules/modules.h"
#include "tools/lib/modules/modules_dep.h"
#include "tools/lib/plan/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDEX_SUFFIX ".bin"

static bool needs_it(const struct module *mod, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = mod->needs; *at; at += strcspn(at, ",") + 1) {
		if (!strncmp(at, name, length) && at[length] == ',')
			return true;
	}
	return false;
}

/* What loads last of all that a module needs comes first, as depmod has it. */
static void collect_needs(const struct modules *m, size_t index,
			  const char **needs)
{
	for (size_t i = index; i-- > 0;) {
		const struct module *mod = &m->list[i];

		if (mod->action != MODULE_BUILT_IN &&
		    needs_it(&m->list[index], mod->name))
			*needs++ = mod->name;
	}
	*needs = NULL;
}

static char *path_in_folder(const struct loader *l, const struct module *mod)
{
	char path[TREE_PATH_MAX];
	const char *below;

	if (mod->action == MODULE_SHARE)
		snprintf(path, sizeof(path), "%s", mod->in_image);
	else
		loader_module_path(l, mod->name, path);
	below = module_file_below(path);
	if (!below ||
	    strncmp(below, l->modules->kernel, strlen(l->modules->kernel)))
		return NULL;
	return strdup(below + strlen(l->modules->kernel) + 1);
}

static void free_files(struct modules_dep_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(files[i].path);
		free(files[i].needs);
	}
	free(files);
}

static int list_files(const struct loader *l, struct modules_dep_file **files,
		      size_t *count)
{
	const struct modules *m = l->modules;

	*count = 0;
	*files = calloc(m->count + 1, sizeof(**files));
	if (!*files)
		return -ENOMEM;
	for (size_t i = 0; i < m->count; i++) {
		struct modules_dep_file *f = *files + *count;

		if (m->list[i].action == MODULE_BUILT_IN)
			continue;
		f->name = m->list[i].name;
		f->path = path_in_folder(l, &m->list[i]);
		f->needs = calloc(m->count + 1, sizeof(*f->needs));
		(*count)++;
		if (!f->path || !f->needs)
			return -ENOMEM;
		collect_needs(m, i, f->needs);
	}
	return 0;
}

/* The image's modules.dep, or NULL if it has none. */
static int read_dep(const struct loader *l, const char *path, const char **text,
		    struct failure *why)
{
	const struct overlay none = { 0 };
	const struct inode *inode = tree_lookup(l->image->tree, path, true);

	*text = text_of(l->image, &none, path, NULL);
	if (inode && inode->size && !*text)
		return fail(why, -EFBIG,
			    "/%s is too large, or no text: --load native has"
			    " to write it anew; there is --load wrapper",
			    path);
	return 0;
}

static int add_index(struct overlay *overlay, const char *path,
		     const struct buffer *text, struct failure *why)
{
	struct buffer index = { 0 };
	int err = modules_dep_index((const char *)text->data, &index, why);

	if (!err)
		err = overlay_add(overlay, path, S_IFREG | 0644, index.data,
				  index.size, why);
	buffer_free(&index);
	return err;
}

int loader_native_modules(const struct loader *l, struct overlay *overlay,
			  struct failure *why)
{
	struct modules_dep_file *files = NULL;
	struct buffer text = { 0 };
	char path[TREE_PATH_MAX];
	const char *old;
	size_t count = 0;
	int err;

	if (l->family->native_folder)
		return 0;
	snprintf(path, sizeof(path) - strlen(INDEX_SUFFIX),
		 "lib/modules/%s/modules.dep", l->modules->kernel);
	err = read_dep(l, path, &old, why);
	if (!err && list_files(l, &files, &count))
		err = fail(why, -ENOMEM, "out of memory");
	if (!err)
		err = modules_dep_text(old, files, count, &text, why);
	if (!err && buffer_add_zeros(&text, 1))
		err = fail(why, -ENOMEM, "out of memory");
	if (!err)
		err = overlay_add(overlay, path, S_IFREG | 0644, text.data,
				  text.size - 1, why);
	strcat(path, INDEX_SUFFIX);
	if (!err)
		err = add_index(overlay, path, &text, why);
	free_files(files, count);
	buffer_free(&text);
	return err;
}
