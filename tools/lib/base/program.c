// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/program.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK 4096
#define CHILD_FILE 3

static volatile sig_atomic_t stopped;
static volatile pid_t running;
static volatile sig_atomic_t running_deaf;

static void stop(int signal)
{
	stopped = signal;
	if (running > 0)
		kill(running, running_deaf ? SIGKILL : SIGTERM);
}

void program_catch_signals(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = stop };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaction(ends[i], &action, NULL);
}

const char *program_beside(const char *name, char path[PATH_MAX])
{
	ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	if (size <= 0)
		return name;
	path[size] = '\0';
	slash = strrchr(path, '/');
	if (!slash || slash + 1 + strlen(name) >= path + PATH_MAX)
		return name;
	strcpy(slash + 1, name);
	return access(path, X_OK) ? name : path;
}

static void become(const struct program *p, int output, pid_t parent)
{
	int none = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, p->deaf ? SIGKILL : SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	dup2(none, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	/* dup2 of a number to itself would leave it to be closed. */
	if (p->file == CHILD_FILE)
		fcntl(p->file, F_SETFD, 0);
	else if (p->file)
		dup2(p->file, CHILD_FILE);
	if (p->folder && chdir(p->folder)) {
		dprintf(STDERR_FILENO, "%s: %s\n", p->folder, strerror(errno));
		_exit(EXIT_FAILURE);
	}
	setenv("LC_ALL", "C", 1);
	execvp(p->words[0], (char *const *)p->words);
	_exit(EXIT_NOT_FOUND);
}

static int read_all(int fd, struct buffer *said)
{
	ssize_t got;

	for (;;) {
		if (buffer_reserve(said, BLOCK))
			return -ENOMEM;
		got = read(fd, said->data + said->size, BLOCK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : 0;
		said->size += got;
	}
}

/* The last line that has something in it, without control characters. */
static void last_line(const struct buffer *said, char *line, size_t room)
{
	const char *text = (const char *)said->data;
	size_t end = said->size;
	size_t begin;
	size_t n = 0;

	while (end && (unsigned char)text[end - 1] <= ' ')
		end--;
	begin = end;
	while (begin && text[begin - 1] != '\n' && text[begin - 1] != '\r')
		begin--;
	for (; begin < end && n + 1 < room; begin++)
		line[n++] = (unsigned char)text[begin] < ' ' ? ' ' :
							       text[begin];
	line[n] = '\0';
}

static int judge(const struct program *p, int ended, int *status,
		 const struct buffer *said, struct failure *why)
{
	const char *name = p->words[0];
	char line[512] = "";

	if (stopped && !p->anyway)
		return fail(why, -EINTR, "stopped by signal %d", (int)stopped);
	if (WIFSIGNALED(ended))
		return fail(why, -ECANCELED, "%s: ended by signal %d", name,
			    WTERMSIG(ended));
	if (WEXITSTATUS(ended) == EXIT_NOT_FOUND)
		return fail(why, -ENOENT,
			    "%s: cannot be run (is it installed?)", name);
	if (status)
		*status = WEXITSTATUS(ended);
	if (status || !WEXITSTATUS(ended))
		return 0;
	if (said)
		last_line(said, line, sizeof(line));
	return fail(why, -ECANCELED, "%s: exit status %d%s%s", name,
		    WEXITSTATUS(ended), *line ? ": " : "", line);
}

int program_run(const struct program *p, int *status, struct failure *why)
{
	struct buffer own = { 0 };
	struct buffer *said = p->said ? p->said : &own;
	pid_t parent = getpid();
	int err = 0;
	int ended = 0;
	int fds[2];
	pid_t child;

	if (stopped && !p->anyway)
		return fail(why, -EINTR, "stopped by signal %d", (int)stopped);
	if (pipe2(fds, O_CLOEXEC))
		return fail(why, -errno, "no pipe: %s", strerror(errno));
	child = fork();
	if (!child)
		become(p, p->shown ? STDERR_FILENO : fds[1], parent);
	close(fds[1]);
	if (child < 0) {
		err = fail(why, -errno, "%s: cannot be run: %s", p->words[0],
			   strerror(errno));
	} else {
		running_deaf = p->deaf;
		running = child;
		/* One that came before there was a child to end */
		if (stopped && !p->anyway)
			stop(stopped);
		err = read_all(fds[0], said);
		if (err)
			err = fail(why, err, "%s: cannot be read: %s",
				   p->words[0], strerror(-err));
	}
	close(fds[0]);
	while (child > 0 && waitpid(child, &ended, 0) < 0 && errno == EINTR)
		;
	running = 0;
	if (!err)
		err = judge(p, ended, status, said, why);
	buffer_free(&own);
	return err;
}
