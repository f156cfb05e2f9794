// SPDX-License-Identifier: GPL-2.0-only
/*
 * Also as on file systems that make no file without a name (vfat), and no
 * hard links: the linker hands open() and link() to us.
 */
#include "tools/lib/base/atomic_file.h"
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Behind the rest: its macro fail() would be in the way of failure.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);

static bool poor; /* whether the file system can do little */
static char folder[64];
static char path[128];

int __wrap_open(const char *name, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	if (poor && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return __real_open(name, flags, mode);
}

int __wrap_link(const char *from, const char *to)
{
	if (poor && access(to, F_OK)) {
		errno = EPERM;
		return -1;
	}
	return __real_link(from, to);
}

static void check_text(const char *name, const char *text)
{
	struct buffer b = { 0 };

	assert_int_equal(buffer_read_file(&b, name, 1000, NULL), 0);
	assert_int_equal(b.size, strlen(text));
	assert_memory_equal(b.data, text, b.size);
	buffer_free(&b);
}

static unsigned int files(void)
{
	unsigned int count = 0;
	DIR *d = opendir(folder);

	while (readdir(d))
		count++;
	closedir(d);
	return count - 2; /* "." and ".." */
}

static int setup(void **state)
{
	FILE *f;

	poor = *state;
	strcpy(folder, "/tmp/test_atomic_file.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/image", folder);
	f = fopen(path, "w");
	fputs("old", f);
	fclose(f);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	poor = false;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void begin(struct atomic_file *f)
{
	struct stat like = { .st_mode = 0640,
			     .st_uid = geteuid(),
			     .st_gid = getegid() };

	assert_int_equal(atomic_file_begin(f, path, &like, NULL), 0);
	assert_int_equal(atomic_file_write(f, "new text", 8, NULL), 0);
	assert_int_equal(atomic_file_sync(f, NULL), 0);
	check_text(path, "old");
}

static void a_commit_replaces(void **state)
{
	struct atomic_file f;
	struct stat st;

	begin(&f);
	assert_int_equal(atomic_file_commit(&f, NULL), 0);
	atomic_file_end(&f);
	check_text(path, "new text");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(files(), 1);
}

static void without_a_commit_nothing_is_left(void **state)
{
	struct atomic_file f;

	begin(&f);
	atomic_file_end(&f);
	check_text(path, "old");
	assert_int_equal(files(), 1);
}

static void a_signal_leaves_nothing(void **state)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct atomic_file f;

		begin(&f);
		raise(SIGTERM);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) ||
		    WEXITSTATUS(status) == 128 + SIGTERM);
	check_text(path, "old");
	assert_int_equal(files(), 1);
}

static void a_backup_is_kept_once(void **state)
{
	struct failure why = { "" };
	char *backup;
	bool kept;
	FILE *f;

	assert_int_equal(keep_backup(path, &backup, &kept, &why), 0);
	assert_true(kept);
	check_text(backup, "old");
	assert_int_equal(unlink(path), 0);
	f = fopen(path, "w");
	fputs("newer", f);
	fclose(f);
	check_text(backup, "old");
	free(backup);
	assert_int_equal(keep_backup(path, &backup, &kept, &why), 0);
	assert_false(kept);
	check_text(backup, "old");
	free(backup);
	assert_int_equal(files(), 2);
}

static void no_folder_no_file(void **state)
{
	struct failure why = { "" };
	struct atomic_file f;

	strcat(folder, "/none");
	snprintf(path, sizeof(path), "%s/image", folder);
	assert_int_equal(atomic_file_begin(&f, path, NULL, &why), -ENOENT);
	assert_non_null(strstr(why.text, path));
	atomic_file_end(&f);
	*strrchr(folder, '/') = '\0';
}

#define BOTH(test)                                                        \
	{ #test, test, setup, teardown, NULL },                           \
	{                                                                 \
#test " (poor file system)", test, setup, teardown, &poor \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_commit_replaces),
		BOTH(without_a_commit_nothing_is_left),
		BOTH(a_signal_leaves_nothing),
		BOTH(a_backup_is_kept_once),
		BOTH(no_folder_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
