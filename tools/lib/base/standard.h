/* SPDX-License-Identifier: GPL-2.0-only */
/* Standard input and output in the place of files. */
#ifndef TOOLS_LIB_STANDARD_H
#define TOOLS_LIB_STANDARD_H

#include <stdbool.h>

struct atomic_file;
struct failure;
struct mapped_file;

/* What people read of them in messages */
#define STANDARD_INPUT "standard input"
#define STANDARD_OUTPUT "standard output"

/* "-", and the names under /dev that a shell user knows */
bool is_standard_input(const char *path);
bool is_standard_output(const char *path);

/*
 * Standard input as a run of bytes: a file is mapped, a pipe is read to its
 * end, 2 GiB at most. mapped_file_close is due. 0 or -errno.
 */
int standard_input_map(struct mapped_file *m, struct failure *why);

/*
 * A file without a name, for what is to be read back before it goes out; to
 * be used with atomic_file_write, _sync and _end.
 */
int standard_output_begin(struct atomic_file *f, struct failure *why);

/* Writes the whole of it to standard output. 0 or -errno. */
int standard_output_commit(struct atomic_file *f, struct failure *why);

#endif
