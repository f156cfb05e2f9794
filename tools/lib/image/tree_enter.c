// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel does with each entry of an archive. */
#include "tools/lib/base/failure.h"
#include "tools/lib/image/cpio.h"
#include "tools/lib/image/tree_internal.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ENTRIES 4000000U
/* Contents are kept of small text files only, and of so many bytes in all. */
#define KEEP_FILE_MAX (1U << 20)
#define KEEP_TOTAL_MAX (32U << 20)
/* A program as /init (booster's is written in Go), which has to be moved */
#define KEEP_INIT_MAX (16U << 20)
#define LOST_KEPT 100
#define SHADOWS_KEPT 65536

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
	struct node *n = tree_find(t, path);

	if (n && (n->inode->mode & S_IFMT) != (mode & S_IFMT))
		tree_drop(t, n);
}

static uint32_t *bucket_of(struct tree *t, const struct cpio_entry *e)
{
	return &t->buckets[e->ino % TREE_LINK_BUCKETS];
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
	first = tree_find(t, l->path);
	here = tree_find(t, path);
	if (!first || first == here)
		return 0;
	note_joined(t, path, first->inode, segment);
	if (here)
		tree_drop(t, here);
	return tree_put(t, path, first->inode) ?: 1;
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
	/* What a rebuilt image was made of, modules too */
	static const char base[] = "connectx-en/base/";
	static const char *const roots[] = {
		"init",		"linuxrc",	"sbin/init", "conf/",
		"config",	"scripts/",	"etc/",	     "boot/",
		"connectx-en/", ".mkinitrd-en",
	};

	if (!strcmp(path, "init"))
		return size <= KEEP_INIT_MAX &&
		       t->kept + size <= KEEP_TOTAL_MAX;
	if (size > KEEP_FILE_MAX || t->kept + size > KEEP_TOTAL_MAX)
		return false;
	if (ends_with(path, ".ko"))
		return !strncmp(path, base, strlen(base));
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		if (!strncmp(path, roots[i], strlen(roots[i])))
			return true;
	}
	/*
	 * What the kernel has in itself: no module of it is missing. And what
	 * modprobe goes by.
	 */
	return ends_with(path, "/modules.builtin") ||
	       ends_with(path, "/modules.dep");
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
	struct node *n = tree_find(t, path);
	struct inode *inode;
	int linked = 0;
	int err = 0;

	if (!S_ISDIR(e->mode) && !S_ISLNK(e->mode))
		linked = maybe_link(t, e, path, segment);
	if (linked < 0)
		return linked;
	n = tree_find(t, path);
	if (n && S_ISLNK(e->mode)) {
		/* symlink() over a link of the same name fails */
		tree_drop(t, n);
		n = NULL;
	}
	if (!n)
		err = tree_put_new(t, path, e->mode, &inode);
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
	old = tree_find(t, path);
	if (old && S_ISDIR(old->inode->mode) && !S_ISDIR(e->mode) &&
	    (old->children || !*path))
		return "a directory with something in it is in the way";
	if (old)
		note_shadow(t, path, old->inode, e, segment);
	clear_way(t, path, e->mode);
	return tree_parent(t, path) ? NULL : "the directory is missing";
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
