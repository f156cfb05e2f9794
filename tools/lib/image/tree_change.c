// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/tree_internal.h"

#include <errno.h>
#include <string.h>

int tree_remove(struct tree *t, const char *path)
{
	char resolved[TREE_PATH_MAX];
	struct node *n;
	size_t length;

	if (tree_resolve(t, path, false, resolved))
		return -ENOENT;
	length = strlen(resolved);
	n = tree_find(t, resolved);
	if (!n)
		return -ENOENT;
	if (!length)
		return -EBUSY;
	for (size_t i = 0; n->children && i < t->room; i++) {
		struct node *below = &t->nodes[i];

		if (below->path && below->inode &&
		    !strncmp(below->path, resolved, length) &&
		    below->path[length] == '/')
			tree_drop(t, below);
	}
	tree_drop(t, n);
	return 0;
}

int tree_rename(struct tree *t, const char *from, const char *to)
{
	char old[TREE_PATH_MAX];
	char new[TREE_PATH_MAX];
	struct node *n;
	int err;

	err = tree_resolve(t, from, false, old);
	if (!err)
		err = tree_resolve(t, to, false, new);
	if (err)
		return err;
	n = tree_find(t, old);
	if (!n || !tree_parent(t, new))
		return -ENOENT;
	if (S_ISDIR(n->inode->mode))
		return -EISDIR;
	if (tree_find(t, new))
		return -EEXIST;
	err = tree_put(t, new, n->inode);
	/* tree_put() may have moved the node */
	if (!err)
		tree_drop(t, tree_find(t, old));
	return err;
}
