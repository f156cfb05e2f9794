// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/run_program.h"

#include "initrd/iscsi-root/seconds.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *find_program(const char *name)
{
	static const char *const folders[] = { "/sbin", "/usr/sbin", "/bin",
					       "/usr/bin", "/connectx-en" };
	static char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folders[i], name);
		if (!access(path, X_OK))
			return strdup(path);
	}
	return NULL;
}

/* Ends what has not ended by then. */
static int wait_end(pid_t child, double end)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (seconds_now() >= end) {
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			return -ETIMEDOUT;
		}
		nanosleep(&pause, NULL);
	}
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

int run_program(const char *const *words, double end)
{
	pid_t child = fork();

	if (child < 0)
		return -errno;
	if (!child) {
		execv(words[0], (char *const *)words);
		_exit(127);
	}
	return wait_end(child, end);
}
