/* SPDX-License-Identifier: GPL-2.0-only */
/* All hosts of one call: from a CSV file, or the one of the command line. */
#ifndef TOOLS_LIB_SERVER_HOST_TABLE_H
#define TOOLS_LIB_SERVER_HOST_TABLE_H

#include "tools/lib/server/host.h"

struct problems;

struct host_table {
	const char *file; /* for messages; NULL: the command line */
	struct boot_host *hosts;
	size_t count;
	size_t room;
	unsigned int columns; /* a bit for each field that the file has */
};

/* What is wrong with a field of a host, named as the user gave it. */
void host_problem(const struct host_table *table, const struct boot_host *host,
		  enum host_field field, struct problems *problems,
		  const char *what);

/* One host more, all empty; NULL without memory. It moves with the next. */
struct boot_host *host_table_add(struct host_table *table, unsigned long line);

/*
 * Reads a CSV file whose first line names the columns. What a host leaves
 * empty it takes from @defaults, which may be NULL.
 */
void host_table_read_csv(struct host_table *table, const char *data,
			 size_t size, const struct boot_host *defaults,
			 struct problems *problems);

/*
 * Looks for fields that a host has to have (a bit each in @needed), for what
 * two hosts cannot both have, and for targets that do not agree; chains the
 * hosts of each target.
 */
void host_table_check(struct host_table *table, unsigned int needed,
		      struct problems *problems);

/* For a server that knows a CHAP user once: each has to have one secret. */
void host_table_check_users(struct host_table *table,
			    struct problems *problems);

void host_table_free(struct host_table *table);

#endif
