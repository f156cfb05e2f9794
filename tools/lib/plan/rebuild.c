// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/plan/rebuild.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/base/hash.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/image/cpio.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/image/rebuilt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t rebuild_early(const struct image *image)
{
	size_t n = 0;

	while (n < image->n_segments && image->segments[n].early)
		n++;
	return n;
}

static int add_item(struct rebuild *r, const struct rebuild_item *item,
		    const char *path)
{
	struct rebuild_item *more;

	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 256;

		more = realloc(r->items, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		r->items = more;
		r->room = room;
	}
	more = &r->items[r->count];
	*more = *item;
	more->path = strdup(path);
	if (!more->path)
		return -ENOMEM;
	r->count++;
	return 0;
}

struct listing {
	struct rebuild *r;
	const struct image *image;
	struct buffer *manifest;
	size_t early;
	size_t ours; /* the first item that is ours */
};

static bool is_made_by_kernel(uint32_t mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) ||
	       S_ISCHR(mode) || S_ISBLK(mode) || S_ISFIFO(mode) ||
	       S_ISSOCK(mode);
}

static int add_old(void *ctx, const char *path, const struct inode *inode)
{
	struct listing *l = ctx;
	const struct rebuild_item item = {
		.inode = inode,
		.bytes = S_ISLNK(inode->mode) ? inode->data : NULL,
		.size = inode->size,
		.hash = inode->hash,
		.mode = inode->mode,
		.uid = inode->uid,
		.gid = inode->gid,
		.mtime = inode->mtime,
		.rmajor = inode->rmajor,
		.rminor = inode->rminor,
	};

	/* Made by every kernel, or still there in the early segments */
	if (!inode->entry || inode->segment < l->early ||
	    !is_made_by_kernel(inode->mode))
		return 0;
	return add_item(l->r, &item, *path ? path : ".");
}

/* What ours replaces moves out of the way, but not out of the archive. */
static int move_old(struct listing *l, const char *path,
		    const struct inode *inode, struct failure *why)
{
	char moved[sizeof(REBUILT_BASE) + 24];

	if (inode->segment < l->early)
		return fail(why, -ENOTSUP,
			    "%s: in the way, in an early segment, which"
			    " --rebuild leaves as it is",
			    path);
	for (size_t i = 0; i < l->ours; i++) {
		struct rebuild_item *item = &l->r->items[i];

		if (strcmp(item->path, path))
			continue;
		snprintf(moved, sizeof(moved), REBUILT_BASE "/%zu",
			 l->r->replaced++);
		free(item->path);
		item->path = strdup(moved);
		if (!item->path)
			return fail(why, -ENOMEM, "out of memory");
		break;
	}
	return 0;
}

static int add_ours(void *ctx, const struct cpio_entry *e, struct failure *why)
{
	const struct rebuild_item item = { .mode = e->mode,
					   .size = e->size,
					   .rmajor = e->rmajor,
					   .rminor = e->rminor };
	struct listing *l = ctx;
	struct rebuild *r = l->r;
	const struct inode *old;
	int err = 0;

	/* The link that breaks a hard link before: nothing to break here */
	if (r->count > l->ours &&
	    !strcmp(r->items[r->count - 1].path, e->name)) {
		char *path = r->items[r->count - 1].path;

		r->items[r->count - 1] = item;
		r->items[r->count - 1].path = path;
		return 0;
	}
	old = tree_lookup(l->image->tree, e->name, false);
	if (old && old->entry)
		err = move_old(l, e->name, old, why);
	if (err)
		return err;
	if (add_item(r, &item, e->name) ||
	    buffer_printf(l->manifest, "%s %s\n",
			  old && old->entry ? "replaced" : "added", e->name))
		return fail(why, -ENOMEM, "out of memory");
	return 0;
}

/* The archive is read in one piece, so a body is too, and stays there. */
static int add_bytes(void *ctx, const uint8_t *data, size_t size,
		     struct failure *why)
{
	struct listing *l = ctx;
	struct rebuild_item *item = &l->r->items[l->r->count - 1];

	item->bytes = data;
	item->hash = hash_of(data, size);
	return 0;
}

static int nothing(void *ctx, struct failure *why)
{
	return 0;
}

static int list_ours(struct listing *l, struct failure *why)
{
	static const struct cpio_sink sink = { .begin = add_ours,
					       .data = add_bytes,
					       .end = nothing,
					       .trailer = nothing };
	const struct buffer *archive = &l->r->archive;
	struct cpio_reader *reader = malloc(sizeof(*reader));
	size_t used;
	int err;

	if (!reader)
		return fail(why, -ENOMEM, "out of memory");
	cpio_reader_init(reader, &sink, l, 0);
	err = cpio_reader_feed(reader, archive->data, archive->size, &used,
			       why);
	free(reader);
	return err;
}

int rebuild_list(struct rebuild *r, const struct image *image,
		 const struct overlay *overlay, struct buffer *manifest,
		 struct failure *why)
{
	const struct rebuild_item folder = { .mode = S_IFDIR | 0755 };
	struct listing l = { .r = r,
			     .image = image,
			     .manifest = manifest,
			     .early = rebuild_early(image) };
	int err;

	r->head = l.early < image->n_segments ?
			  image->segments[l.early].offset :
			  image->end;
	if (tree_lookup(image->tree, REBUILT_BASE, false))
		return fail(why, -EEXIST,
			    "the image has a " REBUILT_BASE
			    " that no --rebuild has made");
	if (buffer_printf(manifest, "rebuilt\n") ||
	    tree_each(image->tree, add_old, &l))
		return fail(why, -ENOMEM, "out of memory");
	l.ours = r->count;
	err = overlay_archive(overlay, image, &r->archive, why);
	if (!err)
		err = list_ours(&l, why);
	if (!err && r->replaced &&
	    (add_item(r, &folder, REBUILT_BASE) ||
	     buffer_printf(manifest, "added %s\n", REBUILT_BASE)))
		err = fail(why, -ENOMEM, "out of memory");
	return err;
}

/*
 * Folders before what is in them, and with one the first entry is not the
 * marker, by which a segment of its own is known; then what is in memory;
 * then the rest in the order in which a second reading finds it, the names of
 * a hard link together.
 */
static int rank(const struct rebuild_item *item)
{
	if (S_ISDIR(item->mode))
		return 0;
	if (!item->inode)
		return 1;
	return !item->size || item->bytes ? 2 : 3;
}

static int compare(const void *a, const void *b)
{
	const struct rebuild_item *x = a;
	const struct rebuild_item *y = b;
	int kind = rank(x);

	if (kind != rank(y))
		return kind - rank(y);
	if (kind > 1 && x->inode->entry != y->inode->entry)
		return x->inode->entry < y->inode->entry ? -1 : 1;
	return strcmp(x->path, y->path);
}

int rebuild_complete(struct rebuild *r, const struct image *image,
		     const struct overlay_file *marker, struct failure *why)
{
	const struct rebuild_item item = {
		.mode = marker->mode,
		.size = marker->bytes.size,
		.bytes = marker->bytes.data,
		.hash = hash_of(marker->bytes.data, marker->bytes.size),
	};

	if (tree_lookup(image->tree, IMAGE_MARKER, false))
		return fail(why, -EEXIST,
			    "the image has a " IMAGE_MARKER
			    " that is not ours");
	if (add_item(r, &item, IMAGE_MARKER))
		return fail(why, -ENOMEM, "out of memory");
	qsort(r->items, r->count, sizeof(*r->items), compare);
	return 0;
}

void rebuild_codec(struct rebuild *r, const struct image *image)
{
	r->codec = &codec_none;
	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *s = &image->segments[i];

		if (!s->codec || s->ours)
			continue;
		r->codec = s->codec;
		r->level =
			codec_level(s->codec, image->data + s->offset, s->size);
	}
}

void rebuild_free(struct rebuild *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->items[i].path);
	free(r->items);
	buffer_free(&r->archive);
	memset(r, 0, sizeof(*r));
}
