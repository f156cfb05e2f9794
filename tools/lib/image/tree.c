// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/tree_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* usr/default_cpio_list of the kernel */
#define CONSOLE_MAJOR 5
#define CONSOLE_MINOR 1

static void inode_put(struct inode *inode)
{
	if (!inode || --inode->names)
		return;
	free(inode->data);
	free(inode->facts);
	free(inode);
}

static size_t slot_of(const struct tree *t, const char *path)
{
	size_t i = hash_of(path, strlen(path)) & (t->room - 1);

	while (t->nodes[i].path && strcmp(t->nodes[i].path, path))
		i = (i + 1) & (t->room - 1);
	return i;
}

struct node *tree_find(const struct tree *t, const char *path)
{
	struct node *n = &t->nodes[slot_of(t, path)];

	return n->path && n->inode ? n : NULL;
}

static int grow(struct tree *t)
{
	struct tree bigger = *t;

	if (t->used * 4 < t->room * 3)
		return 0;
	bigger.room = t->room * 2;
	bigger.used = 0;
	bigger.nodes = calloc(bigger.room, sizeof(*bigger.nodes));
	if (!bigger.nodes)
		return -ENOMEM;
	for (size_t i = 0; i < t->room; i++) {
		struct node *n = &t->nodes[i];

		if (!n->path)
			continue;
		if (!n->inode) {
			free(n->path);
			continue;
		}
		bigger.nodes[slot_of(&bigger, n->path)] = *n;
		bigger.used++;
	}
	free(t->nodes);
	*t = bigger;
	return 0;
}

struct node *tree_parent(const struct tree *t, const char *path)
{
	const char *slash = strrchr(path, '/');
	char parent[TREE_PATH_MAX];
	size_t length = slash ? slash - path : 0;

	memcpy(parent, path, length);
	parent[length] = '\0';
	return tree_find(t, parent);
}

/* Puts a name to an inode; @path is resolved and its parent is there. */
int tree_put(struct tree *t, const char *path, struct inode *inode)
{
	struct node *parent = tree_parent(t, path);
	struct node *n;

	if (grow(t))
		return -ENOMEM;
	/* grow() may have moved the parent */
	parent = tree_parent(t, path);
	n = &t->nodes[slot_of(t, path)];
	if (!n->path) {
		n->path = strdup(path);
		if (!n->path)
			return -ENOMEM;
		t->used++;
	}
	n->inode = inode;
	n->children = 0;
	inode->names++;
	if (parent && parent != n)
		parent->children++;
	return 0;
}

void tree_drop(struct tree *t, struct node *n)
{
	struct node *parent = tree_parent(t, n->path);

	inode_put(n->inode);
	n->inode = NULL;
	if (parent)
		parent->children--;
}

int tree_put_new(struct tree *t, const char *path, uint32_t mode,
		 struct inode **made)
{
	struct inode *inode = calloc(1, sizeof(*inode));
	int err;

	if (!inode)
		return -ENOMEM;
	inode->mode = mode;
	inode->segment = TREE_OF_KERNEL;
	err = tree_put(t, path, inode);
	if (err)
		free(inode);
	else if (made)
		*made = inode;
	return err;
}

struct tree *tree_new(void)
{
	struct tree *t = calloc(1, sizeof(*t));
	struct inode *console;

	if (!t)
		return NULL;
	t->room = 4096;
	t->nodes = calloc(t->room, sizeof(*t->nodes));
	t->buckets = calloc(TREE_LINK_BUCKETS, sizeof(*t->buckets));
	/* The archive that is built into every kernel has these. */
	if (!t->nodes || !t->buckets ||
	    tree_put_new(t, "", S_IFDIR | 0755, NULL) ||
	    tree_put_new(t, "dev", S_IFDIR | 0755, NULL) ||
	    tree_put_new(t, "dev/console", S_IFCHR | 0600, &console) ||
	    tree_put_new(t, "root", S_IFDIR | 0700, NULL)) {
		tree_free(t);
		return NULL;
	}
	console->rmajor = CONSOLE_MAJOR;
	console->rminor = CONSOLE_MINOR;
	return t;
}

void tree_trailer(struct tree *t)
{
	for (size_t i = 0; i < t->n_links; i++)
		free(t->links[i].path);
	if (t->n_links)
		memset(t->buckets, 0, TREE_LINK_BUCKETS * sizeof(*t->buckets));
	t->n_links = 0;
}

void tree_free(struct tree *t)
{
	if (!t)
		return;
	tree_trailer(t);
	free(t->links);
	free(t->buckets);
	for (size_t i = 0; t->nodes && i < t->room; i++) {
		inode_put(t->nodes[i].inode);
		free(t->nodes[i].path);
	}
	free(t->nodes);
	tree_log_free(&t->lost);
	tree_log_free(&t->shadows);
	tree_log_free(&t->surprises);
	free(t);
}

void tree_set_watch(struct tree *t, const struct tree_watch *watch)
{
	t->watch = watch;
}

int tree_each(const struct tree *t,
	      int (*visit)(void *ctx, const char *path,
			   const struct inode *inode),
	      void *ctx)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < t->room; i++) {
		if (t->nodes[i].path && t->nodes[i].inode)
			ret = visit(ctx, t->nodes[i].path, t->nodes[i].inode);
	}
	return ret;
}

unsigned int tree_lost(const struct tree *t)
{
	return t->lost.count;
}

const struct tree_log *tree_lost_log(const struct tree *t)
{
	return &t->lost;
}

const struct tree_log *tree_shadow_log(const struct tree *t)
{
	return &t->shadows;
}

const struct tree_log *tree_surprise_log(const struct tree *t)
{
	return &t->surprises;
}
