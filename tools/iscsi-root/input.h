/* SPDX-License-Identifier: GPL-2.0-only */
/* The hosts of a command: of its options, or of a CSV file. */
#ifndef TOOLS_ISCSI_ROOT_INPUT_H
#define TOOLS_ISCSI_ROOT_INPUT_H

struct command;
struct host_table;
struct problems;

void input_read(const struct command *c, struct host_table *table,
		struct problems *problems);

#endif
