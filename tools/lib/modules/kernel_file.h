/* SPDX-License-Identifier: GPL-2.0-only */
/* Which release a kernel is, by its own file too. */
#ifndef TOOLS_LIB_KERNEL_FILE_H
#define TOOLS_LIB_KERNEL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

/*
 * The release, as uname -r says it, of an x86 kernel (bzImage). The caller
 * frees *@release. 0, -ENOTSUP (no bzImage), -EBADMSG or -ENOMEM.
 */
int kernel_release_of(const uint8_t *data, size_t size, char **release,
		      struct failure *why);

/* Whether @release is known to be older than a.b.c. */
bool kernel_is_before(const char *release, unsigned int a, unsigned int b,
		      unsigned int c);

/* Whether what the user said is a file's name, and no release. */
bool kernel_is_file(const char *word);

/* The same of a file; messages name it. 0 or -errno. */
int kernel_file_release(const char *path, char **release, struct failure *why);

#endif
