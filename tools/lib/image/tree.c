// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/tree.h"

#include "tools/lib/image/cpio.h"
#include "tools/lib/base/failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ENTRIES 4000000U
#define MAX_LINKS 40
#define LINK_BUCKETS 65536U
/* Contents are kept of small text files only, and of so many bytes in all. */
#define KEEP_FILE_MAX (1U << 20)
#define KEEP_TOTAL_MAX (32U << 20)

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
	unsigned int lost;
	size_t kept;
	/* The file whose body is being read, and what becomes of it */
	struct inode *writing;
	size_t written;
	struct hash hash;
};

static void inode_put(struct inode *inode)
{
	if (!inode || --inode->names)
		return;
	free(inode->data);
	free(inode);
}

static size_t slot_of(const struct tree *t, const char *path)
{
	size_t i = hash_of(path, strlen(path)) & (t->room - 1);

	while (t->nodes[i].path && strcmp(t->nodes[i].path, path))
		i = (i + 1) & (t->room - 1);
	return i;
}

static struct node *find(const struct tree *t, const char *path)
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

static struct node *parent_of(const struct tree *t, const char *path)
{
	const char *slash = strrchr(path, '/');
	char parent[TREE_PATH_MAX];
	size_t length = slash ? slash - path : 0;

	memcpy(parent, path, length);
	parent[length] = '\0';
	return find(t, parent);
}

/* Puts a name to an inode; @path is resolved and its parent is there. */
static int put(struct tree *t, const char *path, struct inode *inode)
{
	struct node *parent = parent_of(t, path);
	struct node *n;

	if (grow(t))
		return -ENOMEM;
	/* grow() may have moved the parent */
	parent = parent_of(t, path);
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

static void drop(struct tree *t, struct node *n)
{
	struct node *parent = parent_of(t, n->path);

	inode_put(n->inode);
	n->inode = NULL;
	if (parent)
		parent->children--;
}

static int put_new(struct tree *t, const char *path, uint32_t mode,
		   struct inode **made)
{
	struct inode *inode = calloc(1, sizeof(*inode));
	int err;

	if (!inode)
		return -ENOMEM;
	inode->mode = mode;
	err = put(t, path, inode);
	if (err)
		free(inode);
	else if (made)
		*made = inode;
	return err;
}

struct tree *tree_new(void)
{
	struct tree *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->room = 4096;
	t->nodes = calloc(t->room, sizeof(*t->nodes));
	t->buckets = calloc(LINK_BUCKETS, sizeof(*t->buckets));
	/* The archive that is built into every kernel has these. */
	if (!t->nodes || !t->buckets || put_new(t, "", S_IFDIR | 0755, NULL) ||
	    put_new(t, "dev", S_IFDIR | 0755, NULL) ||
	    put_new(t, "dev/console", S_IFCHR | 0600, NULL) ||
	    put_new(t, "root", S_IFDIR | 0700, NULL)) {
		tree_free(t);
		return NULL;
	}
	return t;
}

void tree_trailer(struct tree *t)
{
	for (size_t i = 0; i < t->n_links; i++)
		free(t->links[i].path);
	if (t->n_links)
		memset(t->buckets, 0, LINK_BUCKETS * sizeof(*t->buckets));
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
	free(t);
}

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
	n = find(t, w->done);
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
		n = find(t, w->done);
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
	n = find(t, resolved);
	return n ? n->inode : NULL;
}

int tree_remove(struct tree *t, const char *path)
{
	char resolved[TREE_PATH_MAX];
	struct node *n;
	size_t length;

	if (tree_resolve(t, path, false, resolved))
		return -ENOENT;
	length = strlen(resolved);
	n = find(t, resolved);
	if (!n)
		return -ENOENT;
	if (!length)
		return -EBUSY;
	for (size_t i = 0; n->children && i < t->room; i++) {
		struct node *below = &t->nodes[i];

		if (below->path && below->inode &&
		    !strncmp(below->path, resolved, length) &&
		    below->path[length] == '/')
			drop(t, below);
	}
	drop(t, n);
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
	n = find(t, old);
	if (!n || !parent_of(t, new))
		return -ENOENT;
	if (S_ISDIR(n->inode->mode))
		return -EISDIR;
	if (find(t, new))
		return -EEXIST;
	err = put(t, new, n->inode);
	/* put() may have moved the node */
	if (!err)
		drop(t, find(t, old));
	return err;
}

unsigned int tree_children(const struct tree *t, const char *path)
{
	char resolved[TREE_PATH_MAX];
	const struct node *n;

	if (tree_resolve(t, path, true, resolved))
		return 0;
	n = find(t, resolved);
	return n ? n->children : 0;
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
	return t->lost;
}

/*
 * What stands in the way and is of another kind goes, but a directory with
 * something in it stays, and then the entry is lost. Returns whether the
 * name is free or of the same kind.
 */
static bool clear_way(struct tree *t, const char *path, uint32_t mode)
{
	struct node *n = find(t, path);

	if (!n || (n->inode->mode & S_IFMT) == (mode & S_IFMT))
		return true;
	if (S_ISDIR(n->inode->mode) && (n->children || !*path))
		return false;
	drop(t, n);
	return true;
}

static uint32_t *bucket_of(struct tree *t, const struct cpio_entry *e)
{
	return &t->buckets[e->ino % LINK_BUCKETS];
}

static struct link *find_link(struct tree *t, const struct cpio_entry *e)
{
	for (uint32_t i = *bucket_of(t, e); i; i = t->links[i - 1].next) {
		struct link *l = &t->links[i - 1];

		if (l->ino == e->ino && l->major == e->major &&
		    l->minor == e->minor && l->format == (e->mode & S_IFMT))
			return l;
	}
	return NULL;
}

static int add_link(struct tree *t, const struct cpio_entry *e,
		    const char *path)
{
	struct link *l;

	if (t->n_links == t->links_room) {
		size_t room = t->links_room ? 2 * t->links_room : 64;

		l = realloc(t->links, room * sizeof(*l));
		if (!l)
			return -ENOMEM;
		t->links = l;
		t->links_room = room;
	}
	l = &t->links[t->n_links];
	l->ino = e->ino;
	l->major = e->major;
	l->minor = e->minor;
	l->format = e->mode & S_IFMT;
	l->path = strdup(path);
	if (!l->path)
		return -ENOMEM;
	l->next = *bucket_of(t, e);
	*bucket_of(t, e) = ++t->n_links;
	return 0;
}

/*
 * The second name of a hard link. 1: done, 0: it is the first name.
 */
static int maybe_link(struct tree *t, const struct cpio_entry *e,
		      const char *path)
{
	struct link *l = e->nlink >= 2 ? find_link(t, e) : NULL;
	struct node *first;
	struct node *here;

	if (e->nlink < 2)
		return 0;
	if (!l)
		return add_link(t, e, path);
	first = find(t, l->path);
	here = find(t, path);
	if (!first || first == here)
		return 0;
	if (here)
		drop(t, here);
	return put(t, path, first->inode) ?: 1;
}

/* Text that says what an image is; drivers and firmware are not kept. */
static bool worth_keeping(const struct tree *t, const char *path, uint64_t size)
{
	static const char *const roots[] = {
		"init",
		"linuxrc",
		"sbin/init",
		"conf/",
		"config",
		"scripts/",
		"etc/",
		"boot/",
		/* Ours: what a rebuilt image was made of */
		".mkinitrd-en",
		"connectx-en/base/",
	};

	if (size > KEEP_FILE_MAX || t->kept + size > KEEP_TOTAL_MAX)
		return false;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		if (!strncmp(path, roots[i], strlen(roots[i])))
			return true;
	}
	return false;
}

static int start_body(struct tree *t, struct inode *inode, const char *path,
		      uint64_t size)
{
	bool keep = S_ISLNK(inode->mode) || worth_keeping(t, path, size);

	free(inode->data);
	inode->data = NULL;
	inode->size = size;
	if (keep) {
		inode->data = calloc(1, size + 1);
		if (!inode->data)
			return -ENOMEM;
		t->kept += size;
	}
	t->writing = inode;
	t->written = 0;
	hash_init(&t->hash);
	return 0;
}

/* A node for the entry: the one that is there, or a new one. */
static int settle(struct tree *t, const struct cpio_entry *e, const char *path,
		  unsigned int segment)
{
	struct node *n = find(t, path);
	struct inode *inode;
	int linked = 0;
	int err = 0;

	if (!S_ISDIR(e->mode) && !S_ISLNK(e->mode))
		linked = maybe_link(t, e, path);
	if (linked < 0)
		return linked;
	n = find(t, path);
	if (n && S_ISLNK(e->mode)) {
		/* symlink() over a link of the same name fails */
		drop(t, n);
		n = NULL;
	}
	if (!n)
		err = put_new(t, path, e->mode, &inode);
	else
		inode = n->inode;
	if (err)
		return err;
	inode->mode = e->mode;
	inode->rmajor = e->rmajor;
	inode->rminor = e->rminor;
	inode->uid = e->uid;
	inode->gid = e->gid;
	inode->mtime = e->mtime;
	inode->segment = segment;
	if (S_ISREG(e->mode) && linked && !e->size)
		return 0;
	inode->entry = t->entries;
	if (S_ISREG(e->mode) || S_ISLNK(e->mode))
		return start_body(t, inode, path, e->size);
	return 0;
}

int tree_begin(struct tree *t, const struct cpio_entry *e, unsigned int segment,
	       struct failure *why)
{
	char path[TREE_PATH_MAX];
	int err;

	t->writing = NULL;
	if (++t->entries > MAX_ENTRIES)
		return fail(why, -E2BIG, "more than %u entries", MAX_ENTRIES);
	err = tree_resolve(t, e->name, false, path);
	if (err || !clear_way(t, path, e->mode) || !parent_of(t, path)) {
		t->lost++;
		return 0;
	}
	if (settle(t, e, path, segment))
		return fail(why, -ENOMEM, "out of memory");
	return 0;
}

int tree_data(struct tree *t, const uint8_t *data, size_t size,
	      struct failure *why)
{
	if (!t->writing)
		return 0;
	if (t->writing->data)
		memcpy(t->writing->data + t->written, data, size);
	t->written += size;
	hash_add(&t->hash, data, size);
	return 0;
}

int tree_end(struct tree *t, struct failure *why)
{
	if (t->writing)
		t->writing->hash = hash_value(&t->hash);
	t->writing = NULL;
	return 0;
}
