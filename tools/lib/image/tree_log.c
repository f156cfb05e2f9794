// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/tree_log.h"

#include <stdlib.h>
#include <string.h>

void tree_log_add(struct tree_log *log, size_t limit,
		  const struct tree_event *event)
{
	struct tree_event *more;

	/* Once one is not kept, none behind it is: the list has no holes. */
	if (log->count++ != log->kept || log->kept >= limit)
		return;
	/* The room is doubled: it is full where its count is a power of 2. */
	if (!(log->kept & (log->kept - 1))) {
		size_t room = log->kept ? 2 * log->kept : 1;

		more = realloc(log->list, room * sizeof(*more));
		if (!more)
			return;
		log->list = more;
	}
	more = &log->list[log->kept];
	*more = *event;
	more->path = strdup(event->path);
	if (more->path)
		log->kept++;
}

void tree_log_free(struct tree_log *log)
{
	for (size_t i = 0; i < log->kept; i++)
		free(log->list[i].path);
	free(log->list);
	memset(log, 0, sizeof(*log));
}
