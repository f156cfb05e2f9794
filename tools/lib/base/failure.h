/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What went wrong, as one line for a person. Library functions return 0 or
 * -errno and say the rest here; only the tools print.
 */
#ifndef TOOLS_LIB_FAILURE_H
#define TOOLS_LIB_FAILURE_H

#include <errno.h>

struct failure {
	char text[1024];
};

/*
 * Writes the message and returns @code, so that a function can end with
 * `return fail(why, -EINVAL, "...", ...)`. @why may be NULL.
 */
int fail(struct failure *why, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Puts "PREFIX: " before a message that is already there and returns @code.
 */
int fail_in(struct failure *why, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
