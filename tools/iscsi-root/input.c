// SPDX-License-Identifier: GPL-2.0-only
#include "tools/iscsi-root/input.h"

#include "tools/iscsi-root/command.h"
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/server/host_table.h"
#include "tools/lib/server/problems.h"

#include <stdio.h>
#include <string.h>

#define CSV_SIZE_MAX (256U << 20)
#define BLOCK 65536

static int read_standard_input(struct buffer *b, struct failure *why)
{
	size_t got;

	do {
		if (b->size > CSV_SIZE_MAX)
			return fail(why, -EFBIG,
				    "standard input: larger than %u bytes",
				    CSV_SIZE_MAX);
		if (buffer_reserve(b, BLOCK))
			return fail(why, -ENOMEM, "out of memory");
		got = fread(b->data + b->size, 1, BLOCK, stdin);
		b->size += got;
	} while (got);
	if (ferror(stdin))
		return fail(why, -EIO, "standard input: cannot read");
	return 0;
}

static void take_options(const struct command *c, struct host_table *table,
			 struct boot_host *host, struct problems *problems)
{
	struct failure why;

	for (size_t i = 0; i < HOST_FIELDS; i++) {
		if (c->fields[i] && host_set(host, i, c->fields[i], &why))
			host_problem(table, host, i, problems, why.text);
	}
}

void input_read(const struct command *c, struct host_table *table,
		struct problems *problems)
{
	struct boot_host defaults = { 0 };
	struct buffer text = { 0 };
	struct failure why;
	int err;

	if (!c->csv) {
		struct boot_host *host = host_table_add(table, 0);

		if (host)
			take_options(c, table, host, problems);
		else
			problems_add(problems, "out of memory");
		return;
	}
	take_options(c, table, &defaults, problems);
	table->file = strcmp(c->csv, "-") ? c->csv : "standard input";
	if (table->file == c->csv)
		err = buffer_read_file(&text, c->csv, CSV_SIZE_MAX, &why);
	else
		err = read_standard_input(&text, &why);
	if (err)
		problems_add(problems, "%s", why.text);
	else
		host_table_read_csv(table, (const char *)text.data, text.size,
				    &defaults, problems);
	buffer_free(&text);
	host_free(&defaults);
}
