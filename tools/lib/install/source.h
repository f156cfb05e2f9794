/* SPDX-License-Identifier: GPL-2.0-only */
/* The tree that a root disk is made of. */
#ifndef TOOLS_LIB_INSTALL_SOURCE_H
#define TOOLS_LIB_INSTALL_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

struct failure;

/* How the tree's owners become those on the disk */
enum source_owners {
	OWNERS_AS_THEY_ARE,
	OWNERS_MINE_ARE_ROOT, /* a plain user's tree */
	OWNERS_SUBORDINATE, /* the same, with others of the user's ids */
};

struct source {
	char *folder; /* links resolved */
	uint64_t bytes; /* of its files, in whole blocks */
	uint64_t files; /* of any type */
	enum source_owners owners;
	/* Of the newest kernel below boot/; NULL: none there */
	char *release;
	char *kernel;
	char *initrd;
};

/*
 * Looks through the tree. What would go wrong in copying it is said: other
 * file systems in it, what cannot be read, no root file system at all.
 * source_free is due in any case. 0 or -errno.
 */
int source_look(struct source *source, const char *folder, struct failure *why);
void source_free(struct source *source);

/* The size of a file system that has room for it and for some more. */
uint64_t source_disk_size(const struct source *source);

/* How many inodes such a file system needs at least. */
uint64_t source_inodes(const struct source *source);

#endif
