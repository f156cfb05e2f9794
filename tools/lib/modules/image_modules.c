// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/modules/image_modules.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"
#include "tools/lib/modules/firmware.h"
#include "tools/lib/modules/modinfo.h"
#include "tools/lib/modules/module_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where our own modules are: tools/lib/plan/loader.h */
#define OUR_DIRECTORY "connectx-en/"

/* Appends to a list that is full where its count is a power of 2. */
static void *grow(void *list, size_t count, size_t size)
{
	if (count & (count - 1))
		return list;
	return realloc(list, (count ? 2 * count : 1) * size);
}

static int add_text(char ***list, size_t *count, const char *text)
{
	char **more = grow(*list, *count, sizeof(*more));

	if (!more)
		return -ENOMEM;
	*list = more;
	more[*count] = strdup(text);
	if (!more[*count])
		return -ENOMEM;
	++*count;
	return 0;
}

/* "RELEASE/..." of a path where modules are, or NULL. */
static const char *behind_modules(const char *path)
{
	const char *at = module_file_below(path);

	if (!at && !strncmp(path, OUR_DIRECTORY, strlen(OUR_DIRECTORY)))
		at = path + strlen(OUR_DIRECTORY);
	return at;
}

static int add_module(struct image_modules *m, const struct tree_path *p)
{
	const char *at = behind_modules(p->path);
	struct image_module *mod;
	char name[256];
	int length;

	if (!at || !strchr(at, '/') || !S_ISREG(p->inode->mode) ||
	    module_file_name(p->path, name, sizeof(name)))
		return 0;
	mod = grow(m->list, m->count, sizeof(*mod));
	if (!mod)
		return -ENOMEM;
	m->list = mod;
	mod += m->count;
	length = strcspn(at, "/");
	mod->path = p->path;
	mod->inode = p->inode;
	mod->release = strndup(at, length);
	if (!mod->release ||
	    asprintf(&mod->key, "%s/%s", mod->release, name) < 0) {
		free(mod->release);
		return -ENOMEM;
	}
	mod->name = mod->key + length + 1;
	m->count++;
	if (!p->inode->facts && !module_file_is_plain(p->path))
		m->n_unseen++;
	return add_text(&m->known, &m->n_known, mod->key);
}

/* "kernel/drivers/ptp/ptp.ko", a line each */
static int add_built_in(struct image_modules *m, const struct tree_path *p)
{
	const char *at = module_file_below(p->path);
	const char *line = (const char *)p->inode->data;
	int err = 0;

	if (!at || !line || strcmp(at + strcspn(at, "/"), "/modules.builtin"))
		return 0;
	for (; !err && *line; line += *line == '\n') {
		size_t length = strcspn(line, "\n");
		char path[512];
		char name[256];
		char key[1024];

		snprintf(path, sizeof(path), "%.*s", (int)length, line);
		line += length;
		if (module_file_name(path, name, sizeof(name)))
			continue;
		snprintf(key, sizeof(key), "%.*s/%s", (int)strcspn(at, "/"), at,
			 name);
		err = add_text(&m->known, &m->n_known, key);
	}
	return err;
}

static int add_release(struct image_modules *m, const struct image *image,
		       const struct tree_path *p)
{
	const char *at = module_file_below(p->path);

	if (!at || !*at || strchr(at, '/') || !S_ISDIR(p->inode->mode) ||
	    !tree_children(image->tree, p->path))
		return 0;
	return add_text(&m->releases, &m->n_releases, at);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_known(const struct image_modules *m, const char *release,
		     const char *name, size_t length)
{
	char text[1024];
	const char *key = text;

	snprintf(text, sizeof(text), "%s/%.*s", release, (int)length, name);
	for (char *c = text + strlen(release); *c; c++)
		*c = *c == '-' ? '_' : *c;
	return m->n_known &&
	       bsearch(&key, m->known, m->n_known, sizeof(*m->known), compare);
}

static int add_gap(struct image_modules *m, const struct image_module *mod,
		   const char *needs, size_t length, bool firmware)
{
	struct module_gap *gap = grow(m->gaps, m->n_gaps, sizeof(*gap));

	if (!gap)
		return -ENOMEM;
	m->gaps = gap;
	gap += m->n_gaps;
	gap->module = mod;
	gap->firmware = firmware;
	gap->needs = strndup(needs, length);
	if (!gap->needs)
		return -ENOMEM;
	m->n_gaps++;
	return 0;
}

static int find_gaps(struct image_modules *m, const struct image *image,
		     const struct image_module *mod)
{
	const struct modinfo info = { .text = mod->inode->facts,
				      .size = mod->inode->facts_size };
	const char *word = info.size ? modinfo_next(&info, "depends", NULL) :
				       NULL;
	const char *file = NULL;
	int err = 0;

	while (!err && word && *word) {
		size_t length = strcspn(word, ",");

		if (length && !is_known(m, mod->release, word, length))
			err = add_gap(m, mod, word, length, false);
		word += length + (word[length] == ',');
	}
	while (!err && info.size &&
	       (file = modinfo_next(&info, "firmware", file))) {
		if (!firmware_found(image, mod->release, file))
			err = add_gap(m, mod, file, strlen(file), true);
	}
	return err;
}

int image_modules_find(struct image_modules *m, const struct image *image,
		       struct failure *why)
{
	struct tree_path *paths;
	size_t count;
	int err;

	memset(m, 0, sizeof(*m));
	err = tree_sorted(image->tree, &paths, &count);
	for (size_t i = 0; !err && i < count; i++) {
		err = add_module(m, &paths[i]);
		if (!err)
			err = add_built_in(m, &paths[i]);
		if (!err)
			err = add_release(m, image, &paths[i]);
	}
	free(paths);
	if (m->n_known)
		qsort(m->known, m->n_known, sizeof(*m->known), compare);
	for (size_t i = 0; !err && i < m->count; i++)
		err = find_gaps(m, image, &m->list[i]);
	return err ? fail(why, err, "out of memory") : 0;
}

static void free_texts(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

void image_modules_free(struct image_modules *m)
{
	for (size_t i = 0; i < m->count; i++) {
		free(m->list[i].key);
		free(m->list[i].release);
	}
	for (size_t i = 0; i < m->n_gaps; i++)
		free(m->gaps[i].needs);
	free(m->list);
	free(m->gaps);
	free_texts(m->known, m->n_known);
	free_texts(m->releases, m->n_releases);
	memset(m, 0, sizeof(*m));
}
