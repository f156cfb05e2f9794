/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a kernel's ConnectX drivers come from: there may be several of them. */
#ifndef TOOLS_LIB_DRIVER_H
#define TOOLS_LIB_DRIVER_H

#include <stdbool.h>

struct failure;

/*
 * The folder of the drivers that @wanted names ("dkms", "in-tree", or a folder)
 * of the kernel whose modules are in @modules. The caller frees *@folder. 0 or
 * -errno.
 */
int driver_folder(const char *modules, const char *wanted, char **folder,
		  struct failure *why);

/*
 * The file of the module @name in @folder or below it, packed or not, the first
 * by name; *@path is NULL if there is none. The caller frees it. 0 or -errno.
 */
int driver_file(const char *folder, const char *name, char **path,
		struct failure *why);

/* Whether the module @name is one of the drivers themselves. */
bool driver_is(const char *name);

/*
 * What @path, a module's file, is beside @modules: "dkms", "in-tree", or
 * "other".
 */
const char *driver_kind(const char *modules, const char *path);

#endif
