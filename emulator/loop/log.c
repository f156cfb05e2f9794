// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/loop/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "emulator/loop/event_loop.h"

void log_line(const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	/* one call, so that lines of several adapters do not mix */
	fprintf(stderr, "%s\n", line);
}

bool log_allowed(struct log_limit *limit)
{
	uint64_t now = loop_now();

	if (!limit->window_start ||
	    now - limit->window_start >= LOG_LIMIT_WINDOW_NS) {
		if (limit->suppressed)
			log_line(
				"(%lu more lines of the next kind were left out)",
				limit->suppressed);
		limit->window_start = now;
		limit->lines = 0;
		limit->suppressed = 0;
	}
	if (limit->lines >= LOG_LIMIT_LINES) {
		limit->suppressed++;
		return false;
	}
	limit->lines++;
	return true;
}
