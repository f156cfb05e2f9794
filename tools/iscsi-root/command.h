/* SPDX-License-Identifier: GPL-2.0-only */
/* What iscsi-root was asked to do. */
#ifndef TOOLS_ISCSI_ROOT_COMMAND_H
#define TOOLS_ISCSI_ROOT_COMMAND_H

#include "tools/lib/server/host.h"

#define EXIT_USAGE 2

#define FIELD_BIT(field) (1U << (field))

struct verb;

struct command {
	const struct verb *verb;
	const char *fields[HOST_FIELDS]; /* of the host, or of all; NULL: none */
	const char *csv; /* a file, or "-"; NULL: one host */
	const char *server;
	const char *output; /* NULL: standard output */
	bool json;
	int done; /* -1, or the exit status that is due at once */
};

/* Reads the command line; says what is wrong with it. */
void command_read(struct command *c, int argc, char **argv);

#endif
