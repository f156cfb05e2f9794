/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file tree as it stands when the kernel has unpacked every entry: links
 * followed, hard links shared, later entries over earlier ones, and what the
 * kernel loses lost here too.
 */
#ifndef TOOLS_LIB_TREE_H
#define TOOLS_LIB_TREE_H

#include "tools/lib/base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct cpio_entry;
struct failure;

#define TREE_PATH_MAX 4096

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
	unsigned int segment; /* the one that wrote it last */
};

struct tree;

/* NULL when there is no memory. It begins with what every kernel makes. */
struct tree *tree_new(void);
void tree_free(struct tree *t);

/*
 * One entry of an archive, as cpio_sink hands it on. Entries that the kernel
 * loses (no parent, a name that is taken) are counted by tree_lost.
 * 0, -ENOMEM or -E2BIG.
 */
int tree_begin(struct tree *t, const struct cpio_entry *entry,
	       unsigned int segment, struct failure *why);
int tree_data(struct tree *t, const uint8_t *data, size_t size,
	      struct failure *why);
int tree_end(struct tree *t, struct failure *why);
void tree_trailer(struct tree *t);

unsigned int tree_lost(const struct tree *t);

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

#endif
