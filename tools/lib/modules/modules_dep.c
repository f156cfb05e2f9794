// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/modules/modules_dep.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/modules/module_file.h"

#include <stdbool.h>
#include <string.h>

static const struct modules_dep_file *find(const struct modules_dep_file *files,
					   size_t count, const char *path,
					   size_t length)
{
	char text[512];
	char name[256];

	if (length >= sizeof(text))
		return NULL;
	memcpy(text, path, length);
	text[length] = '\0';
	if (module_file_name(text, name, sizeof(name)))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(files[i].name, name))
			return &files[i];
	}
	return NULL;
}

/* Where a module of that name is in the text, or NULL. */
static const char *path_in_text(const char *text, const char *wanted,
				size_t *length)
{
	struct modules_dep_file one = { .name = wanted };

	for (const char *line = text; line && *line; line += *line == '\n') {
		*length = strcspn(line, ":\n");
		if (line[*length] == ':' && find(&one, 1, line, *length))
			return line;
		line += strcspn(line, "\n");
	}
	return NULL;
}

static int add_file(struct buffer *out, const char *text,
		    const struct modules_dep_file *files, size_t count,
		    const struct modules_dep_file *file)
{
	int err = buffer_printf(out, "%s:", file->path);

	for (size_t i = 0; !err && file->needs[i]; i++) {
		const char *path = NULL;
		size_t length = 0;

		for (size_t j = 0; j < count && !path; j++) {
			if (!strcmp(files[j].name, file->needs[i]))
				path = files[j].path;
		}
		if (path)
			length = strlen(path);
		else
			path = path_in_text(text, file->needs[i], &length);
		if (path)
			err = buffer_printf(out, " %.*s", (int)length, path);
	}
	return err ? err : buffer_printf(out, "\n");
}

/* A line of another module, its needs led to the new files. */
static int add_line(struct buffer *out, const char *line, size_t size,
		    const struct modules_dep_file *files, size_t count)
{
	size_t at = 0;
	int err = 0;

	while (!err && at < size) {
		size_t length = strcspn(line + at, " :\n");
		const struct modules_dep_file *f =
			at ? find(files, count, line + at, length) : NULL;

		if (f)
			err = buffer_printf(out, "%s", f->path);
		else
			err = buffer_add(out, line + at, length);
		at += length;
		if (!err && at < size)
			err = buffer_add(out, line + at, 1);
		at++;
	}
	return err ? err : buffer_printf(out, "\n");
}

int modules_dep_text(const char *text, const struct modules_dep_file *files,
		     size_t count, struct buffer *out, struct failure *why)
{
	unsigned int number = 0;
	int err = 0;

	for (const char *line = text; !err && line && *line;
	     line += *line == '\n') {
		size_t size = strcspn(line, "\n");
		size_t length = strcspn(line, ":\n");

		number++;
		if (size && line[length] != ':')
			return fail(why, -EBADMSG,
				    "modules.dep, line %u: no PATH: ...",
				    number);
		if (size && !find(files, count, line, length))
			err = add_line(out, line, size, files, count);
		line += size;
	}
	for (size_t i = 0; !err && i < count; i++)
		err = add_file(out, text, files, count, &files[i]);
	return err ? fail(why, err, "out of memory") : 0;
}
