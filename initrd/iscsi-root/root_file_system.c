// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/disk.h"

#include "initrd/iscsi-root/say.h"
#include "initrd/iscsi-root/seconds.h"
#include "initrd/iscsi-root/text_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MOUNT_POINT "/connectx-en/root"
#define PARTITIONS_MAX 128
#define MAGIC_MAX 8

/* Where a file system says what it is */
static const struct magic {
	const char *type;
	off_t offset;
	size_t size;
	const char *bytes;
	const char *options; /* to look at it without writing */
} magics[] = {
	{ "ext4", 0x438, 2, "\x53\xef", "noload" },
	{ "xfs", 0, 4, "XFSB", "norecovery" },
	{ "btrfs", 0x10040, 8, "_BHRfS_M", "" },
	{ "f2fs", 0x400, 4, "\x10\x20\xf5\xf2", "norecovery" },
	{ "erofs", 0x400, 4, "\xe2\xe1\xf5\xe0", "" },
	{ "squashfs", 0, 4, "hsqs", "" },
};

/* Without a device file in /dev (no devtmpfs there), one of our own. */
static bool device_file(const char *sys, const char *name, char path[PATH_MAX])
{
	unsigned int major_number;
	unsigned int minor_number;
	char text[24];

	text_format(path, PATH_MAX, "/dev/%s", name);
	if (!access(path, F_OK))
		return true;
	if (!text_file_line(text, sizeof(text), "%s/class/block/%s/dev", sys,
			    name) ||
	    sscanf(text, "%u:%u", &major_number, &minor_number) != 2)
		return false;
	return !mknod(path, S_IFBLK | 0600,
		      makedev(major_number, minor_number));
}

static const struct magic *what_is_on(const char *device)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	const struct magic *found = NULL;
	char bytes[MAGIC_MAX];

	for (size_t i = 0;
	     fd >= 0 && !found && i < sizeof(magics) / sizeof(magics[0]); i++) {
		const struct magic *m = &magics[i];

		if (pread(fd, bytes, m->size, m->offset) == (ssize_t)m->size &&
		    !memcmp(bytes, m->bytes, m->size))
			found = m;
	}
	if (fd >= 0)
		close(fd);
	return found;
}

static bool is_there(const char *path)
{
	struct stat st;

	/* A link may be absolute, and then leads nowhere from here. */
	return !lstat(path, &st);
}

static bool has_init(void)
{
	return is_there(MOUNT_POINT "/sbin/init") ||
	       is_there(MOUNT_POINT "/lib/systemd/systemd") ||
	       (is_there(MOUNT_POINT "/proc") && is_there(MOUNT_POINT "/etc"));
}

static bool is_root(const char *name, const char *sys, bool last,
		    struct root_file_system *root)
{
	const struct magic *magic;
	char path[PATH_MAX];
	bool found;

	magic = device_file(sys, name, path) ? what_is_on(path) : NULL;
	if (!magic)
		return false;
	if (mkdir(MOUNT_POINT, 0700) && errno != EEXIST)
		return false;
	if (mount(path, MOUNT_POINT, magic->type, MS_RDONLY, magic->options)) {
		if (last)
			say("%s on %s does not mount: %s", magic->type, name,
			    strerror(errno));
		return false;
	}
	found = has_init();
	umount(MOUNT_POINT);
	if (found) {
		text_format(root->name, sizeof(root->name), "%s", name);
		root->type = magic->type;
	}
	return found;
}

/* By their numbers: readdir gives them in any order. */
static void mark_partitions(const char *disk, const char *sys,
			    bool there[PARTITIONS_MAX])
{
	char path[PATH_MAX];
	struct dirent *entry;
	char text[16];
	DIR *folder;

	text_format(path, sizeof(path), "%s/class/block/%s", sys, disk);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		unsigned long number;

		if (strncmp(entry->d_name, disk, strlen(disk)) ||
		    !text_file_line(text, sizeof(text), "%s/%s/partition", path,
				    entry->d_name))
			continue;
		number = strtoul(text, NULL, 10);
		if (number < PARTITIONS_MAX)
			there[number] = true;
	}
	if (folder)
		closedir(folder);
}

static bool look_once(const char *disk, const char *sys, bool last,
		      struct root_file_system *root)
{
	bool there[PARTITIONS_MAX] = { false };
	char name[DISK_NAME_MAX];

	if (is_root(disk, sys, last, root))
		return true;
	mark_partitions(disk, sys, there);
	for (unsigned int i = 1; i < PARTITIONS_MAX; i++) {
		if (!there[i])
			continue;
		text_format(name, sizeof(name), "%.50s%u", disk, i);
		if (is_root(name, sys, last, root))
			return true;
	}
	return false;
}

bool disk_find_root(const char *disk, const char *sys, unsigned int timeout,
		    struct root_file_system *root)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	double end = seconds_now() + timeout;
	bool last;

	do {
		last = seconds_now() >= end;
		if (look_once(disk, sys, last, root))
			return true;
		nanosleep(&pause, NULL);
	} while (!last);
	return false;
}

bool disk_wait_readable(const char *disk, const char *sys, unsigned int timeout)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	double end = seconds_now() + timeout;
	char path[PATH_MAX];

	for (;;) {
		int fd = device_file(sys, disk, path) ?
				 open(path, O_RDONLY | O_CLOEXEC) :
				 -1;
		char bytes[512];
		bool done;

		done = fd >= 0 && read(fd, bytes, sizeof(bytes)) > 0;
		if (fd >= 0)
			close(fd);
		if (done)
			return true;
		if (seconds_now() >= end)
			break;
		nanosleep(&pause, NULL);
	}
	complain("%s cannot be read after %u s", disk, timeout);
	return false;
}

/* Whether the kernel is told by that word to mount the root for writing. */
static bool has_word(const char *file, const char *word)
{
	char text[8192];
	char *rest = text;
	char *found;

	if (text_file_read(file, text, sizeof(text)) < 0)
		return false;
	while ((found = strsep(&rest, " \t\n"))) {
		if (!strcmp(found, word))
			return true;
	}
	return false;
}

int root_mount(const struct root_file_system *root, const char *folder,
	       const char *command_line)
{
	unsigned long flags = has_word(command_line, "rw") ? 0 : MS_RDONLY;
	char path[PATH_MAX];

	text_format(path, sizeof(path), "/dev/%s", root->name);
	if (mkdir(folder, 0755) && errno != EEXIST)
		return -errno;
	return mount(path, folder, root->type, flags, NULL) ? -errno : 0;
}
