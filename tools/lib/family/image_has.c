// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/family/image_has.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/modules/modules.h"
#include "tools/lib/plan/loader.h"

#include <stdio.h>
#include <string.h>

static bool is_kind(const struct image *image, const char *path, uint32_t kind)
{
	const struct inode *inode = tree_lookup(image->tree, path, true);

	return inode && (inode->mode & S_IFMT) == kind;
}

bool image_has_file(const struct image *image, const char *path)
{
	return is_kind(image, path, S_IFREG);
}

bool image_has_directory(const struct image *image, const char *path)
{
	return is_kind(image, path, S_IFDIR);
}

bool image_has_program(const struct image *image, const char *name, char *path,
		       size_t room)
{
	static const char *const folders[] = { "sbin", "usr/sbin", "bin",
					       "usr/bin" };
	char found[128];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(found, sizeof(found), "/%s/%s", folders[i], name);
		if (!image_has_file(image, found + 1))
			continue;
		if (path)
			snprintf(path, room, "%s", found);
		return true;
	}
	return false;
}

bool image_init_is_script(const struct image *image)
{
	const struct inode *init;

	/* Behind our own program, where that has been put in */
	init = tree_lookup(image->tree, LOADER_DIRECTORY "/init", true);
	if (!init)
		init = tree_lookup(image->tree, "init", true);
	return init && init->data && S_ISREG(init->mode) &&
	       !strncmp((const char *)init->data, "#!", 2);
}

/* By the path where the kernel would put it: links lead several names there. */
static struct overlay_file *
find(const struct image *image, const struct overlay *overlay, const char *path)
{
	char wanted[TREE_PATH_MAX];
	char here[TREE_PATH_MAX];

	if (tree_resolve(image->tree, path, true, wanted))
		snprintf(wanted, sizeof(wanted), "%s", path);
	for (size_t i = 0; i < overlay->count; i++) {
		struct overlay_file *f = &overlay->files[i];

		if (tree_resolve(image->tree, f->path, true, here))
			snprintf(here, sizeof(here), "%s", f->path);
		if (!strcmp(here, wanted))
			return f;
	}
	return NULL;
}

const char *text_of(const struct image *image, const struct overlay *overlay,
		    const char *path, size_t *size)
{
	const struct overlay_file *f = find(image, overlay, path);
	const struct inode *inode;
	const char *text;
	size_t length;

	if (f) {
		text = (const char *)f->bytes.data;
		length = f->bytes.size;
	} else {
		inode = tree_lookup(image->tree, path, true);
		if (!inode || !S_ISREG(inode->mode))
			return NULL;
		text = (const char *)inode->data;
		length = inode->size;
	}
	if (!text || memchr(text, '\0', length))
		return NULL;
	if (size)
		*size = length;
	return text;
}

int text_replace(const struct image *image, struct overlay *overlay,
		 const char *path, const struct buffer *text,
		 struct failure *why)
{
	struct overlay_file *f = find(image, overlay, path);
	const struct inode *inode = tree_lookup(image->tree, path, true);
	char resolved[TREE_PATH_MAX];
	uint32_t mode = inode && S_ISREG(inode->mode) ? inode->mode :
							S_IFREG | 0644;

	if (f) {
		f->bytes.size = 0;
		if (buffer_add(&f->bytes, text->data, text->size) ||
		    buffer_add_zeros(&f->bytes, 1))
			return fail(why, -ENOMEM, "out of memory");
		f->bytes.size--;
		return 0;
	}
	if (tree_resolve(image->tree, path, true, resolved))
		snprintf(resolved, sizeof(resolved), "%s", path);
	return overlay_add(overlay, resolved, mode, text->data, text->size,
			   why);
}

static bool has_line(const char *text, const char *line)
{
	size_t size = strlen(line);

	for (const char *at = text; at && *at; at += *at == '\n') {
		if (!strncmp(at, line, size))
			return true;
		at += strcspn(at, "\n");
	}
	return false;
}

int text_append(const struct image *image, struct overlay *overlay,
		const char *path, const char *line, struct failure *why)
{
	struct buffer out = { 0 };
	const char *text;
	size_t size = 0;
	int err;

	text = text_of(image, overlay, path, &size);
	if (!text && tree_lookup(image->tree, path, true))
		return fail(why, -EFBIG, "/%s is no text, or too large", path);
	if (has_line(text, line))
		return 0;
	err = buffer_add(&out, text, size);
	if (!err && size && text[size - 1] != '\n')
		err = buffer_add(&out, "\n", 1);
	if (!err)
		err = buffer_add(&out, line, strlen(line));
	if (err)
		fail(why, err, "out of memory");
	else
		err = text_replace(image, overlay, path, &out, why);
	buffer_free(&out);
	return err;
}

int modules_names(const struct modules *modules, const char *between,
		  struct buffer *text)
{
	const char *before = "";
	int err = 0;

	for (size_t i = 0; !err && i < modules->count; i++) {
		if (modules->list[i].action == MODULE_BUILT_IN)
			continue;
		err = buffer_printf(text, "%s%s", before,
				    modules->list[i].name);
		before = between;
	}
	return err;
}

int modules_append(const struct image *image, struct overlay *overlay,
		   const char *path, const struct modules *modules,
		   struct failure *why)
{
	char line[256];
	int err = 0;

	for (size_t i = 0; !err && i < modules->count; i++) {
		if (modules->list[i].action == MODULE_BUILT_IN)
			continue;
		snprintf(line, sizeof(line), "%s\n", modules->list[i].name);
		err = text_append(image, overlay, path, line, why);
	}
	return err;
}
