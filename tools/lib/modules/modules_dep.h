/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * modules.dep and modules.dep.bin: which file a module is, and what it needs.
 * busybox's modprobe reads the text, kmod's reads nothing but the index.
 */
#ifndef TOOLS_LIB_MODULES_DEP_H
#define TOOLS_LIB_MODULES_DEP_H

#include <stddef.h>

struct buffer;
struct failure;

/* A module that is put in, in the order in which they load. */
struct modules_dep_file {
	const char *name; /* with '_' */
	char *path; /* as modules.dep has it: below lib/modules/RELEASE */
	/* The names of what it needs, all of it, the nearest first; NULL ends */
	const char **needs;
};

/*
 * Writes @text (NULL: none) anew to @out: the lines of the modules in @files
 * replaced, or added at its end, and other modules that need one of them led
 * to the new file. 0, -EBADMSG (no modules.dep) or -ENOMEM.
 */
int modules_dep_text(const char *text, const struct modules_dep_file *files,
		     size_t count, struct buffer *out, struct failure *why);

/* The index of that text, byte by byte what depmod writes. 0 or -errno. */
int modules_dep_index(const char *text, struct buffer *out,
		      struct failure *why);

#endif
