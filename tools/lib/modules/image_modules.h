/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel modules that an image holds, and what they miss there. */
#ifndef TOOLS_LIB_IMAGE_MODULES_H
#define TOOLS_LIB_IMAGE_MODULES_H

#include "tools/lib/image/tree.h"

#include <stdbool.h>
#include <stddef.h>

struct failure;
struct image;

struct image_module {
	const char *path; /* the tree's */
	const struct inode *inode;
	char *key; /* RELEASE/NAME */
	const char *name; /* in key */
	char *release;
};

struct module_gap {
	const struct image_module *module;
	char *needs; /* a module's name, or a file of firmware */
	bool firmware;
};

struct image_modules {
	struct image_module *list; /* by path */
	size_t count;
	char **releases;
	size_t n_releases;
	size_t n_unseen; /* packed, and nobody has looked into them */
	char **known; /* RELEASE/NAME of these and of the kernel's own; sorted */
	size_t n_known;
	struct module_gap *gaps;
	size_t n_gaps;
};

/*
 * What image->watch has to be: notes what each module says of itself. Packed
 * modules, which take their time, only with @packed.
 */
const struct tree_watch *image_modules_watch(bool packed);

/* The same of a few modules, for those who only want to know the kernel. */
struct module_sample {
	struct tree_watch watch;
	unsigned int plain; /* how many are still to be looked at */
	unsigned int packed;
};

/* Makes sample->watch; @sample must stay where it is. */
void module_sample_begin(struct module_sample *sample);

/*
 * Collects the modules of an image that was read so, and what they ask for
 * that is not there. 0 or -ENOMEM; image_modules_free is due.
 */
int image_modules_find(struct image_modules *m, const struct image *image,
		       struct failure *why);
void image_modules_free(struct image_modules *m);

#endif
