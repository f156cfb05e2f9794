// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/say.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "connectx-en: "

static int log_fd = -1;

void say_open(const char *log)
{
	log_fd = open(log, O_WRONLY | O_APPEND | O_CLOEXEC);
}

/* One record of the kernel's log is one write. */
static void put(int fd, const char *format, va_list args)
{
	char line[800] = PREFIX;
	size_t used = strlen(PREFIX);
	int more;

	more = vsnprintf(line + used, sizeof(line) - used - 1, format, args);
	if (more > 0)
		used += more;
	if (used > sizeof(line) - 2)
		used = sizeof(line) - 2;
	line[used++] = '\n';
	/* Nobody is left to be told if this fails. */
	if (write(fd, line, used) < 0)
		return;
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(log_fd >= 0 ? log_fd : STDERR_FILENO, format, args);
	va_end(args);
}

void complain(const char *format, ...)
{
	va_list args;

	if (log_fd >= 0) {
		va_start(args, format);
		put(log_fd, format, args);
		va_end(args);
	}
	va_start(args, format);
	put(STDERR_FILENO, format, args);
	va_end(args);
}
