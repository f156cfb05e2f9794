/* SPDX-License-Identifier: GPL-2.0-only */
/* Small files, such as those of sysfs. */
#ifndef INITRD_ISCSI_ROOT_TEXT_FILE_H
#define INITRD_ISCSI_ROOT_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The whole file, cut off at @room - 1 bytes, a NUL behind; its size or -errno. */
ssize_t text_file_read(const char *path, char *text, size_t room);

/* snprintf for names and paths, where what is too long is cut off on purpose */
void text_format(char *text, size_t room, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The first line of the file whose path is made of the format, without its end.
 * False if there is no such file; then the text is empty.
 */
bool text_file_line(char *text, size_t room, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
