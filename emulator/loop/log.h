/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line to the log (standard error), and a brake for what a guest or a
 * client can repeat as often as it likes.
 */
#ifndef EMULATOR_LOOP_LOG_H
#define EMULATOR_LOOP_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* One per cause, static at the place that logs. */
struct log_limit {
	uint64_t window_start;
	unsigned int lines;
	unsigned long suppressed;
};

/* At most this many lines of one cause in each window */
#define LOG_LIMIT_LINES 5
#define LOG_LIMIT_WINDOW_NS 10000000000ULL

void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* True if this cause may log a line now. */
bool log_allowed(struct log_limit *limit);

#define log_limited(...)                        \
	do {                                    \
		static struct log_limit limit_; \
		if (log_allowed(&limit_))       \
			log_line(__VA_ARGS__);  \
	} while (0)

#endif
