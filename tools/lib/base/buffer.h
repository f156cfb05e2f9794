/* SPDX-License-Identifier: GPL-2.0-only */
/* A run of bytes that grows. */
#ifndef TOOLS_LIB_BUFFER_H
#define TOOLS_LIB_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct failure;

struct buffer {
	uint8_t *data;
	size_t size;
	size_t room;
};

/* An empty buffer is all zeroes; buffer_free makes it empty again. */
void buffer_free(struct buffer *b);

/*
 * Makes room for @more bytes behind the @size that are there. 0 or -ENOMEM.
 */
int buffer_reserve(struct buffer *b, size_t more);

/* Appends @size bytes. 0 or -ENOMEM. */
int buffer_add(struct buffer *b, const void *data, size_t size);

/* Appends @size zero bytes. 0 or -ENOMEM. */
int buffer_add_zeros(struct buffer *b, size_t size);

/* Appends formatted text, without its terminating NUL. 0 or -ENOMEM. */
int buffer_printf(struct buffer *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Reads a whole regular file of at most @limit bytes. 0 or -errno with a
 * message that names the file.
 */
int buffer_read_file(struct buffer *b, const char *path, size_t limit,
		     struct failure *why);

/* The same of what is open, to its end; @path is for messages. */
int buffer_read_fd(struct buffer *b, int fd, size_t limit, const char *path,
		   struct failure *why);

#endif
