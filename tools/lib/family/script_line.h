/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of a shell script, one behind another, and their words. */
#ifndef TOOLS_LIB_SCRIPT_LINE_H
#define TOOLS_LIB_SCRIPT_LINE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * One or more lines that belong together: by an open quote, a backslash or an
 * operator at the end, or as the text of a here-document.
 */
struct script_line {
	size_t begin;
	size_t command_end; /* where a here-document's text begins */
	size_t end; /* behind its newline */
	unsigned int number; /* of its first line, from 1 */
	unsigned int lines;
	int depth; /* of the blocks around what comes behind it */
	int depth_before;
	unsigned int strays; /* << that began no here-document */
};

/*
 * Goes on to the next one; begin with all zeroes. False: the text is at its
 * end.
 */
bool script_line_next(struct script_line *l, const char *text, size_t size);

/* A word: what stands between blanks, quotes and operators. */
struct script_word {
	const char *text;
	size_t length;
	bool command; /* in the place of a command's name */
	/* Where the search goes on */
	size_t at;
	size_t end;
	char quote;
	bool expects_command;
};

/* Begins with the first word of a line. */
void script_words(struct script_word *w, const struct script_line *l);

/* The next word; comments are passed over. False: there is none. */
bool script_word_next(struct script_word *w, const char *text);

bool script_word_is(const struct script_word *w, const char *text);

#endif
