// SPDX-License-Identifier: GPL-2.0-only
#include "tools/mkinitrd-en/try.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/base/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "tryboot"

/* Returns if there is none. */
static void become_tryboot(char **argv)
{
	char path[PATH_MAX];

	execvp(program_beside(PROGRAM, path), argv);
}

/* NULL: no memory. */
static char **command_of(const char *name, const char *path, char **words)
{
	size_t count = 0;
	size_t n = 0;
	char **argv;

	while (words && words[count])
		count++;
	argv = calloc(count + 6, sizeof(*argv));
	if (!argv)
		return NULL;
	argv[n++] = PROGRAM;
	if (name) {
		argv[n++] = "--name";
		argv[n++] = (char *)name;
	}
	for (size_t i = 0; i < count; i++)
		argv[n++] = words[i];
	argv[n++] = "--";
	argv[n] = (char *)path;
	return argv;
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return EXIT_FAILURE;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int try_image(void *ctx, const char *path, struct failure *why)
{
	struct try_boot *try = ctx;
	char **argv = command_of(try->name, path, try->words);
	pid_t parent = getpid();
	pid_t child;

	if (!argv)
		return fail(why, -ENOMEM, "out of memory");
	child = fork();
	if (child == 0) {
		/* Standard output may be for the image. */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() == parent)
			become_tryboot(argv);
		_exit(EXIT_NOT_FOUND);
	}
	free(argv);
	if (child < 0)
		return fail(why, -errno, "tryboot cannot be run: %s",
			    strerror(errno));
	try->status = wait_for(child);
	if (try->status == EXIT_NOT_FOUND) {
		try->status = 0;
		return fail(why, -ENOENT,
			    "tryboot is neither beside this program nor in"
			    " PATH: nothing is changed");
	}
	if (try->status)
		return fail(why, -ECANCELED,
			    "%s: the new image does not boot, or could not be"
			    " tried (status %d of tryboot): nothing is changed",
			    try->name, try->status);
	return 0;
}

int try_become(const char *path, char **words, struct failure *why)
{
	char **argv = command_of(NULL, path, words);

	if (!argv)
		return fail(why, -ENOMEM, "out of memory");
	become_tryboot(argv);
	free(argv);
	return fail(why, -ENOENT,
		    "tryboot is neither beside this program nor in PATH");
}
