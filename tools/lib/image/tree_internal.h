/* SPDX-License-Identifier: GPL-2.0-only */
/* What tree.c, tree_walk.c and tree_enter.c share, and nobody else uses. */
#ifndef TOOLS_LIB_TREE_INTERNAL_H
#define TOOLS_LIB_TREE_INTERNAL_H

#include "tools/lib/image/tree.h"

#define TREE_LINK_BUCKETS 65536U

struct node {
	char *path; /* NULL: never used; a removed node has no inode */
	struct inode *inode;
	unsigned int children;
};

struct link {
	uint32_t major;
	uint32_t minor;
	uint32_t ino;
	uint32_t format;
	uint32_t next; /* in its bucket: index + 1, 0 at the end */
	char *path;
};

struct tree {
	struct node *nodes;
	size_t room; /* a power of two */
	size_t used; /* nodes with a path, the removed ones too */
	struct link *links;
	uint32_t *buckets;
	size_t n_links;
	size_t links_room;
	uint32_t entries;
	struct tree_log lost;
	struct tree_log shadows;
	struct tree_log surprises;
	size_t kept;
	const struct tree_watch *watch;
	/* The file whose body is being read, and what becomes of it */
	struct inode *writing;
	size_t written;
	struct hash hash;
	bool watched;
	bool only_watched; /* its bytes are not kept beyond that */
	char watched_path[TREE_PATH_MAX];
};

/* The node at a path without links on its way, or NULL. */
struct node *tree_find(const struct tree *t, const char *path);

/* The node of the directory that holds @path, or NULL. */
struct node *tree_parent(const struct tree *t, const char *path);

/*
 * Puts a name to an inode, or to a new one of that mode (@made may be NULL);
 * @path is resolved and its parent is there. 0 or -ENOMEM.
 */
int tree_put(struct tree *t, const char *path, struct inode *inode);
int tree_put_new(struct tree *t, const char *path, uint32_t mode,
		 struct inode **made);

/* Takes the name away, and the inode with its last one. */
void tree_drop(struct tree *t, struct node *n);

#endif
