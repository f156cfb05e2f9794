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
/* usr/default_cpio_list of the kernel */
#define CONSOLE_MAJOR 5
#define CONSOLE_MINOR 1
#define LOST_KEPT 100
#define SHADOWS_KEPT 65536

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
	inode->segment = TREE_OF_KERNEL;
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
	struct inode *console;

	if (!t)
		return NULL;
	t->room = 4096;
	t->nodes = calloc(t->room, sizeof(*t->nodes));
	t->buckets = calloc(LINK_BUCKETS, sizeof(*t->buckets));
	/* The archive that is built into every kernel has these. */
	if (!t->nodes || !t->buckets || put_new(t, "", S_IFDIR | 0755, NULL) ||
	    put_new(t, "dev", S_IFDIR | 0755, NULL) ||
	    put_new(t, "dev/console", S_IFCHR | 0600, &console) ||
	    put_new(t, "root", S_IFDIR | 0700, NULL)) {
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
	tree_log_free(&t->lost);
	tree_log_free(&t->shadows);
	tree_log_free(&t->surprises);
	free(t);
}

void tree_set_watch(struct tree *t, const struct tree_watch *watch)
{
	t->watch = watch;
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

void tree_skip(struct tree *t, const struct cpio_entry *e, unsigned int segment,
	       const char *reason)
{
	const struct tree_event event = {
		.path = e->name && *e->name ? (char *)e->name : "(no name)",
		.segment = segment,
		.before = segment,
		.reason = reason,
	};

	tree_log_add(&t->lost, LOST_KEPT, &event);
}

/* A later entry takes the place of what was at @path. */
static void note_shadow(struct tree *t, const char *path,
			const struct inode *old, const struct cpio_entry *e,
			unsigned int segment)
{
	struct tree_event event = {
		.path = (char *)path,
		.segment = segment,
		.before = old->segment,
	};

	if (S_ISDIR(old->mode) && S_ISDIR(e->mode))
		return;
	if (old->segment != TREE_OF_KERNEL)
		tree_log_add(&t->shadows, SHADOWS_KEPT, &event);
	if (S_ISLNK(old->mode) && S_ISDIR(e->mode))
		event.reason = "a directory replaces a link: what the link led"
			       " to is no longer found there";
	else if (S_ISREG(old->mode) && S_ISREG(e->mode) && old->names > 1 &&
		 old->segment != segment)
		event.reason = "one name of a hard link is written over: its"
			       " other names change with it";
	if (event.reason)
		tree_log_add(&t->surprises, LOST_KEPT, &event);
}

static void note_joined(struct tree *t, const char *path,
			const struct inode *first, unsigned int segment)
{
	const struct tree_event event = {
		.path = (char *)path,
		.segment = segment,
		.before = first->segment,
		.reason = "becomes a hard link to a file of an earlier segment,"
			  " which ends without " CPIO_TRAILER,
	};

	if (first->segment != segment)
		tree_log_add(&t->surprises, LOST_KEPT, &event);
}

/* What stands in the way and is of another kind goes. */
static void clear_way(struct tree *t, const char *path, uint32_t mode)
{
	struct node *n = find(t, path);

	if (n && (n->inode->mode & S_IFMT) != (mode & S_IFMT))
		drop(t, n);
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
		      const char *path, unsigned int segment)
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
	note_joined(t, path, first->inode, segment);
	if (here)
		drop(t, here);
	return put(t, path, first->inode) ?: 1;
}

static bool ends_with(const char *path, const char *end)
{
	size_t length = strlen(path);
	size_t size = strlen(end);

	return length >= size && !strcmp(path + length - size, end);
}

/* Text that says what an image is; drivers and firmware are not kept. */
static bool worth_keeping(const struct tree *t, const char *path, uint64_t size)
{
	static const char *const roots[] = {
		"init",	    "linuxrc", "sbin/init", "conf/",	    "config",
		"scripts/", "etc/",    "boot/",	    "connectx-en/",
	};

	if (size > KEEP_FILE_MAX || t->kept + size > KEEP_TOTAL_MAX ||
	    ends_with(path, ".ko"))
		return false;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		if (!strncmp(path, roots[i], strlen(roots[i])))
			return true;
	}
	/* What the kernel has in itself: no module of it is missing. */
	return ends_with(path, "/modules.builtin");
}

static int start_body(struct tree *t, struct inode *inode, const char *path,
		      uint64_t size)
{
	bool keep = S_ISLNK(inode->mode) || worth_keeping(t, path, size);

	free(inode->data);
	free(inode->facts);
	inode->data = NULL;
	inode->facts = NULL;
	inode->facts_size = 0;
	inode->size = size;
	t->watched = S_ISREG(inode->mode) && t->watch &&
		     t->watch->wants(t->watch->ctx, path, size);
	t->only_watched = t->watched && !keep;
	if (t->watched)
		strcpy(t->watched_path, path);
	if (keep || t->watched) {
		inode->data = calloc(1, size + 1);
		if (!inode->data)
			return -ENOMEM;
	}
	if (keep)
		t->kept += size;
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
		linked = maybe_link(t, e, path, segment);
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
	if (S_ISREG(e->mode) || S_ISLNK(e->mode))
		return start_body(t, inode, path, e->size);
	return 0;
}

/* Why the kernel loses an entry, or NULL: the way to its name is free. */
static const char *way_to(struct tree *t, const struct cpio_entry *e,
			  unsigned int segment, char path[TREE_PATH_MAX])
{
	const struct node *old;

	switch (tree_resolve(t, e->name, false, path)) {
	case 0:
		break;
	case -ENOTDIR:
		return "something on the way there is no directory";
	case -ELOOP:
		return "links on the way there lead in a circle";
	case -ENAMETOOLONG:
		return "the path is too long";
	default:
		return "the directory is missing";
	}
	old = find(t, path);
	if (old && S_ISDIR(old->inode->mode) && !S_ISDIR(e->mode) &&
	    (old->children || !*path))
		return "a directory with something in it is in the way";
	if (old)
		note_shadow(t, path, old->inode, e, segment);
	clear_way(t, path, e->mode);
	return parent_of(t, path) ? NULL : "the directory is missing";
}

int tree_begin(struct tree *t, const struct cpio_entry *e, unsigned int segment,
	       struct failure *why)
{
	char path[TREE_PATH_MAX];
	const char *lost;

	t->writing = NULL;
	if (++t->entries > MAX_ENTRIES)
		return fail(why, -E2BIG, "more than %u entries", MAX_ENTRIES);
	lost = way_to(t, e, segment, path);
	if (lost) {
		tree_skip(t, e, segment, lost);
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
	struct inode *inode = t->writing;
	int err = 0;

	t->writing = NULL;
	if (!inode)
		return 0;
	inode->hash = hash_value(&t->hash);
	if (t->watched)
		err = t->watch->look(t->watch->ctx, t->watched_path, inode,
				     why);
	if (t->only_watched) {
		free(inode->data);
		inode->data = NULL;
	}
	return err;
}
