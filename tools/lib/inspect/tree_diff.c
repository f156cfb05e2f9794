// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/inspect/tree_diff.h"

#include <stdlib.h>
#include <string.h>

static unsigned int compare_content(const struct inode *a,
				    const struct inode *b)
{
	unsigned int found = 0;

	if (S_ISCHR(a->mode) || S_ISBLK(a->mode))
		return a->rmajor != b->rmajor || a->rminor != b->rminor ?
			       TREE_DEVICE :
			       0;
	if (S_ISLNK(a->mode))
		return a->size != b->size || a->hash != b->hash ? TREE_TARGET :
								  0;
	if (!S_ISREG(a->mode))
		return 0;
	if (a->size != b->size)
		found |= TREE_SIZE | TREE_CONTENT;
	if (a->hash != b->hash)
		found |= TREE_CONTENT;
	return found;
}

static unsigned int compare(const struct inode *a, const struct inode *b)
{
	unsigned int found = 0;

	if ((a->mode & 07777) != (b->mode & 07777))
		found |= TREE_MODE;
	if (a->uid != b->uid || a->gid != b->gid)
		found |= TREE_OWNER;
	if ((a->mode & S_IFMT) != (b->mode & S_IFMT))
		return found | TREE_TYPE;
	return found | compare_content(a, b);
}

int tree_diff(const struct tree *a, const struct tree *b,
	      int (*found)(void *ctx, const char *path, const struct inode *old,
			   const struct inode *new, unsigned int differences),
	      void *ctx)
{
	struct tree_path *x = NULL;
	struct tree_path *y = NULL;
	size_t n_x = 0;
	size_t n_y = 0;
	int err;

	err = tree_sorted(a, &x, &n_x);
	if (!err)
		err = tree_sorted(b, &y, &n_y);
	for (size_t i = 0, j = 0; !err && (i < n_x || j < n_y);) {
		int order = i == n_x ? 1 :
			    j == n_y ? -1 :
				       strcmp(x[i].path, y[j].path);
		const struct inode *old = order <= 0 ? x[i].inode : NULL;
		const struct inode *new = order >= 0 ? y[j].inode : NULL;
		unsigned int how = order < 0 ? TREE_REMOVED : TREE_ADDED;

		if (!order)
			how = compare(old, new);
		if (how)
			err = found(ctx, old ? x[i].path : y[j].path, old, new,
				    how);
		i += order <= 0;
		j += order >= 0;
	}
	free(x);
	free(y);
	return err;
}
