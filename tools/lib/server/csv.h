/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of comma-separated values (RFC 4180), one after the other. */
#ifndef TOOLS_LIB_SERVER_CSV_H
#define TOOLS_LIB_SERVER_CSV_H

#include "tools/lib/base/buffer.h"

#include <stdbool.h>

struct failure;

#define CSV_FIELDS_MAX 64
#define CSV_FIELD_SIZE_MAX 4096

struct csv {
	const char *at;
	const char *end;
	unsigned long next_line;
	struct buffer text; /* the record's fields, each ended by a NUL */
	size_t offsets[CSV_FIELDS_MAX];
	/* What csv_next found */
	unsigned long line; /* where the record begins, from 1 */
	size_t count;
	const char *fields[CSV_FIELDS_MAX]; /* until the next call */
};

/*
 * Begins to read @size bytes, which must stay; a byte order mark is passed
 * over.
 */
void csv_begin(struct csv *c, const char *data, size_t size);

/*
 * Reads the next record that has more in it than empty fields. 1; 0 at the
 * end; -EINVAL with a message: @c->line and @c->count then tell the line and
 * the field (from 0), and the next call goes on with the next line.
 */
int csv_next(struct csv *c, struct failure *why);

void csv_end(struct csv *c);

#endif
