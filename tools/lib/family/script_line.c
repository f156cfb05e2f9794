// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/family/script_line.h"

#include <string.h>

/* Text with this many << that begin nothing has none that does */
#define STRAYS_MAX 16

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_operator(char c)
{
	return c && strchr(";&|()\n`", c);
}

static size_t line_end(const char *text, size_t size, size_t at)
{
	const char *newline = memchr(text + at, '\n', size - at);

	return newline ? (size_t)(newline - text) + 1 : size;
}

/* How a line ends, looked at from its first character. */
struct ending {
	char quote; /* still open */
	bool goes_on;
	size_t here; /* the word behind <<, or 0 */
	size_t here_length;
	bool here_tabs;
};

static size_t take_here(struct ending *e, const char *text, size_t at,
			size_t end)
{
	static const char stops[] = " \t\r\n;&|()<>'\"";

	at += 2;
	e->here_tabs = at < end && text[at] == '-';
	at += e->here_tabs;
	while (at < end && (is_blank(text[at]) || strchr("'\"\\", text[at])))
		at++;
	e->here = at;
	while (at < end && text[at] && !strchr(stops, text[at]))
		at++;
	e->here_length = at - e->here;
	if (!e->here_length)
		e->here = 0;
	return at;
}

/* From the line's beginning, or from where an open quote goes on. */
static void look_at_line(struct ending *e, const char *text, size_t at,
			 size_t end)
{
	char before = '\n';
	char last = 0;

	e->goes_on = false;
	for (; at < end; before = text[at++]) {
		char c = text[at];

		if (e->quote) {
			if (c == '\\' && e->quote == '"')
				at++;
			else if (c == e->quote)
				e->quote = 0;
			last = c;
			continue;
		}
		if (c == '#' && (is_blank(before) || is_operator(before)))
			break;
		if (c == '\'' || c == '"')
			e->quote = c;
		if (c == '\\') {
			e->goes_on = at + 2 >= end;
			at++;
		}
		if (c == '<' && at + 1 < end && text[at + 1] == '<' &&
		    before != '<' && (at + 2 >= end || text[at + 2] != '<'))
			at = take_here(e, text, at, end) - 1;
		if (!is_blank(c) && c != '\n')
			last = c == '&' && last != '&' && before != '&' ? 0 : c;
	}
	e->goes_on |= last == '|' || last == '&';
}

/* Behind the here-document's last line, or 0: it has none. */
static size_t here_end(const struct ending *e, const char *text, size_t size,
		       size_t at, unsigned int *lines)
{
	while (at < size) {
		size_t end = line_end(text, size, at);
		size_t begin = at;
		size_t length;

		while (e->here_tabs && begin < end && text[begin] == '\t')
			begin++;
		length = end - begin - (end > begin && text[end - 1] == '\n');
		(*lines)++;
		if (length == e->here_length &&
		    !memcmp(text + begin, text + e->here, length))
			return end;
		at = end;
	}
	return 0;
}

static void count_depth(struct script_line *l, const char *text)
{
	static const char *const opening[] = { "if", "case", "do", "{" };
	static const char *const closing[] = { "fi", "esac", "done", "}" };
	struct script_word w;

	script_words(&w, l);
	while (script_word_next(&w, text)) {
		for (size_t i = 0; w.command && i < 4; i++) {
			l->depth += script_word_is(&w, opening[i]);
			l->depth -= script_word_is(&w, closing[i]);
		}
	}
}

bool script_line_next(struct script_line *l, const char *text, size_t size)
{
	struct ending e = { 0 };
	size_t first;
	size_t at = l->end;
	unsigned int lines = 0;

	if (l->end >= size)
		return false;
	l->number += l->number ? l->lines : 1;
	l->begin = l->end;
	l->depth_before = l->depth;
	first = line_end(text, size, at);
	do {
		l->command_end = line_end(text, size, at);
		look_at_line(&e, text, at, l->command_end);
		at = l->command_end;
		lines++;
	} while ((e.quote || e.goes_on) && at < size);
	if (e.quote) {
		/* Never closed: no quote then */
		l->command_end = first;
		lines = 1;
	}
	l->end = l->command_end;
	l->lines = lines;
	if (e.here && !e.quote && l->strays < STRAYS_MAX) {
		size_t end = here_end(&e, text, size, l->end, &lines);

		if (end) {
			l->end = end;
			l->lines = lines;
		} else {
			l->strays++;
		}
	}
	count_depth(l, text);
	return true;
}

void script_words(struct script_word *w, const struct script_line *l)
{
	*w = (struct script_word){ .at = l->begin,
				   .end = l->command_end,
				   .expects_command = true };
}

bool script_word_is(const struct script_word *w, const char *text)
{
	return w->length == strlen(text) && !memcmp(w->text, text, w->length);
}

/* Behind these a command's name comes again. */
static bool leads_to_command(const struct script_word *w)
{
	static const char *const leading[] = { "if",	"then",	 "else", "elif",
					       "while", "until", "do",	 "{",
					       "!",	"time",	 "exec" };

	for (size_t i = 0; i < sizeof(leading) / sizeof(leading[0]); i++) {
		if (script_word_is(w, leading[i]))
			return true;
	}
	return false;
}

static bool ends_word(const struct script_word *w, char c)
{
	return is_blank(c) || c == '\'' || c == '"' || c == '\\' ||
	       (w->quote ? c == '\n' : is_operator(c) || c == '<' || c == '>');
}

/* What stands between two words. False: the line is at its end. */
static bool skip_to_word(struct script_word *w, const char *text)
{
	while (w->at < w->end) {
		char c = text[w->at];

		if (w->quote && c == w->quote)
			w->quote = 0;
		else if (!w->quote && (c == '\'' || c == '"'))
			w->quote = c;
		else if (!w->quote && is_operator(c))
			w->expects_command = true;
		else if (!w->quote && c == '#' &&
			 (!w->at || ends_word(w, text[w->at - 1]))) {
			w->at = line_end(text, w->end, w->at);
			w->expects_command = true;
			continue;
		} else if (!ends_word(w, c))
			return true;
		w->at++;
	}
	return false;
}

bool script_word_next(struct script_word *w, const char *text)
{
	if (!skip_to_word(w, text))
		return false;
	w->text = text + w->at;
	while (w->at < w->end && !ends_word(w, text[w->at]))
		w->at++;
	w->length = text + w->at - w->text;
	w->command = w->expects_command;
	w->expects_command = w->command && leads_to_command(w);
	return true;
}
