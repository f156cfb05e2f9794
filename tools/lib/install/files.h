/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that replace those of the tree on the disk, without a mount. */
#ifndef TOOLS_LIB_INSTALL_FILES_H
#define TOOLS_LIB_INSTALL_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct failure;
struct install;

struct disk_file {
	const char *staged; /* its name in the folder of what is to be written */
	char folder[64]; /* on the disk, from its root */
	char name[300];
	unsigned int mode;
	bool replaces; /* the tree has one of that name */
};

#define DISK_FILES_MAX 4

struct disk_files {
	const char *staging;
	struct disk_file list[DISK_FILES_MAX];
	size_t count;
};

/* Writes what the disk gets into @files->staging. 0 or -errno. */
int disk_files_make(struct disk_files *files, const struct install *install,
		    bool has_initrd, struct failure *why);

/*
 * Puts them into the file system at @target (of the open @fd, if that is
 * PROGRAM_FILE), and reads them back. 0 or -errno.
 */
int disk_files_put(const struct disk_files *files, const char *target, int fd,
		   struct failure *why);

#endif
