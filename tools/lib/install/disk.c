// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/install/disk.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/program.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* blkid's exit status where it knows nothing of what is there */
#define BLKID_NOTHING 2

/* An image that a loop device shows may be mounted by it. */
static int check_loop_devices(const struct disk *disk, struct failure *why)
{
	DIR *folder = opendir("/sys/block");
	struct dirent *entry;
	char name[PATH_MAX];
	char line[PATH_MAX];
	int err = 0;

	while (!err && folder && (entry = readdir(folder))) {
		FILE *file;

		snprintf(name, sizeof(name), "/sys/block/%s/loop/backing_file",
			 entry->d_name);
		file = fopen(name, "re");
		if (!file)
			continue;
		if (fgets(line, sizeof(line), file)) {
			line[strcspn(line, "\n")] = '\0';
			if (!strcmp(line, disk->path))
				err = fail(why, -EBUSY,
					   "%s: in use as /dev/%s (losetup -d"
					   " lets go of it)",
					   disk->path, entry->d_name);
		}
		fclose(file);
	}
	if (folder)
		closedir(folder);
	return err;
}

/* Says what is on it, if blkid knows; *@type is empty if it does not. */
static int look_for_type(const struct disk *disk, char *type, size_t room,
			 struct failure *why)
{
	const char *const words[] = { "blkid", "-p",	   "-o", "export",
				      "--",    disk->path, NULL };
	struct buffer said = { 0 };
	struct program blkid = { .words = words, .said = &said };
	const char *at;
	int status = 0;
	int err = program_run(&blkid, &status, why);

	*type = '\0';
	if (!err && !buffer_add_zeros(&said, 1) && !status) {
		at = strstr((char *)said.data, "TYPE=");
		snprintf(type, room, "%.*s",
			 at ? (int)strcspn(at + 5, "\n") : 7,
			 at ? at + 5 : "unknown");
	} else if (!err && status && status != BLKID_NOTHING) {
		/* Several at once are something, too. */
		snprintf(type, room, "several things at once");
	}
	buffer_free(&said);
	return err;
}

static int check_empty(const struct disk *disk, int fd, struct failure *why)
{
	char type[64];
	int err = look_for_type(disk, type, sizeof(type), why);

	if (err)
		return err;
	if (*type)
		return fail(why, -EEXIST,
			    "%s: holds a file system or a partition table (%s):"
			    " --force makes a new one",
			    disk->path, type);
	if (disk->kind == DISK_FILE && lseek(fd, 0, SEEK_DATA) >= 0)
		return fail(why, -EEXIST,
			    "%s: is a file with something in it: --force"
			    " replaces it",
			    disk->path);
	return 0;
}

static int look_at_device(struct disk *disk, int fd, struct failure *why)
{
	disk->kind = DISK_DEVICE;
	if (ioctl(fd, BLKGETSIZE64, &disk->size))
		return fail(why, -errno, "%s: does not tell its size: %s",
			    disk->path, strerror(errno));
	return 0;
}

/* A file that will be: its folder is there. */
static int new_path(struct disk *disk, const char *path, struct failure *why)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, slash == path ? 1 : slash - path) :
			       strdup(".");
	char *real = folder ? realpath(folder, NULL) : NULL;
	int err = 0;

	if (!real)
		err = fail(why, -errno, "%s: no such folder: %s", path,
			   strerror(errno));
	else if (asprintf(&disk->path, "%s/%s", strcmp(real, "/") ? real : "",
			  slash ? slash + 1 : path) < 0) {
		disk->path = NULL;
		err = fail(why, -ENOMEM, "out of memory");
	}
	free(folder);
	free(real);
	return err;
}

int disk_look(struct disk *disk, const char *path, bool force,
	      struct failure *why)
{
	int err = 0;
	int fd;

	memset(disk, 0, sizeof(*disk));
	if (stat(path, &disk->st) && errno == ENOENT)
		return new_path(disk, path, why);
	disk->path = realpath(path, NULL);
	if (!disk->path)
		return fail(why, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(disk->st.st_mode) && !S_ISBLK(disk->st.st_mode))
		return fail(why, -EINVAL,
			    "%s: neither a file nor a block device", path);
	/* Of a device the kernel grants that to nobody while it is in use. */
	fd = open(disk->path,
		  S_ISBLK(disk->st.st_mode) ? O_RDWR | O_EXCL : O_RDWR);
	if (fd < 0)
		return errno == EBUSY ?
			       fail(why, -EBUSY,
				    "%s: mounted, or in use otherwise", path) :
			       fail(why, -errno, "%s: cannot be written: %s",
				    path, strerror(errno));
	disk->kind = DISK_FILE;
	disk->size = disk->st.st_size;
	if (S_ISBLK(disk->st.st_mode))
		err = look_at_device(disk, fd, why);
	else
		err = check_loop_devices(disk, why);
	if (!err && !force)
		err = check_empty(disk, fd, why);
	close(fd);
	return err;
}

void disk_free(struct disk *disk)
{
	free(disk->path);
	memset(disk, 0, sizeof(*disk));
}
