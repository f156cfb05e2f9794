// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/inspect/inserted.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/rebuilt.h"
#include "tools/lib/plan/loader.h"
#include "tools/lib/plan/new_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than initrd/init.c reads of any list */
#define MODULES_MAX 4096
#define SETTINGS LOADER_DIRECTORY "/target"

/* Everything else may be a secret one day: it is named, not told. */
static const char *const told[] = {
	"target",	"target2",     "name", "lun",  "initiator",
	"ip",		"device_port", "mac",  "vlan", "mtu",
	"link_timeout", "timeout",     "ibft",
};

/* The rest of the line that begins with @key and a blank; NULL: none. */
static char *marker_value(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = text; *line; line += *line == '\n') {
		size_t size = strcspn(line, "\n");

		if (size > length && !strncmp(line, key, length) &&
		    line[length] == ' ')
			return strndup(line + length + 1, size - length - 1);
		line += size;
	}
	return NULL;
}

static void read_marker(struct inserted *in, const char *text)
{
	char *base = marker_value(text, "base-size");

	in->has_base = base && sscanf(base, "%llu", &in->base_size) == 1;
	free(base);
	in->version = marker_value(text, "mkinitrd-en");
	in->kernel = marker_value(text, "kernel");
	in->target = marker_value(text, "iscsi-target");
	in->load = marker_value(text, "load");
	in->hook = marker_value(text, "hook");
}

static int add_module(struct inserted *in, const struct image *image,
		      const char *path, size_t length, const char *release,
		      size_t release_length)
{
	struct inserted_module *m;

	if (in->n_modules == MODULES_MAX)
		return 0;
	m = realloc(in->modules, (in->n_modules + 1) * sizeof(*m));
	if (!m)
		return -ENOMEM;
	in->modules = m;
	m += in->n_modules;
	m->path = strndup(path, length);
	m->release = strndup(release, release_length);
	if (!m->path || !m->release) {
		free(m->path);
		free(m->release);
		return -ENOMEM;
	}
	m->inode = tree_lookup(image->tree, m->path, true);
	in->n_modules++;
	return 0;
}

/* LOADER_DIRECTORY/RELEASE/load: a path a line */
static int read_list(struct inserted *in, const struct image *image,
		     const struct tree_path *p)
{
	static const char begin[] = LOADER_DIRECTORY "/";
	const char *release = p->path + strlen(begin);
	const char *line = (const char *)p->inode->data;
	size_t length;
	int err = 0;

	if (strncmp(p->path, begin, strlen(begin)) || !line)
		return 0;
	length = strcspn(release, "/");
	if (strcmp(release + length, "/load"))
		return 0;
	for (; !err && *line; line += *line == '\n') {
		size_t size = strcspn(line, "\n");
		size_t slashes = strspn(line, "/");

		if (size > slashes)
			err = add_module(in, image, line + slashes,
					 size - slashes, release, length);
		line += size;
	}
	return err;
}

static bool may_be_told(const char *key, size_t length)
{
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		if (strlen(told[i]) == length && !strncmp(key, told[i], length))
			return true;
	}
	return false;
}

static int add_setting(struct inserted *in, const char *line, size_t size)
{
	const char *equals = memchr(line, '=', size);
	struct inserted_setting *s;
	size_t key;

	if (!equals || equals + 1 == line + size)
		return 0; /* empty: to be found out at boot */
	key = equals - line;
	s = realloc(in->settings, (in->n_settings + 1) * sizeof(*s));
	if (!s)
		return -ENOMEM;
	in->settings = s;
	s += in->n_settings;
	s->value = NULL;
	s->key = strndup(line, key);
	if (may_be_told(line, key))
		s->value = strndup(equals + 1, size - key - 1);
	if (!s->key)
		return -ENOMEM;
	in->n_settings++;
	return 0;
}

static int read_settings(struct inserted *in, const struct image *image)
{
	const struct inode *inode = tree_lookup(image->tree, SETTINGS, true);
	const char *line = inode ? (const char *)inode->data : NULL;
	int err = 0;

	for (; !err && line && *line; line += *line == '\n') {
		size_t size = strcspn(line, "\n");

		err = add_setting(in, line, size);
		line += size;
	}
	return err;
}

/* The marker's text, and where it stands; NULL: there is none. */
static const char *find_marker(struct inserted *in, const struct image *image)
{
	const struct inode *mark;

	if (image->has_own) {
		for (size_t i = 0; i < image->n_segments; i++)
			in->segment = image->segments[i].ours ? i : in->segment;
		return (const char *)image->own_marker.data;
	}
	mark = tree_lookup(image->tree,
			   rebuilt(image) ? IMAGE_MARKER : NEW_IMAGE_MARK,
			   false);
	if (!mark || !S_ISREG(mark->mode) || !mark->data)
		return NULL;
	in->whole = true;
	in->segment = mark->segment;
	return (const char *)mark->data;
}

int inserted_read(struct inserted *in, const struct image *image,
		  struct failure *why)
{
	struct tree_path *paths;
	const char *marker;
	size_t count;
	int err;

	memset(in, 0, sizeof(*in));
	marker = find_marker(in, image);
	if (!marker)
		return 0;
	in->found = true;
	read_marker(in, marker);
	err = tree_sorted(image->tree, &paths, &count);
	for (size_t i = 0; !err && i < count; i++)
		err = read_list(in, image, &paths[i]);
	free(paths);
	if (!err)
		err = read_settings(in, image);
	return err ? fail(why, err, "out of memory") : 0;
}

void inserted_free(struct inserted *in)
{
	for (size_t i = 0; i < in->n_modules; i++) {
		free(in->modules[i].path);
		free(in->modules[i].release);
	}
	for (size_t i = 0; i < in->n_settings; i++) {
		free(in->settings[i].key);
		free(in->settings[i].value);
	}
	free(in->modules);
	free(in->settings);
	free(in->version);
	free(in->kernel);
	free(in->target);
	free(in->load);
	free(in->hook);
	memset(in, 0, sizeof(*in));
}

bool inserted_loads(const struct inserted *in, const struct inode *file)
{
	for (size_t i = 0; i < in->n_modules; i++) {
		if (in->modules[i].inode == file)
			return true;
	}
	return false;
}
