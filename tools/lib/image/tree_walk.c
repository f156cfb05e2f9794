// SPDX-License-Identifier: GPL-2.0-only
/* From a path to what is there, links on the way followed. */
#include "tools/lib/image/tree_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_LINKS 40

/* Where a walk stands: what is resolved, and what is still to be walked. */
struct walk {
	char done[TREE_PATH_MAX];
	char todo[TREE_PATH_MAX];
	unsigned int links;
};

/* Puts a link's target in front of what is still to be walked. */
static int follow_link(struct walk *w, const struct inode *link,
		       const char *rest)
{
	char joined[TREE_PATH_MAX];
	int length;

	if (++w->links > MAX_LINKS)
		return -ELOOP;
	length = snprintf(joined, sizeof(joined), "%s/%s",
			  link->data ? (const char *)link->data : "", rest);
	if (length < 0 || (size_t)length >= sizeof(joined))
		return -ENAMETOOLONG;
	if (joined[0] == '/')
		w->done[0] = '\0';
	memcpy(w->todo, joined, length + 1);
	return 0;
}

static void step_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
	else
		path[0] = '\0';
}

/*
 * Takes the first name of what is left. Returns 1 when something is left,
 * 0 at the end.
 */
static int walk_step(const struct tree *t, struct walk *w, bool follow)
{
	char *name = w->todo + strspn(w->todo, "/");
	size_t length = strcspn(name, "/");
	char *rest = name + length + strspn(name + length, "/");
	size_t done = strlen(w->done);
	const struct node *n;

	if (!length)
		return 0;
	if (length > 255)
		return -ENAMETOOLONG;
	n = tree_find(t, w->done);
	if (!n)
		return -ENOENT;
	if (!S_ISDIR(n->inode->mode))
		return -ENOTDIR;
	if (length == 2 && !memcmp(name, "..", 2)) {
		step_up(w->done);
	} else if (length != 1 || name[0] != '.') {
		if (done + length + 2 > sizeof(w->done))
			return -ENAMETOOLONG;
		if (done)
			w->done[done] = '/';
		memcpy(w->done + done + !!done, name, length);
		w->done[done + !!done + length] = '\0';
		n = tree_find(t, w->done);
		if (n && S_ISLNK(n->inode->mode) && (follow || *rest)) {
			w->done[done] = '\0';
			return follow_link(w, n->inode, rest) ?: 1;
		}
	}
	memmove(w->todo, rest, strlen(rest) + 1);
	return 1;
}

int tree_resolve(const struct tree *t, const char *path, bool follow,
		 char out[TREE_PATH_MAX])
{
	struct walk w;
	size_t length = strlen(path);
	int more = 1;

	if (length >= sizeof(w.todo))
		return -ENAMETOOLONG;
	w.done[0] = '\0';
	w.links = 0;
	memcpy(w.todo, path, length + 1);
	while (more > 0)
		more = walk_step(t, &w, follow);
	if (!more)
		memcpy(out, w.done, strlen(w.done) + 1);
	return more;
}

const struct inode *tree_lookup(const struct tree *t, const char *path,
				bool follow)
{
	char resolved[TREE_PATH_MAX];
	const struct node *n;

	if (tree_resolve(t, path, follow, resolved))
		return NULL;
	n = tree_find(t, resolved);
	return n ? n->inode : NULL;
}

unsigned int tree_children(const struct tree *t, const char *path)
{
	char resolved[TREE_PATH_MAX];
	const struct node *n;

	if (tree_resolve(t, path, true, resolved))
		return 0;
	n = tree_find(t, resolved);
	return n ? n->children : 0;
}
