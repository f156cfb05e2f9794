// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/overlay.h"

#include "tools/lib/codec/codec.h"
#include "tools/lib/image/cpio.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An entry to be written, at the path where the kernel really puts it. */
struct item {
	char *path;
	const struct overlay_file *file; /* NULL: a directory */
	bool break_link;
};

struct items {
	struct item *list;
	size_t count;
};

static int no_memory(struct failure *why)
{
	return fail(why, -ENOMEM, "out of memory");
}

static struct overlay_file *new_file(struct overlay *o, const char *path,
				     uint32_t mode, struct failure *why)
{
	struct overlay_file *f;

	for (size_t i = 0; i < o->count; i++) {
		if (!strcmp(o->files[i].path, path)) {
			fail(why, -EEXIST, "%s: written twice", path);
			return NULL;
		}
	}
	f = realloc(o->files, (o->count + 1) * sizeof(*f));
	if (!f) {
		no_memory(why);
		return NULL;
	}
	o->files = f;
	f += o->count;
	memset(f, 0, sizeof(*f));
	f->mode = mode;
	f->path = strdup(path);
	if (!f->path) {
		no_memory(why);
		return NULL;
	}
	o->count++;
	return f;
}

int overlay_add(struct overlay *o, const char *path, uint32_t mode,
		const void *bytes, size_t size, struct failure *why)
{
	struct overlay_file *f = new_file(o, path, mode, why);

	if (!f)
		return -EEXIST;
	/* A NUL behind, which is no part of it: texts are read again */
	if (buffer_add(&f->bytes, bytes, size) ||
	    buffer_add_zeros(&f->bytes, 1))
		return no_memory(why);
	f->bytes.size = size;
	return 0;
}

int overlay_add_device(struct overlay *o, const char *path, uint32_t mode,
		       uint32_t rmajor, uint32_t rminor, struct failure *why)
{
	struct overlay_file *f = new_file(o, path, mode, why);

	if (!f)
		return -EEXIST;
	f->rmajor = rmajor;
	f->rminor = rminor;
	return 0;
}

static int add_item(struct items *items, const char *path,
		    const struct overlay_file *file, struct failure *why)
{
	struct item *more;

	/* Several files want the same missing parent. */
	for (size_t i = 0; i < items->count; i++) {
		if (strcmp(items->list[i].path, path))
			continue;
		if (!file && !items->list[i].file)
			return 0;
		return fail(why, -EEXIST, "%s: written twice", path);
	}
	more = realloc(items->list, (items->count + 1) * sizeof(*more));
	if (!more)
		return no_memory(why);
	items->list = more;
	more += items->count;
	more->path = strdup(path);
	more->file = file;
	more->break_link = false;
	if (!more->path)
		return no_memory(why);
	items->count++;
	return 0;
}

/* Steps from the directory @at down to @name, which is made if missing. */
static int enter(struct items *items, const struct image *image,
		 char at[TREE_PATH_MAX], const char *name, int length,
		 struct failure *why)
{
	char next[2 * TREE_PATH_MAX];
	const struct inode *inode;
	int err;

	snprintf(next, sizeof(next), "%s%s%.*s", at, *at ? "/" : "", length,
		 name);
	if (strlen(next) >= TREE_PATH_MAX)
		return fail(why, -ENAMETOOLONG, "%.80s...: too long", next);
	err = tree_resolve(image->tree, next, true, at);
	if (err == -ENOENT)
		strcpy(at, next); /* below one that is made */
	else if (err)
		return fail(why, err, "%s: the image has no way there: %s",
			    next, strerror(-err));
	inode = tree_lookup(image->tree, at, false);
	if (inode && !S_ISDIR(inode->mode))
		return fail(why, -ENOTDIR, "%s: no directory in the image",
			    next);
	return inode ? 0 : add_item(items, at, NULL, why);
}

static int place_file(struct items *items, const struct image *image,
		      const struct overlay_file *file, struct failure *why)
{
	const char *name = file->path;
	const struct inode *inode;
	char full[2 * TREE_PATH_MAX];
	char at[TREE_PATH_MAX] = "";
	const char *slash;
	int err;

	for (; (slash = strchr(name, '/')); name = slash + 1) {
		err = enter(items, image, at, name, slash - name, why);
		if (err)
			return err;
	}
	snprintf(full, sizeof(full), "%s%s%s", at, *at ? "/" : "", name);
	inode = tree_lookup(image->tree, full, false);
	if (inode && S_ISDIR(inode->mode))
		return fail(why, -EISDIR,
			    "%s: a directory in the image, which no file can"
			    " replace",
			    full);
	err = add_item(items, full, file, why);
	if (err)
		return err;
	/*
	 * Written over, all names of a hard link would change. A file of
	 * another kind in between makes the kernel unlink this name first.
	 */
	items->list[items->count - 1].break_link = inode && inode->names > 1 &&
						   S_ISREG(inode->mode) &&
						   S_ISREG(file->mode);
	return 0;
}

/* By path, so that parents come first; the marker before everything. */
static int compare_items(const void *a, const void *b)
{
	const struct item *x = a;
	const struct item *y = b;
	bool x_marks = !strcmp(x->path, IMAGE_MARKER);
	bool y_marks = !strcmp(y->path, IMAGE_MARKER);

	if (x_marks != y_marks)
		return y_marks - x_marks;
	return strcmp(x->path, y->path);
}

static int write_item(struct buffer *out, const struct item *item,
		      uint32_t *ino, struct failure *why)
{
	struct cpio_entry entry = { .nlink = 1, .name = item->path };
	const struct overlay_file *f = item->file;
	int err;

	if (item->break_link) {
		entry.ino = ++*ino;
		entry.mode = S_IFLNK | 0777;
		entry.size = 1;
		err = cpio_write(out, &entry, ".", why);
		if (err)
			return err;
	}
	entry.ino = ++*ino;
	entry.mode = f ? f->mode : S_IFDIR | 0755;
	entry.size = f ? f->bytes.size : 0;
	entry.rmajor = f ? f->rmajor : 0;
	entry.rminor = f ? f->rminor : 0;
	return cpio_write(out, &entry, f ? f->bytes.data : NULL, why);
}

int overlay_archive(const struct overlay *o, const struct image *image,
		    struct buffer *out, struct failure *why)
{
	struct items items = { 0 };
	uint32_t ino = 0;
	int err = 0;

	for (size_t i = 0; !err && i < o->count; i++)
		err = place_file(&items, image, &o->files[i], why);
	if (!err)
		qsort(items.list, items.count, sizeof(*items.list),
		      compare_items);
	for (size_t i = 0; !err && i < items.count; i++)
		err = write_item(out, &items.list[i], &ino, why);
	if (!err)
		err = cpio_write_trailer(out, why);
	for (size_t i = 0; i < items.count; i++)
		free(items.list[i].path);
	free(items.list);
	return err;
}

const struct codec *overlay_codec(const struct image *image)
{
	const struct codec *codec = &codec_gzip;

	for (size_t i = 0; i < image->n_segments; i++) {
		if (image->segments[i].codec && !image->segments[i].ours)
			codec = image->segments[i].codec;
	}
	return codec;
}

int overlay_verify(const struct overlay *o, const struct image *image,
		   struct failure *why)
{
	for (size_t i = 0; i < o->count; i++) {
		const struct overlay_file *f = &o->files[i];
		const struct inode *inode;

		inode = tree_lookup(image->tree, f->path, false);
		if (!inode || inode->mode != f->mode ||
		    inode->rmajor != f->rmajor || inode->rminor != f->rminor ||
		    inode->size != f->bytes.size ||
		    (f->bytes.size &&
		     inode->hash != hash_of(f->bytes.data, f->bytes.size)))
			return fail(why, -EIO,
				    "read back, %s is not as it was written:"
				    " nothing is changed",
				    f->path);
	}
	return 0;
}

void overlay_free(struct overlay *o)
{
	for (size_t i = 0; i < o->count; i++) {
		free(o->files[i].path);
		buffer_free(&o->files[i].bytes);
	}
	free(o->files);
	memset(o, 0, sizeof(*o));
}
