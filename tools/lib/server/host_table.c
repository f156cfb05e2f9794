// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/server/host_table.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/server/csv.h"
#include "tools/lib/server/problems.h"

#include <stdlib.h>
#include <string.h>

#define NO_FIELD HOST_FIELDS

void host_problem(const struct host_table *table, const struct boot_host *host,
		  enum host_field field, struct problems *problems,
		  const char *what)
{
	char option[32];

	if (table->file) {
		problems_add(problems, "%s, line %lu, column %s: %s",
			     table->file, host->line, host_field_names[field],
			     what);
		return;
	}
	/* The message of a root-path says what it is. */
	if (field == FIELD_ROOT_PATH) {
		problems_add(problems, "%s", what);
		return;
	}
	strcpy(option, host_field_names[field]);
	for (char *p = option; *p; p++)
		*p = *p == '_' ? '-' : *p;
	problems_add(problems, "--%s: %s", option, what);
}

struct boot_host *host_table_add(struct host_table *table, unsigned long line)
{
	struct boot_host *host;

	if (table->count == table->room) {
		size_t room = table->room ? 2 * table->room : 64;

		host = realloc(table->hosts, room * sizeof(*host));
		if (!host)
			return NULL;
		table->hosts = host;
		table->room = room;
	}
	host = &table->hosts[table->count++];
	memset(host, 0, sizeof(*host));
	host->line = line;
	return host;
}

void host_table_free(struct host_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		host_free(&table->hosts[i]);
	free(table->hosts);
	memset(table, 0, sizeof(*table));
}

static enum host_field field_named(const char *name)
{
	for (size_t i = 0; i < HOST_FIELDS; i++) {
		if (!strcmp(host_field_names[i], name))
			return i;
	}
	return NO_FIELD;
}

/* The columns' names, from the first record */
struct header {
	enum host_field columns[CSV_FIELDS_MAX];
	size_t count;
};

static void known_columns(char *text)
{
	*text = '\0';
	for (size_t i = 0; i < HOST_FIELDS; i++) {
		strcat(text, i ? ", " : "");
		strcat(text, host_field_names[i]);
	}
}

static int read_header(struct header *h, struct csv *csv, const char *file,
		       struct problems *problems)
{
	size_t before = problems->count;
	bool seen[HOST_FIELDS + 1] = { false };
	struct failure why;
	char known[256];
	int got = csv_next(csv, &why);

	if (got < 0)
		problems_add(problems, "%s, line %lu: %s", file, csv->line,
			     why.text);
	else if (!got)
		problems_add(problems,
			     "%s: the line with the columns' names is"
			     " missing",
			     file);
	known_columns(known);
	h->count = got > 0 ? csv->count : 0;
	for (size_t i = 0; i < h->count; i++) {
		enum host_field field = field_named(csv->fields[i]);

		if (field == NO_FIELD)
			problems_add(problems,
				     "%s, line %lu: no such column: '%s' (the"
				     " columns are %s)",
				     file, csv->line, csv->fields[i], known);
		else if (seen[field])
			problems_add(problems,
				     "%s, line %lu: column %s is there twice",
				     file, csv->line, csv->fields[i]);
		seen[field] = true;
		h->columns[i] = field;
	}
	return problems->count == before ? 0 : -EINVAL;
}

static void set_or_say(struct host_table *table, struct boot_host *host,
		       enum host_field field, const char *text,
		       struct problems *problems)
{
	struct failure why;

	if (host_set(host, field, text, &why))
		host_problem(table, host, field, problems, why.text);
}

static void take_record(struct host_table *table, const struct csv *csv,
			const struct header *h,
			const struct boot_host *defaults,
			struct problems *problems)
{
	struct boot_host *host;

	if (csv->count != h->count) {
		problems_add(problems,
			     "%s, line %lu: %zu fields, but there are %zu"
			     " columns",
			     table->file, csv->line, csv->count, h->count);
		return;
	}
	host = host_table_add(table, csv->line);
	if (!host) {
		problems_add(problems, "out of memory");
		return;
	}
	for (size_t i = 0; i < h->count; i++)
		set_or_say(table, host, h->columns[i], csv->fields[i],
			   problems);
	for (size_t i = 0; defaults && i < HOST_FIELDS; i++) {
		if (defaults->text[i] && !host->text[i] &&
		    !(host->unread & 1U << i))
			set_or_say(table, host, i, defaults->text[i], problems);
	}
}

void host_table_read_csv(struct host_table *table, const char *data,
			 size_t size, const struct boot_host *defaults,
			 struct problems *problems)
{
	size_t before = problems->count;
	struct failure why;
	struct header h;
	struct csv csv;
	int got;

	csv_begin(&csv, data, size);
	if (read_header(&h, &csv, table->file, problems))
		goto out;
	for (size_t i = 0; i < h.count; i++)
		table->columns |= 1U << h.columns[i];
	for (size_t i = 0; defaults && i < HOST_FIELDS; i++)
		table->columns |= defaults->text[i] ? 1U << i : 0;
	while ((got = csv_next(&csv, &why))) {
		if (got > 0)
			take_record(table, &csv, &h, defaults, problems);
		else if (csv.count < h.count)
			problems_add(problems, "%s, line %lu, column %s: %s",
				     table->file, csv.line,
				     host_field_names[h.columns[csv.count]],
				     why.text);
		else
			problems_add(problems, "%s, line %lu: %s", table->file,
				     csv.line, why.text);
	}
	if (!table->count && problems->count == before)
		problems_add(problems, "%s: there is no host in it",
			     table->file);
out:
	csv_end(&csv);
}
