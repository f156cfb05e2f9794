/* SPDX-License-Identifier: GPL-2.0-only */
/* The disk behind a session, and the root file system on it. */
#ifndef INITRD_ISCSI_ROOT_DISK_H
#define INITRD_ISCSI_ROOT_DISK_H

#include <stdbool.h>
#include <stddef.h>

struct settings;

#define DISK_NAME_MAX 64

/* Whether there is a session with that target. */
bool disk_has_session(const struct settings *s, const char *sys);

/*
 * The block device (sda) of the LUN, or of the first disk where no LUN is known:
 * there are targets (tgt) whose LUN 0 is never one. False: not there yet.
 */
bool disk_find(const struct settings *s, const char *sys,
	       char name[DISK_NAME_MAX]);

struct root_file_system {
	char name[DISK_NAME_MAX]; /* sda, sda2 */
	const char *type; /* as mount wants it */
};

/*
 * Looks through the disk, whole and by partitions, for a file system with an init
 * in it. Each is mounted for a moment, to read only. A disk that has just appeared
 * may not be readable yet, nor its partitions known: it is looked at for up to
 * @timeout seconds. False: none.
 */
bool disk_find_root(const char *disk, const char *sys, unsigned int timeout,
		    struct root_file_system *root);

/*
 * Waits until the disk can be read, and so the kernel knows its partitions.
 * Says if that does not come.
 */
bool disk_wait_readable(const char *disk, const char *sys,
			unsigned int timeout);

/*
 * Mounts it on @folder: to read only, if the kernel's command line (the file)
 * does not say rw. 0 or -errno.
 */
int root_mount(const struct root_file_system *root, const char *folder,
	       const char *command_line);

#endif
