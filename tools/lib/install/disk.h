/* SPDX-License-Identifier: GPL-2.0-only */
/* The disk that a root file system is made on. */
#ifndef TOOLS_LIB_INSTALL_DISK_H
#define TOOLS_LIB_INSTALL_DISK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct failure;

enum disk_kind {
	DISK_NEW, /* a file that is not there yet */
	DISK_FILE,
	DISK_DEVICE, /* a block device */
};

struct disk {
	char *path; /* links resolved */
	enum disk_kind kind;
	struct stat st; /* all zeroes if it is new */
	uint64_t size; /* a device's, else what the file has now */
};

/*
 * Looks at what @path leads to. What is mounted, or used otherwise, is refused;
 * what holds data only without @force. disk_free is due in any case. 0 or
 * -errno.
 */
int disk_look(struct disk *disk, const char *path, bool force,
	      struct failure *why);
void disk_free(struct disk *disk);

#endif
