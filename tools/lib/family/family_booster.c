// SPDX-License-Identifier: GPL-2.0-only
/*
 * booster: a static program as /init that loads modules out of one flat folder,
 * by their names, as /etc/booster.init.yaml says. There is no shell.
 */
#include "tools/lib/base/failure.h"
#include "tools/lib/family/early_target.h"
#include "tools/lib/family/family.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/modules/modules.h"

#include <stdio.h>
#include <string.h>

#define CONFIG "etc/booster.init.yaml"
#define FORCED "modulesforceload:"
#define NEEDED "moduledependencies:"

static bool detect(const struct image *image)
{
	return image_has_file(image, CONFIG) && image_has_file(image, "init");
}

/* The line that is this key, of the outermost level; NULL: there is none. */
static const char *find_key(const char *text, const char *key)
{
	for (const char *at = text; *at; at += *at == '\n') {
		if (!strncmp(at, key, strlen(key)))
			return at;
		at += strcspn(at, "\n");
	}
	return NULL;
}

/* Where what belongs to the key begins; its blanks, which siblings share. */
static int find_list(const char *text, const char *key, const char **begin,
		     int *indent, struct failure *why)
{
	const char *line = find_key(text, key);

	*begin = line;
	*indent = 4;
	if (!line)
		return 0;
	line += strlen(key);
	line += strspn(line, " \t\r");
	if (*line != '\n')
		return fail(why, -ENOTSUP,
			    "/" CONFIG ": what stands behind %s is not one a"
			    " line; nothing is changed (there is --load"
			    " wrapper)",
			    key);
	*begin = line + 1;
	*indent = strspn(line + 1, " ");
	return 0;
}

static bool has_child(const char *list, int indent, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list; *at && (int)strspn(at, " ") >= indent;) {
		if ((int)strspn(at, " ") == indent &&
		    !strncmp(at + indent, name, length) &&
		    at[indent + length] == ':')
			return true;
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	return false;
}

/* What loads first is what each of the others waits for. */
static int write_needs(struct buffer *out, const struct modules *m,
		       const char *list, int indent)
{
	const char *before = NULL;
	int err = 0;

	for (size_t i = 0; !err && i < m->count; i++) {
		const char *name = m->list[i].name;

		if (m->list[i].action == MODULE_BUILT_IN)
			continue;
		if (before && !(list && has_child(list, indent, name)))
			err = buffer_printf(out, "%*s%s:\n%*s- %s\n", indent,
					    "", name, indent + 4, "", before);
		before = name;
	}
	return err;
}

static int write_forced(struct buffer *out, const struct modules *m, int indent)
{
	int err = 0;

	for (size_t i = 0; !err && i < m->count; i++) {
		if (m->list[i].action != MODULE_BUILT_IN)
			err = buffer_printf(out, "%*s- %s\n", indent, "",
					    m->list[i].name);
	}
	return err;
}

static int put_in(const struct image *image, struct overlay *overlay,
		  const struct modules *m, const char *key, struct failure *why)
{
	struct buffer out = { 0 };
	const char *text;
	const char *begin;
	size_t size;
	int indent;
	int err;

	text = text_of(image, overlay, CONFIG, &size);
	if (!text)
		return fail(why, -EFBIG,
			    "/" CONFIG " is no text, or too large");
	err = find_list(text, key, &begin, &indent, why);
	if (err)
		return err;
	err = buffer_add(&out, text, begin ? (size_t)(begin - text) : size);
	if (!err && !begin)
		err = buffer_printf(&out, "%s%s\n",
				    size && text[size - 1] != '\n' ? "\n" : "",
				    key);
	if (!err && !strcmp(key, FORCED))
		err = write_forced(&out, m, indent);
	else if (!err)
		err = write_needs(&out, m, begin, indent);
	if (!err && begin)
		err = buffer_add(&out, begin, text + size - begin);
	if (err)
		fail(why, err, "out of memory");
	else
		err = text_replace(image, overlay, CONFIG, &out, why);
	buffer_free(&out);
	return err;
}

static int plan_native(const struct image *image, const struct modules *m,
		       struct overlay *overlay, char hook[TREE_PATH_MAX],
		       struct failure *why)
{
	int err = put_in(image, overlay, m, NEEDED, why);

	strcpy(hook, CONFIG);
	return err ? err : put_in(image, overlay, m, FORCED, why);
}

const struct family family_booster = {
	.name = "booster",
	.detect = detect,
	.iscsi_modules = early_modules,
	.early = true,
	.plan_target = early_target_plan,
	.load = LOAD_WRAPPER,
	.plan_native = plan_native,
	.native_folder = "usr/lib/modules",
};
