/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file tree as it stands when the kernel has unpacked every entry: links
 * followed, hard links shared, later entries over earlier ones, and what the
 * kernel loses lost here too.
 */
#ifndef TOOLS_LIB_TREE_H
#define TOOLS_LIB_TREE_H

#include "tools/lib/base/hash.h"
#include "tools/lib/image/tree_log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct cpio_entry;
struct failure;

#define TREE_PATH_MAX 4096
/* In place of a segment: made by the kernel itself */
#define TREE_OF_KERNEL (~0U)

struct inode {
	uint32_t mode;
	uint32_t names; /* how many paths lead here */
	uint32_t rmajor;
	uint32_t rminor;
	uint32_t uid;
	uint32_t gid;
	uint32_t mtime;
	/*
	 * Which call of tree_begin gave it its contents, from 1 on; 0: it is
	 * one of those that the kernel makes
	 */
	uint32_t entry;
	uint64_t size;
	uint64_t hash;
	/* A link's target, or a file's bytes if they were kept; ends in NUL */
	uint8_t *data;
	/* What a tree_watch noted of the file; freed with the inode */
	char *facts;
	size_t facts_size;
	unsigned int segment; /* the one that wrote it last */
};

/*
 * Somebody who wants to see files whole as they go by: those for which @wants
 * says so are held in memory, one at a time, and shown to @look.
 */
struct tree_watch {
	void *ctx;
	bool (*wants)(void *ctx, const char *path, uint64_t size);
	/* The file's bytes are inode->data; facts may be set. 0 or -errno. */
	int (*look)(void *ctx, const char *path, struct inode *inode,
		    struct failure *why);
};

struct tree;

/* NULL when there is no memory. It begins with what every kernel makes. */
struct tree *tree_new(void);
void tree_free(struct tree *t);

/* Has the files that follow shown to @watch, which stays the caller's. */
void tree_set_watch(struct tree *t, const struct tree_watch *watch);

/*
 * One entry of an archive, as cpio_sink hands it on. Entries that the kernel
 * loses (no parent, a name that is taken) are noted in tree_lost_log.
 * 0, -ENOMEM or -E2BIG.
 */
int tree_begin(struct tree *t, const struct cpio_entry *entry,
	       unsigned int segment, struct failure *why);
int tree_data(struct tree *t, const uint8_t *data, size_t size,
	      struct failure *why);
int tree_end(struct tree *t, struct failure *why);
void tree_trailer(struct tree *t);

/* An entry that the kernel passes over; @entry->name may be NULL. */
void tree_skip(struct tree *t, const struct cpio_entry *entry,
	       unsigned int segment, const char *reason);

unsigned int tree_lost(const struct tree *t);

/*
 * Which entries were lost (the first 100, and the count of all), which paths
 * were written over by a later entry, and what happened that hardly anybody
 * wants: a link that a directory replaced, names that changed with another.
 */
const struct tree_log *tree_lost_log(const struct tree *t);
const struct tree_log *tree_shadow_log(const struct tree *t);
const struct tree_log *tree_surprise_log(const struct tree *t);

/*
 * Writes the path with every link but (unless @follow) the last resolved,
 * without a slash in front. 0; -ENOENT when a directory on the way is
 * missing (the last name may be); -ENOTDIR, -ELOOP, -ENAMETOOLONG.
 */
int tree_resolve(const struct tree *t, const char *path, bool follow,
		 char out[TREE_PATH_MAX]);

/* What is at a path, links followed on request, or NULL. */
const struct inode *tree_lookup(const struct tree *t, const char *path,
				bool follow);

/*
 * Takes a path, and all below it, out of the tree. 0, -ENOENT, -EBUSY (the
 * root itself).
 */
int tree_remove(struct tree *t, const char *path);

/*
 * Gives what is at @from, no directory, the name @to, where nothing is yet.
 * 0, -ENOENT, -EISDIR, -EEXIST, -ENOMEM or as tree_resolve.
 */
int tree_rename(struct tree *t, const char *from, const char *to);

/* How many names a directory holds (0 for anything else). */
unsigned int tree_children(const struct tree *t, const char *path);

/*
 * Calls @visit for every path in an order of no meaning, until it returns
 * other than 0; returns that.
 */
int tree_each(const struct tree *t,
	      int (*visit)(void *ctx, const char *path,
			   const struct inode *inode),
	      void *ctx);

struct tree_path {
	const char *path;
	const struct inode *inode;
};

/*
 * All paths but the root, by strcmp. The caller frees *@list; what it points
 * to is the tree's. 0 or -ENOMEM.
 */
int tree_sorted(const struct tree *t, struct tree_path **list, size_t *count);

#endif
