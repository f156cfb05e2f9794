/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What loads the drivers at boot: our init program in the place of the
 * image's own, which it executes when the drivers are in; or the image itself,
 * told so in its own way; or lines in its script.
 */
#ifndef TOOLS_LIB_LOADER_H
#define TOOLS_LIB_LOADER_H

#include "tools/lib/family/family.h"

struct failure;
struct image;
struct modules;
struct overlay;

/* Everything that is ours lives below this directory of the image. */
#define LOADER_DIRECTORY "connectx-en"

struct loader {
	const struct image *image;
	const struct family *family;
	const struct modules *modules;
	enum load_way way; /* asked for */
	bool early; /* iscsi-root has to run before the image's init */
	/* Decided: */
	enum load_way chosen;
	char hook[TREE_PATH_MAX]; /* the file in the image that loads them */
	unsigned int line; /* of LOAD_INSMOD: where ours begin */
};

/*
 * Adds the modules, the list of what to load, and what loads them; with our
 * program as /init the image's own moves below LOADER_DIRECTORY, where the
 * overlay has not put another one. Comes last: what the overlay says of /init
 * already is taken into account. 0 or -errno.
 */
int loader_plan(struct loader *l, struct overlay *overlay, struct failure *why);

/*
 * The modules where the image's own modprobe (or @folder) has them, and
 * modules.dep so that it finds them. 0 or -errno.
 */
int loader_native_modules(const struct loader *l, struct overlay *overlay,
			  struct failure *why);

/* Lines in the script that load them from LOADER_DIRECTORY. 0 or -errno. */
int loader_insmod_lines(struct loader *l, struct overlay *overlay,
			struct failure *why);

/* Where a module's file stands in the image, without a slash in front. */
void loader_module_path(const struct loader *l, const char *name,
			char path[TREE_PATH_MAX]);

#endif
