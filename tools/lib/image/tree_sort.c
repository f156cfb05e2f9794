// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct collection {
	struct tree_path *list;
	size_t count;
	size_t room;
};

static int collect(void *ctx, const char *path, const struct inode *inode)
{
	struct collection *c = ctx;

	if (!*path)
		return 0;
	if (c->count == c->room) {
		size_t room = c->room ? 2 * c->room : 1024;
		struct tree_path *more;

		more = realloc(c->list, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		c->list = more;
		c->room = room;
	}
	c->list[c->count].path = path;
	c->list[c->count++].inode = inode;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct tree_path *x = a;
	const struct tree_path *y = b;

	return strcmp(x->path, y->path);
}

int tree_sorted(const struct tree *t, struct tree_path **list, size_t *count)
{
	struct collection c = { 0 };

	*list = NULL;
	*count = 0;
	if (tree_each(t, collect, &c)) {
		free(c.list);
		return -ENOMEM;
	}
	if (c.count)
		qsort(c.list, c.count, sizeof(*c.list), compare);
	*list = c.list;
	*count = c.count;
	return 0;
}
