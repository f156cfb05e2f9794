// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"
#include "tools/lib/plan/rebuild.h"

#include <string.h>

/* Names of the same file stand together. */
static uint32_t names_of(const struct rebuild *r, size_t at)
{
	const struct inode *inode = r->items[at].inode;
	size_t begin = at;
	size_t end = at + 1;

	if (!inode || S_ISDIR(inode->mode))
		return 1;
	while (begin && r->items[begin - 1].inode == inode)
		begin--;
	while (end < r->count && r->items[end].inode == inode)
		end++;
	return end - begin;
}

static bool is_the_same(const struct rebuild_item *item, uint32_t names,
			const struct inode *inode)
{
	return inode && inode->mode == item->mode && inode->uid == item->uid &&
	       inode->gid == item->gid && inode->mtime == item->mtime &&
	       inode->rmajor == item->rmajor && inode->rminor == item->rminor &&
	       inode->size == item->size && inode->names == names &&
	       (!item->size || inode->hash == item->hash);
}

struct count {
	size_t early;
	size_t n;
};

static int count_one(void *ctx, const char *path, const struct inode *inode)
{
	struct count *c = ctx;

	c->n += inode->entry && inode->segment >= c->early;
	return 0;
}

static int compare(const struct rebuild *r, const struct image *again,
		   struct failure *why)
{
	struct count c = { .early = rebuild_early(again) };

	for (size_t i = 0; i < r->count; i++) {
		const struct rebuild_item *item = &r->items[i];

		if (!is_the_same(item, names_of(r, i),
				 tree_lookup(again->tree, item->path, false)))
			return fail(why, -EIO,
				    "read back, %s is not as it was written:"
				    " nothing is changed",
				    item->path);
	}
	tree_each(again->tree, count_one, &c);
	if (c.n != r->count)
		return fail(why, -EIO,
			    "read back, it holds %zu files and not %zu:"
			    " nothing is changed",
			    c.n, r->count);
	return 0;
}

int rebuild_verify(const struct rebuild *r, const struct image *image,
		   const uint8_t *data, size_t size, struct failure *why)
{
	struct image again = { 0 };
	size_t rest = image->size - image->end;
	int err;

	if (size < r->head + rest || memcmp(data, image->data, r->head) ||
	    memcmp(data + size - rest, image->data + image->end, rest))
		return fail(why, -EIO, "the copy differs from the original");
	err = image_read(&again, data, size, why);
	if (!err)
		err = compare(r, &again, why);
	image_free(&again);
	return err;
}
