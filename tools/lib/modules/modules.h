/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The drivers: which modules of a kernel are needed, in which order they
 * load, and which of them an image holds already.
 */
#ifndef TOOLS_LIB_MODULES_H
#define TOOLS_LIB_MODULES_H

#include "tools/lib/base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct failure;
struct image;

enum module_action {
	MODULE_ADD, /* goes into the new segment */
	MODULE_SHARE, /* the image holds the same file, not compressed */
	MODULE_BUILT_IN, /* part of the kernel */
};

struct module {
	char *name;
	char *source; /* its file on this machine */
	char *needs; /* all that it depends on: names, a ',' behind each */
	char *in_image; /* MODULE_SHARE: the image's own file */
	enum module_action action;
	bool differs; /* the image holds another build of it */
	struct buffer bytes; /* as ELF, decompressed */
};

struct modules {
	char *kernel; /* the release, as uname -r says it */
	char *directory; /* where its modules were found */
	/* Of the drivers: "dkms", "in-tree", "other" or "built-in" */
	const char *driver;
	char *driver_folder; /* where their files are; NULL: built in */
	struct module *list; /* in the order in which they load */
	size_t count;
	/* What would be missing at boot: one line each */
	char **notes;
	size_t n_notes;
};

/*
 * Finds the release that @image is for. @wanted is what the user said, or
 * NULL. The caller frees *@release. 0, -ENOENT (none found: ask), -EEXIST
 * (several: ask), -EINVAL (another one than wanted) or -ENOMEM.
 */
int modules_kernel_of(const struct image *image, const char *wanted,
		      char **release, struct failure *why);

/*
 * Takes each module of @names and all that it depends on from @directory,
 * which is a root with lib/modules/RELEASE, lib/modules itself, or the
 * release's own directory. A name in @names that begins with '?' is taken
 * only if the image has not got it. @driver is where the drivers come from, and
 * what they depend on if it is there (driver_folder has the words); NULL: as
 * depmod has chosen. 0 or -errno; modules_free is due.
 */
int modules_resolve(struct modules *m, const struct image *image,
		    const char *directory, const char *release,
		    const char *driver, const char *const *names,
		    struct failure *why);

/*
 * Holds what is to be added against the modules of the image that were looked
 * at (image_modules.h), and against the Module.symvers of the headers that
 * @root has installed. What the image's kernel cannot load is refused
 * (-EINVAL); what it may not load becomes a note. 0 or -errno.
 */
int modules_check_fit(struct modules *m, const struct image *image,
		      const char *root, struct failure *why);

/* Adds a line to the notes. 0 or -ENOMEM. */
int modules_note(struct modules *m, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void modules_free(struct modules *m);

#endif
