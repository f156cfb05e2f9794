// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/plan/initiator.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/elf_program.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/family/image_has.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/plan/loader.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* initrd/iscsi-root/login_iscsistart.c knows these names. */
#define FOLDER LOADER_DIRECTORY "/initiator"

#define FILE_MAX (64u << 20)
#define FILES_MAX 64

/* One that is brought along. */
struct brought {
	char *name; /* by which it is asked for */
	char path[PATH_MAX]; /* below the root, links resolved */
	struct buffer bytes;
	struct elf_program elf;
};

struct search {
	const char *root;
	int root_fd;
	size_t root_length; /* of its real path */
	struct brought *files; /* iscsistart, its interpreter, libraries */
	size_t count;
	char interpreter[PATH_MAX]; /* as the program names it; empty: none */
};

bool initiator_in_image(const struct image *image)
{
	return image_has_program(image, "iscsistart", NULL, 0) ||
	       (image_has_program(image, "iscsiadm", NULL, 0) &&
		image_has_program(image, "iscsid", NULL, 0));
}

/* Links in another system's root mean that root. */
static int open_below(const struct search *s, const char *path)
{
	const struct open_how how = { .flags = O_RDONLY | O_CLOEXEC,
				      .resolve = RESOLVE_IN_ROOT };

	return syscall(SYS_openat2, s->root_fd, path, &how, sizeof(how));
}

static int real_path(int fd, char path[PATH_MAX])
{
	char link[64];
	ssize_t size;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	size = readlink(link, path, PATH_MAX - 1);
	if (size < 0)
		return -errno;
	path[size] = '\0';
	return 0;
}

/*
 * Takes the file at @path under @name. 0; -ENOENT: nothing there that can be
 * used, without a message; -errno.
 */
static int take(struct search *s, const char *path, const char *name,
		struct failure *why)
{
	struct brought *b = &s->files[s->count];
	char real[PATH_MAX];
	struct stat st;
	int fd;
	int err;

	fd = open_below(s, path);
	if (fd < 0)
		return errno == ENOSYS || errno == EPERM ?
			       fail(why, -errno, "%s/%s: %s", s->root, path,
				    strerror(errno)) :
			       -ENOENT;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return -ENOENT;
	}
	err = real_path(fd, real);
	if (!err)
		err = buffer_read_fd(&b->bytes, fd, FILE_MAX, path, why);
	close(fd);
	if (err)
		return err;
	snprintf(b->path, sizeof(b->path), "%s", real + s->root_length);
	err = elf_program_read(&b->elf, b->bytes.data, b->bytes.size, why);
	/* A folder may hold one of that name for another machine. */
	if (!err && s->count &&
	    (b->elf.machine != s->files[0].elf.machine ||
	     b->elf.is_64 != s->files[0].elf.is_64))
		err = -ENOENT;
	if (!err) {
		b->name = strdup(name);
		if (!b->name)
			err = fail(why, -ENOMEM, "out of memory");
	} else if (err != -ENOENT) {
		fail_in(why, err, "%s", real);
	}
	if (err)
		buffer_free(&b->bytes);
	else
		s->count++;
	return err;
}

static int take_below(struct search *s, const char *folder, int length,
		      const char *name, struct failure *why)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%.*s/%s", length, folder, name) >=
	    (int)sizeof(path))
		return -ENOENT;
	return take(s, path, name, why);
}

/* The folders that a library or program names itself; $ORIGIN is its own. */
static int take_by_run_path(struct search *s, const struct brought *by,
			    const char *name, struct failure *why)
{
	static const char *const own[] = { "$ORIGIN", "${ORIGIN}" };
	const char *at = by->elf.run_path;
	char folder[2 * PATH_MAX];
	int err = -ENOENT;

	while (err == -ENOENT && at && *at) {
		size_t length = strcspn(at, ":");

		snprintf(folder, sizeof(folder), "%.*s", (int)length, at);
		for (size_t i = 0; i < 2; i++) {
			size_t skip = strlen(own[i]);

			if (length >= skip && !strncmp(at, own[i], skip))
				snprintf(folder, sizeof(folder), "%.*s%.*s",
					 (int)(strrchr(by->path, '/') -
					       by->path),
					 by->path, (int)(length - skip),
					 at + skip);
		}
		err = take_below(s, folder, strlen(folder), name, why);
		at += length;
		at += *at == ':';
	}
	return err;
}

/* Where the interpreter lies, there is its libc (Debian's multiarch). */
static int take_library(struct search *s, size_t by, const char *name,
			struct failure *why)
{
	static const char *const folders[] = { "/lib64", "/usr/lib64", "/lib",
					       "/usr/lib" };
	const char *near = s->files[1].path;
	int err;

	if (strchr(name, '/'))
		err = take(s, name, strrchr(name, '/') + 1, why);
	else
		err = take_by_run_path(s, &s->files[by], name, why);
	if (err == -ENOENT)
		err = take_below(s, near, strrchr(near, '/') - near, name, why);
	if (err == -ENOENT && !strncmp(near, "/usr/", 5))
		err = take_below(s, near + 4, strrchr(near, '/') - near - 4,
				 name, why);
	else if (err == -ENOENT) {
		char folder[PATH_MAX + 8];

		snprintf(folder, sizeof(folder), "/usr%.*s",
			 (int)(strrchr(near, '/') - near), near);
		err = take_below(s, folder, strlen(folder), name, why);
	}
	for (size_t i = 0; err == -ENOENT && i < 4; i++)
		err = take_below(s, folders[i], strlen(folders[i]), name, why);
	return err == -ENOENT ?
		       fail(why, err,
			    "%s: needs library %s, which is not found below"
			    " %s",
			    s->files[by].path, name, s->root) :
		       err;
}

static bool is_taken(const struct search *s, const char *name)
{
	const char *interpreter = strrchr(s->interpreter, '/');

	if (interpreter && !strcmp(interpreter + 1, name))
		return true;
	for (size_t i = 0; i < s->count; i++) {
		if (!strcmp(s->files[i].name, name))
			return true;
	}
	return false;
}

static int take_libraries(struct search *s, struct failure *why)
{
	int err = 0;

	for (size_t i = 0; !err && i < s->count; i++) {
		const char *name;
		size_t at = 0;

		while (!err &&
		       (name = elf_program_needs(&s->files[i].elf, &at))) {
			if (is_taken(s, name))
				continue;
			if (s->count == FILES_MAX)
				return fail(why, -E2BIG,
					    "iscsistart needs more than %d"
					    " libraries",
					    FILES_MAX);
			err = take_library(s, i, name, why);
		}
	}
	return err;
}

static int take_program(struct search *s, struct failure *why)
{
	static const char *const folders[] = { "/usr/sbin", "/sbin", "/usr/bin",
					       "/usr/local/sbin" };
	int err = -ENOENT;

	for (size_t i = 0; err == -ENOENT && i < 4; i++)
		err = take_below(s, folders[i], strlen(folders[i]),
				 "iscsistart", why);
	if (err == -ENOENT)
		return fail(why, err,
			    "the image has no iSCSI initiator, and there is no"
			    " iscsistart below %s to bring along: install"
			    " open-iscsi, or say with --initiator DIR where it"
			    " is installed",
			    s->root);
	if (err || !s->files[0].elf.interpreter)
		return err;
	snprintf(s->interpreter, sizeof(s->interpreter), "%s",
		 s->files[0].elf.interpreter);
	err = take(s, s->interpreter, "ld.so", why);
	if (err == -ENOENT)
		return fail(why, err,
			    "%s: its interpreter %s is not found below %s",
			    s->files[0].path, s->interpreter, s->root);
	return err ? err : take_libraries(s, why);
}

static int open_root(struct search *s, struct failure *why)
{
	char path[PATH_MAX];
	int err;

	s->root_fd = open(s->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	err = s->root_fd < 0 ? -errno : real_path(s->root_fd, path);
	if (err)
		return fail(why, err, "%s: %s", s->root, strerror(-err));
	s->root_length = strcmp(path, "/") ? strlen(path) : 0;
	s->files = calloc(FILES_MAX, sizeof(*s->files));
	return s->files ? 0 : fail(why, -ENOMEM, "out of memory");
}

int initiator_plan(const struct image *image, struct overlay *overlay,
		   const char *root, struct failure *why)
{
	struct search s = { .root = root };
	char path[PATH_MAX];
	int err;

	err = open_root(&s, why);
	if (!err)
		err = take_program(&s, why);
	for (size_t i = 0; !err && i < s.count; i++) {
		const struct brought *b = &s.files[i];

		snprintf(path, sizeof(path), FOLDER "/%s", b->name);
		err = overlay_add(overlay, path,
				  S_IFREG | (i < 2 ? 0755 : 0644),
				  b->bytes.data, b->bytes.size, why);
	}
	for (size_t i = 0; i < s.count; i++) {
		free(s.files[i].name);
		buffer_free(&s.files[i].bytes);
	}
	free(s.files);
	if (s.root_fd >= 0)
		close(s.root_fd);
	return err;
}
