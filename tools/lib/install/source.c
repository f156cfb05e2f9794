// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/install/source.h"

#include "tools/lib/base/failure.h"

#include <dirent.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FS_BLOCK 4096
#define INODE_SIZE 256
#define MIB (UINT64_C(1) << 20)
/* For the journal, the logs of the first days, the next kernel */
#define ROOM (64 * MIB)

static const char kernel_prefix[] = "vmlinuz-";
static const char initrd_prefix[] = "initrd.img-";

static int take_file(struct source *source, const FTSENT *entry, dev_t device,
		     struct failure *why)
{
	const struct stat *st = entry->fts_statp;
	uid_t me = geteuid();

	if (entry->fts_info == FTS_DP)
		return 0;
	/* Who copies it as root of the user's ids can read it. */
	if (entry->fts_info == FTS_DNR && source->owners == OWNERS_SUBORDINATE)
		return 0;
	if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR ||
	    entry->fts_info == FTS_NS)
		return fail(why, -entry->fts_errno, "%s: cannot be read: %s",
			    entry->fts_path, strerror(entry->fts_errno));
	if (st->st_dev != device)
		return fail(why, -EXDEV,
			    "%s: another file system is mounted there; copy"
			    " from a place without it, such as one made by"
			    " mount --bind",
			    entry->fts_path);
	if (entry->fts_info == FTS_F && source->owners == OWNERS_AS_THEY_ARE &&
	    me && faccessat(AT_FDCWD, entry->fts_accpath, R_OK, AT_EACCESS))
		return fail(why, -errno, "%s: cannot be read: %s",
			    entry->fts_path, strerror(errno));
	if (source->owners == OWNERS_MINE_ARE_ROOT &&
	    (st->st_uid != me || st->st_gid != getegid()))
		source->owners = OWNERS_SUBORDINATE;
	source->files++;
	/* A file's other links may be outside of the tree: each counts. */
	if (S_ISREG(st->st_mode) || S_ISLNK(st->st_mode))
		source->bytes +=
			(st->st_size + FS_BLOCK - 1) / FS_BLOCK * FS_BLOCK;
	else if (S_ISDIR(st->st_mode))
		source->bytes += FS_BLOCK;
	return 0;
}

static int walk(struct source *source, struct failure *why)
{
	char *const roots[] = { source->folder, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;
	int err = 0;
	dev_t device = 0;

	if (!fts)
		return fail(why, -errno, "%s: cannot be read: %s",
			    source->folder, strerror(errno));
	while (!err && (entry = fts_read(fts))) {
		if (entry->fts_level == FTS_ROOTLEVEL)
			device = entry->fts_statp->st_dev;
		err = take_file(source, entry, device, why);
	}
	fts_close(fts);
	return err;
}

/* A root file system has an etc and an init, or it boots nowhere. */
static int check_root(const struct source *source, struct failure *why)
{
	static const char *const inits[] = { "sbin/init", "etc/init",
					     "bin/init", "bin/sh",
					     "usr/sbin/init" };
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/etc", source->folder);
	if (lstat(path, &st) || !S_ISDIR(st.st_mode))
		return fail(why, -EINVAL,
			    "%s: no root file system: it has no folder etc",
			    source->folder);
	for (size_t i = 0; i < sizeof(inits) / sizeof(inits[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", source->folder, inits[i]);
		if (!lstat(path, &st))
			return 0;
	}
	return fail(why, -EINVAL,
		    "%s: no root file system: it has no sbin/init",
		    source->folder);
}

static bool is_file(const char *folder, const char *prefix, const char *release)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/boot/%s%s", folder, prefix, release);
	return !lstat(path, &st) && S_ISREG(st.st_mode);
}

/* What a release is made of; it becomes part of names and of orders. */
static bool is_release(const char *text)
{
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
					   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "0123456789.+~_-")];
}

/* The newest that has an initrd too; else the newest of all. */
static int find_kernel(struct source *source, struct failure *why)
{
	char path[PATH_MAX];
	char best[256] = "";
	bool complete = false;
	struct dirent *entry;
	DIR *boot;
	int err = 0;

	snprintf(path, sizeof(path), "%s/boot", source->folder);
	boot = opendir(path);
	while (boot && (entry = readdir(boot))) {
		const char *release = entry->d_name + strlen(kernel_prefix);
		bool has_initrd;

		if (strncmp(entry->d_name, kernel_prefix,
			    strlen(kernel_prefix)) ||
		    !is_release(release) ||
		    !is_file(source->folder, kernel_prefix, release))
			continue;
		has_initrd = is_file(source->folder, initrd_prefix, release);
		if (*best &&
		    (has_initrd != complete ? complete :
					      strverscmp(release, best) < 0))
			continue;
		snprintf(best, sizeof(best), "%s", release);
		complete = has_initrd;
	}
	if (boot)
		closedir(boot);
	if (!*best)
		return 0;
	source->release = strdup(best);
	if (!source->release ||
	    asprintf(&source->kernel, "boot/%s%s", kernel_prefix, best) < 0)
		err = -ENOMEM;
	if (!err && complete &&
	    asprintf(&source->initrd, "boot/%s%s", initrd_prefix, best) < 0)
		err = -ENOMEM;
	return err ? fail(why, err, "out of memory") : 0;
}

int source_look(struct source *source, const char *folder, struct failure *why)
{
	struct stat st;
	int err;

	memset(source, 0, sizeof(*source));
	source->folder = realpath(folder, NULL);
	if (!source->folder || stat(source->folder, &st))
		return fail(why, -errno, "%s: %s", folder, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return fail(why, -ENOTDIR, "%s: not a folder", folder);
	if (geteuid() && st.st_uid == geteuid())
		source->owners = OWNERS_MINE_ARE_ROOT;
	else if (geteuid() && st.st_uid)
		return fail(why, -EPERM,
			    "%s: belongs to user %u: only root can copy it",
			    folder, st.st_uid);
	err = check_root(source, why);
	if (!err)
		err = walk(source, why);
	if (!err)
		err = find_kernel(source, why);
	return err;
}

void source_free(struct source *source)
{
	free(source->folder);
	free(source->release);
	free(source->kernel);
	free(source->initrd);
	memset(source, 0, sizeof(*source));
}

uint64_t source_inodes(const struct source *source)
{
	return source->files + source->files / 4 + 1024;
}

uint64_t source_disk_size(const struct source *source)
{
	uint64_t size = source->bytes + source->bytes / 4 + ROOM +
			source_inodes(source) * INODE_SIZE;

	return (size + MIB - 1) / MIB * MIB;
}
