/* SPDX-License-Identifier: GPL-2.0-only */
/* What happened to paths while a tree was made, for those who ask. */
#ifndef TOOLS_LIB_TREE_LOG_H
#define TOOLS_LIB_TREE_LOG_H

#include <stddef.h>
#include <stdint.h>

struct tree_event {
	char *path;
	unsigned int segment; /* the one whose entry did it */
	unsigned int before; /* the one that the path was from */
	const char *reason;
};

struct tree_log {
	struct tree_event *list; /* the first ones */
	size_t kept;
	uint64_t count; /* all of them */
};

/*
 * Counts an event, and keeps it (@path is copied) if it is among the first
 * @limit. A missing memory costs the event, not the count.
 */
void tree_log_add(struct tree_log *log, size_t limit,
		  const struct tree_event *event);
void tree_log_free(struct tree_log *log);

#endif
