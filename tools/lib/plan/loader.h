/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What loads the drivers at boot: our init program in the place of the
 * image's own, which it executes when the drivers are in.
 */
#ifndef TOOLS_LIB_LOADER_H
#define TOOLS_LIB_LOADER_H

struct failure;
struct image;
struct modules;
struct overlay;

/* Everything that is ours lives below this directory of the image. */
#define LOADER_DIRECTORY "connectx-en"

/*
 * Adds the modules, the list of what to load, and the init program; the
 * image's own init moves below LOADER_DIRECTORY, where the overlay has not put
 * another one. 0 or -errno.
 */
int loader_plan(const struct image *image, const struct modules *modules,
		struct overlay *overlay, struct failure *why);

#endif
