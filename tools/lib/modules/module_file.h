/* SPDX-License-Identifier: GPL-2.0-only */
/* A module's file: its name, and its bytes whatever they are packed with. */
#ifndef TOOLS_LIB_MODULE_FILE_H
#define TOOLS_LIB_MODULE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct failure;

/*
 * The module's name of a path that ends in .ko, .ko.gz, .ko.xz or .ko.zst,
 * with '_' for '-' as the kernel has it. 0, or -EINVAL for any other path.
 */
int module_file_name(const char *path, char *name, size_t room);

/*
 * What stands behind lib/modules/ or usr/lib/modules/ in a path of a tree, or
 * NULL.
 */
const char *module_file_below(const char *path);

/* Whether the path ends in .ko. */
bool module_file_is_plain(const char *path);

/*
 * Decompresses what was read from @path by that suffix, into @elf. 0 or
 * -errno.
 */
int module_file_unpack(const char *path, const uint8_t *data, size_t size,
		       struct buffer *elf, struct failure *why);

/*
 * Reads and decompresses a module. *@stored is the hash of the file as it
 * stands. 0 or -errno with a message that names the file.
 */
int module_file_read(const char *path, struct buffer *elf, uint64_t *stored,
		     struct failure *why);

#endif
