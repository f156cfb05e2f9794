// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/server/csv.h"

#include "tools/lib/base/failure.h"

#include <string.h>

void csv_begin(struct csv *c, const char *data, size_t size)
{
	static const char mark[] = "\xef\xbb\xbf";

	memset(c, 0, sizeof(*c));
	c->at = data;
	c->end = data + size;
	c->next_line = 1;
	if (size >= 3 && !memcmp(data, mark, 3))
		c->at += 3;
}

void csv_end(struct csv *c)
{
	buffer_free(&c->text);
	memset(c, 0, sizeof(*c));
}

static bool at_line_end(const struct csv *c)
{
	return c->at == c->end || *c->at == '\n' ||
	       (*c->at == '\r' && c->at + 1 < c->end && c->at[1] == '\n');
}

static void skip_line_end(struct csv *c)
{
	if (c->at < c->end && *c->at == '\r')
		c->at++;
	if (c->at < c->end) {
		c->at++;
		c->next_line++;
	}
}

static int add_character(struct csv *c, char character, struct failure *why)
{
	if (!character)
		return fail(why, -EINVAL, "a NUL byte");
	if (c->text.size - c->offsets[c->count] >= CSV_FIELD_SIZE_MAX)
		return fail(why, -EINVAL,
			    "longer than %d bytes (is a closing '\"' missing?)",
			    CSV_FIELD_SIZE_MAX);
	if (buffer_add(&c->text, &character, 1))
		return fail(why, -ENOMEM, "out of memory");
	return 0;
}

/* Behind the opening quote; quotes in the text are doubled. */
static int read_quoted(struct csv *c, struct failure *why)
{
	int err = 0;

	while (!err && c->at < c->end) {
		char character = *c->at++;

		if (character == '"') {
			if (at_line_end(c) || *c->at == ',')
				return 0;
			if (*c->at++ != '"')
				return fail(why, -EINVAL,
					    "text behind the closing '\"'");
		}
		if (character == '\n')
			c->next_line++;
		err = add_character(c, character, why);
	}
	if (!err)
		return fail(why, -EINVAL, "the closing '\"' is missing");
	return err;
}

static int read_plain(struct csv *c, struct failure *why)
{
	int err = 0;

	while (!err && !at_line_end(c) && *c->at != ',') {
		if (*c->at == '"')
			return fail(why, -EINVAL,
				    "a '\"' inside of a field: put the whole"
				    " field in quotes, and write \"\" for it");
		err = add_character(c, *c->at, why);
		c->at += !err;
	}
	return err;
}

static int read_field(struct csv *c, struct failure *why)
{
	unsigned long line = c->next_line;
	const char *begin = c->at;
	int err;

	if (c->count == CSV_FIELDS_MAX)
		return fail(why, -EINVAL, "more than %d fields",
			    CSV_FIELDS_MAX);
	c->offsets[c->count] = c->text.size;
	if (c->at < c->end && *c->at == '"') {
		c->at++;
		err = read_quoted(c, why);
	} else {
		err = read_plain(c, why);
	}
	if (!err && buffer_add_zeros(&c->text, 1))
		err = fail(why, -ENOMEM, "out of memory");
	if (err) {
		/* Other lines that a quote has taken are read as such. */
		c->at = begin;
		c->next_line = line;
	}
	return err;
}

static int read_record(struct csv *c, struct failure *why)
{
	c->text.size = 0;
	c->line = c->next_line;
	c->count = 0;
	for (;;) {
		int err = read_field(c, why);

		if (err) {
			while (!at_line_end(c))
				c->at++;
			skip_line_end(c);
			return err;
		}
		c->count++;
		if (at_line_end(c))
			break;
		c->at++; /* a comma */
	}
	skip_line_end(c);
	return 0;
}

int csv_next(struct csv *c, struct failure *why)
{
	while (c->at < c->end) {
		int err = read_record(c, why);

		if (err)
			return err;
		/* Nothing in it but the fields' ends */
		if (c->text.size == c->count)
			continue;
		for (size_t i = 0; i < c->count; i++)
			c->fields[i] =
				(const char *)c->text.data + c->offsets[i];
		return 1;
	}
	return 0;
}
