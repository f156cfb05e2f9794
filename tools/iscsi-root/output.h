/* SPDX-License-Identifier: GPL-2.0-only */
/* What a verb has made, to the terminal or into a file. */
#ifndef TOOLS_ISCSI_ROOT_OUTPUT_H
#define TOOLS_ISCSI_ROOT_OUTPUT_H

#include <stdbool.h>

struct buffer;
struct command;
struct failure;

/*
 * Writes all of it, a file whole or not at all; @secret: others cannot read
 * that file. 0 or -errno.
 */
int output_write(const struct command *c, const struct buffer *out, bool secret,
		 struct failure *why);

#endif
