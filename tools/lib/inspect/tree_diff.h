/* SPDX-License-Identifier: GPL-2.0-only */
/* How the kernel's view of one image differs from that of another. */
#ifndef TOOLS_LIB_TREE_DIFF_H
#define TOOLS_LIB_TREE_DIFF_H

#include "tools/lib/image/tree.h"

struct failure;

/* What of a path is not the same */
enum tree_difference {
	TREE_ADDED = 1 << 0,
	TREE_REMOVED = 1 << 1,
	TREE_TYPE = 1 << 2,
	TREE_MODE = 1 << 3,
	TREE_OWNER = 1 << 4,
	TREE_SIZE = 1 << 5,
	TREE_CONTENT = 1 << 6,
	TREE_TARGET = 1 << 7,
	TREE_DEVICE = 1 << 8,
};

/*
 * Calls @found for every path that is not the same in @a and @b, by path;
 * @old or @new is NULL where the path is missing. Times do not count: the
 * kernel need not keep them. 0, -ENOMEM, or what @found returned.
 */
int tree_diff(const struct tree *a, const struct tree *b,
	      int (*found)(void *ctx, const char *path, const struct inode *old,
			   const struct inode *new, unsigned int differences),
	      void *ctx);

#endif
