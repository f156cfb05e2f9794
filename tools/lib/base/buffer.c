// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/buffer.h"

#include "tools/lib/base/failure.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void buffer_free(struct buffer *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

int buffer_reserve(struct buffer *b, size_t more)
{
	size_t room = b->room ? b->room : 256;
	uint8_t *data;

	if (more > SIZE_MAX / 4 || b->size > SIZE_MAX / 4)
		return -ENOMEM;
	if (b->room - b->size >= more)
		return 0;
	while (room - b->size < more)
		room *= 2;
	data = realloc(b->data, room);
	if (!data)
		return -ENOMEM;
	b->data = data;
	b->room = room;
	return 0;
}

int buffer_add(struct buffer *b, const void *data, size_t size)
{
	int err = buffer_reserve(b, size);

	if (err)
		return err;
	if (size)
		memcpy(b->data + b->size, data, size);
	b->size += size;
	return 0;
}

int buffer_add_zeros(struct buffer *b, size_t size)
{
	int err = buffer_reserve(b, size);

	if (err)
		return err;
	if (size)
		memset(b->data + b->size, 0, size);
	b->size += size;
	return 0;
}

int buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list args;
	char *text;
	int length;
	int err;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	err = buffer_add(b, text, length);
	free(text);
	return err;
}

int buffer_read_fd(struct buffer *b, int fd, size_t limit, const char *path,
		   struct failure *why)
{
	for (;;) {
		ssize_t got;

		if (b->size > limit)
			return fail(why, -EFBIG,
				    "%s: larger than the %zu bytes that can be"
				    " read",
				    path, limit);
		if (buffer_reserve(b, 65536))
			return fail(why, -ENOMEM, "%s: out of memory", path);
		got = read(fd, b->data + b->size, 65536);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(why, -errno, "%s: cannot read: %s", path,
				    strerror(errno));
		if (!got)
			return 0;
		b->size += got;
	}
}

int buffer_read_file(struct buffer *b, const char *path, size_t limit,
		     struct failure *why)
{
	struct stat st;
	int err;
	int fd;

	/* A FIFO must not hold the tool up, so it is opened without waiting. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return fail(why, -errno, "%s: cannot open: %s", path,
			    strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		err = fail(why, -EINVAL, "%s: not a regular file", path);
	else
		err = buffer_read_fd(b, fd, limit, path, why);
	close(fd);
	if (err)
		buffer_free(b);
	return err;
}
