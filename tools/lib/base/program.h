/* SPDX-License-Identifier: GPL-2.0-only */
/* Other programs: where one is, running it, what it says. */
#ifndef TOOLS_LIB_PROGRAM_H
#define TOOLS_LIB_PROGRAM_H

#include <limits.h>
#include <stdbool.h>

struct buffer;
struct failure;

/* What a shell says of a program that is not there */
#define EXIT_NOT_FOUND 127

/* Where a program finds the file that it is given, whatever its own /proc */
#define PROGRAM_FILE "/dev/fd/3"

struct program {
	const char *const *words; /* its name or path first, NULL last */
	const char *folder; /* where it runs; NULL: here */
	int file; /* open for it as PROGRAM_FILE; 0: none */
	bool shown; /* what it says goes to standard error, as it comes */
	struct buffer *said; /* if not shown: all of it; may be NULL */
	bool anyway; /* also after a signal: it cleans up */
	bool deaf; /* only SIGKILL ends it: unshare that waits for its child */
};

/*
 * The path of the program @name beside the one that runs, or @name itself,
 * which is then looked for in PATH.
 */
const char *program_beside(const char *name, char path[PATH_MAX]);

/*
 * Runs a program to its end, with the locale C. *@status, if @status is not
 * NULL, is its exit status, and any is fine; else only 0 is. 0 or -errno with
 * a message that has the last line of what it said; -EINTR: a signal came.
 */
int program_run(const struct program *program, int *status,
		struct failure *why);

/*
 * From now on the signals by which a user stops a program end the one that
 * runs, and program_run fails, so that what was begun can be cleaned up.
 */
void program_catch_signals(void);

#endif
