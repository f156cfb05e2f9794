/* SPDX-License-Identifier: GPL-2.0-only */
/* What iscsi-root does: one file a verb. */
#ifndef TOOLS_ISCSI_ROOT_VERBS_H
#define TOOLS_ISCSI_ROOT_VERBS_H

#include "tools/iscsi-root/command.h"

struct buffer;
struct host_table;
struct problems;

struct verb {
	const char *name;
	unsigned int takes; /* the fields that have an option, a bit each */
	unsigned int needs; /* those that every host has to have */
	bool has_server;
	bool has_json;
	/*
	 * Appends to @out what is to be printed, or says in @problems why not.
	 * *@secret: whether it is for nobody else's eyes.
	 */
	void (*run)(const struct command *c, struct host_table *table,
		    struct buffer *out, bool *secret,
		    struct problems *problems);
};

/* Ended by NULL */
extern const struct verb *const verbs[];

extern const struct verb verb_check;
extern const struct verb verb_dhcp;
extern const struct verb verb_target;

/* install, which makes a disk and has options of its own; the exit status */
int install_main(int argc, char **argv);

#endif
