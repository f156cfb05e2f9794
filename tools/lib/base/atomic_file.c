// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/atomic_file.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"

#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a signal that ends us must remove; one file at a time is enough. */
static char doomed[4096];

static void remove_and_die(int signal)
{
	if (doomed[0])
		unlink(doomed);
	_exit(128 + signal);
}

static void set_doomed(const char *path)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = remove_and_die };
	sigset_t all;
	sigset_t old;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	doomed[0] = '\0';
	if (path && strlen(path) < sizeof(doomed))
		strcpy(doomed, path);
	for (size_t i = 0; path && i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaction(ends[i], &action, NULL);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static char *directory_of(const char *path)
{
	char *copy = strdup(path);
	char *result = copy ? strdup(dirname(copy)) : NULL;

	free(copy);
	return result;
}

static int with_name(struct atomic_file *f, struct failure *why)
{
	free(f->temporary);
	if (asprintf(&f->temporary, "%s.XXXXXX", f->path) < 0) {
		f->temporary = NULL;
		return fail(why, -ENOMEM, "out of memory");
	}
	f->fd = mkostemp(f->temporary, O_CLOEXEC);
	if (f->fd < 0) {
		int err = -errno;

		free(f->temporary);
		f->temporary = NULL;
		return fail(why, err, "%s: cannot write there: %s", f->path,
			    strerror(-err));
	}
	set_doomed(f->temporary);
	return 0;
}

int atomic_file_begin(struct atomic_file *f, const char *path,
		      const struct stat *like, struct failure *why)
{
	char *directory = directory_of(path);
	int err = 0;

	memset(f, 0, sizeof(*f));
	f->fd = -1;
	f->path = strdup(path);
	if (!directory || !f->path)
		err = fail(why, -ENOMEM, "out of memory");
	if (!err)
		f->fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	free(directory);
	/* Not every file system can; one that cannot be written says so too. */
	if (!err && f->fd < 0)
		err = with_name(f, why);
	if (!err && fchmod(f->fd, like ? like->st_mode & 07777 : 0644))
		err = fail(why, -errno, "%s: cannot set its mode: %s", path,
			   strerror(errno));
	/* Only root can give it away; nobody else needs to. */
	if (!err && like && !geteuid() &&
	    fchown(f->fd, like->st_uid, like->st_gid))
		err = fail(why, -errno, "%s: cannot set its owner: %s", path,
			   strerror(errno));
	return err;
}

int atomic_file_write(struct atomic_file *f, const void *data, size_t size,
		      struct failure *why)
{
	const char *p = data;

	while (size) {
		/* Pieces, so that a signal is not held up for long */
		size_t part = size < (8U << 20) ? size : 8U << 20;
		ssize_t done = write(f->fd, p, part);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return fail(why, done ? -errno : -EIO,
				    "%s: cannot write: %s", f->path,
				    strerror(done ? errno : EIO));
		p += done;
		size -= done;
	}
	return 0;
}

int atomic_file_cut(struct atomic_file *f, size_t size, struct failure *why)
{
	if (ftruncate(f->fd, size) || lseek(f->fd, size, SEEK_SET) < 0)
		return fail(why, -errno, "%s: cannot write: %s", f->path,
			    strerror(errno));
	return 0;
}

int atomic_file_sync(struct atomic_file *f, struct failure *why)
{
	if (fsync(f->fd))
		return fail(why, -errno, "%s: cannot write: %s", f->path,
			    strerror(errno));
	return 0;
}

/* A file without a name gets one: only rename() replaces atomically. */
static int give_name(struct atomic_file *f, struct failure *why)
{
	char link[64];

	if (f->temporary)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", f->fd);
	for (unsigned int i = 0; i < 1000; i++) {
		if (asprintf(&f->temporary, "%s.%ld.%u", f->path,
			     (long)getpid(), i) < 0) {
			f->temporary = NULL;
			return fail(why, -ENOMEM, "out of memory");
		}
		set_doomed(f->temporary);
		if (!linkat(AT_FDCWD, link, AT_FDCWD, f->temporary,
			    AT_SYMLINK_FOLLOW))
			return 0;
		set_doomed(NULL);
		free(f->temporary);
		f->temporary = NULL;
		if (errno != EEXIST)
			break;
	}
	return fail(why, -errno, "%s: cannot give the new file a name: %s",
		    f->path, strerror(errno));
}

static void sync_directory(const char *path)
{
	char *directory = directory_of(path);
	int fd = -1;

	if (directory)
		fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(directory);
}

int atomic_file_commit(struct atomic_file *f, struct failure *why)
{
	int err = give_name(f, why);

	if (err)
		return err;
	if (rename(f->temporary, f->path))
		return fail(why, -errno, "%s: cannot be replaced: %s", f->path,
			    strerror(errno));
	set_doomed(NULL);
	free(f->temporary);
	f->temporary = NULL;
	sync_directory(f->path);
	return 0;
}

void atomic_file_end(struct atomic_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->temporary)
		unlink(f->temporary);
	set_doomed(NULL);
	free(f->temporary);
	free(f->path);
	memset(f, 0, sizeof(*f));
	f->fd = -1;
}

int atomic_file_put(const char *path, const struct stat *like, const void *data,
		    size_t size, struct failure *why)
{
	struct atomic_file f;
	int err = atomic_file_begin(&f, path, like, why);

	if (!err)
		err = atomic_file_write(&f, data, size, why);
	if (!err)
		err = atomic_file_sync(&f, why);
	if (!err)
		err = atomic_file_commit(&f, why);
	atomic_file_end(&f);
	return err;
}

static int copy_file(const char *from, const char *to, struct failure *why)
{
	struct atomic_file f;
	struct stat st;
	char *block = malloc(1 << 20);
	ssize_t got = -1;
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	int err;

	if (!block || fd < 0 || fstat(fd, &st)) {
		err = fail(why, -EIO, "%s: cannot be copied to %s", from, to);
		goto out;
	}
	err = atomic_file_begin(&f, to, &st, why);
	while (!err && (got = read(fd, block, 1 << 20)) > 0)
		err = atomic_file_write(&f, block, got, why);
	if (!err && got < 0)
		err = fail(why, -EIO, "%s: cannot be copied to %s", from, to);
	if (!err)
		err = atomic_file_sync(&f, why);
	if (!err)
		err = atomic_file_commit(&f, why);
	atomic_file_end(&f);
out:
	if (fd >= 0)
		close(fd);
	free(block);
	return err;
}

int keep_backup(const char *path, char **backup, bool *kept,
		struct failure *why)
{
	*kept = true;
	if (asprintf(backup, "%s.orig", path) < 0) {
		*backup = NULL;
		return fail(why, -ENOMEM, "out of memory");
	}
	if (!link(path, *backup))
		return 0;
	if (errno == EEXIST) {
		*kept = false;
		return 0;
	}
	/* File systems without hard links, such as an EFI partition's */
	if (errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK)
		return copy_file(path, *backup, why);
	return fail(why, -errno, "%s: the original cannot be kept as %s: %s",
		    path, *backup, strerror(errno));
}
