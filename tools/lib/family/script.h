/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shell scripts that others wrote, and places in them that are found by what
 * the script says. Nothing here depends on where a line stands.
 */
#ifndef TOOLS_LIB_SCRIPT_H
#define TOOLS_LIB_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

/* Between two lines. */
struct script_place {
	size_t offset;
	unsigned int line; /* the number of the line at that offset, from 1 */
	size_t indent_at; /* the neighbour whose blanks are taken over */
};

/*
 * Behind what loads the initiator's modules (insmod, modprobe); else behind the
 * last module that is loaded on the script's outermost level; else behind the
 * last mount of /proc, /sys or /dev there. False: there is none of them.
 */
bool script_find_load(const char *text, size_t size,
		      struct script_place *place);

/*
 * Before the first "if" whose test is that the variable is not empty. False:
 * there is none.
 */
bool script_find_if_set(const char *text, size_t size, const char *variable,
			struct script_place *place);

/* Before the first command: behind the comments that a script begins with. */
bool script_find_begin(const char *text, size_t size,
		       struct script_place *place);

/* Behind the first line that is this command and nothing more. */
bool script_find_command(const char *text, size_t size, const char *command,
			 struct script_place *place);

/* Whether $variable, or ${variable...}, stands anywhere but in comments. */
bool script_reads(const char *text, size_t size, const char *variable);

/*
 * The text with @lines (each ends in a newline) put in, indented as its
 * neighbour. 0 or -ENOMEM.
 */
int script_insert(struct buffer *out, const char *text, size_t size,
		  const struct script_place *place, const char *lines);

#endif
