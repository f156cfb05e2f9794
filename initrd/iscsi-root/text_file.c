// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

ssize_t text_file_read(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t more = 0;

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	while (used < room - 1 &&
	       (more = read(fd, text + used, room - 1 - used)) > 0)
		used += more;
	if (more < 0)
		more = -errno;
	close(fd);
	text[used] = '\0';
	return more < 0 ? more : (ssize_t)used;
}

void text_format(char *text, size_t room, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, room, format, args);
	va_end(args);
}

bool text_file_line(char *text, size_t room, const char *format, ...)
{
	char path[PATH_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	if (text_file_read(path, text, room) < 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return true;
}
