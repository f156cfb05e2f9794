/* SPDX-License-Identifier: GPL-2.0-only */
/* A file as a run of bytes, without reading it all into memory. */
#ifndef TOOLS_LIB_MAPPED_FILE_H
#define TOOLS_LIB_MAPPED_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct failure;

struct mapped_file {
	const uint8_t *data;
	size_t size;
	struct stat st;
};

/*
 * Maps a regular file. Should it shrink meanwhile, the process ends with a
 * message. 0 or -errno.
 */
int mapped_file_open(struct mapped_file *m, const char *path,
		     struct failure *why);

/* The same of a file that is open; @path is for messages. */
int mapped_file_of(struct mapped_file *m, int fd, const char *path,
		   struct failure *why);

/* Whether the file at @path is still the one that was mapped, unchanged. */
int mapped_file_unchanged(const struct mapped_file *m, const char *path,
			  struct failure *why);

void mapped_file_close(struct mapped_file *m);

#endif
