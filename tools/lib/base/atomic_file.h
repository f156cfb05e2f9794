/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that is there whole or not at all: written without a name where the
 * file system can do that, synced, and renamed into its place.
 */
#ifndef TOOLS_LIB_ATOMIC_FILE_H
#define TOOLS_LIB_ATOMIC_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct failure;

struct atomic_file {
	int fd;
	char *path; /* where it will be */
	char *temporary; /* its name until then; NULL while it has none */
};

/*
 * Begins to write what will be @path. @like, if not NULL, gives mode and
 * owner. 0 or -errno with a message.
 */
int atomic_file_begin(struct atomic_file *f, const char *path,
		      const struct stat *like, struct failure *why);

int atomic_file_write(struct atomic_file *f, const void *data, size_t size,
		      struct failure *why);

/* Forgets what was written behind the first @size bytes, and goes on there. */
int atomic_file_cut(struct atomic_file *f, size_t size, struct failure *why);

/* Syncs what was written, so that it can be read back and then trusted. */
int atomic_file_sync(struct atomic_file *f, struct failure *why);

/* Puts it into its place and syncs the directory. 0 or -errno. */
int atomic_file_commit(struct atomic_file *f, struct failure *why);

/* Drops what is not committed; harmless otherwise. */
void atomic_file_end(struct atomic_file *f);

/* All of these for a file whose bytes are at hand. 0 or -errno. */
int atomic_file_put(const char *path, const struct stat *like, const void *data,
		    size_t size, struct failure *why);

/*
 * Keeps @path under the name PATH.orig too, unless that name is taken (then
 * *@kept is false: an older original is there). The caller frees *@backup.
 */
int keep_backup(const char *path, char **backup, bool *kept,
		struct failure *why);

#endif
