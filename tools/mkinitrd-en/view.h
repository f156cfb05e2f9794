/* SPDX-License-Identifier: GPL-2.0-only */
/* An image that is looked at, and all that there is to know about it. */
#ifndef TOOLS_MKINITRD_EN_VIEW_H
#define TOOLS_MKINITRD_EN_VIEW_H

#include "tools/lib/base/failure.h"
#include "tools/lib/base/mapped_file.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/pe.h"
#include "tools/lib/inspect/inserted.h"
#include "tools/lib/modules/image_modules.h"
#include "tools/lib/modules/kernel_config.h"

struct view {
	const char *name; /* of the file, for messages */
	struct mapped_file file;
	struct buffer input; /* instead, if it comes out of a pipe */
	bool is_uki; /* the image is a section of a PE file */
	struct pe pe;
	struct image image;
	struct image_modules modules;
	struct inserted inserted;
	struct kernel_config kernel; /* of view_kernel */
	/* Why the image could not be read to its end, if it could not */
	int damage;
	struct failure damage_why;
};

/*
 * Reads the image at @path ("-": standard input) as the kernel does; @watch
 * as for the image. Damage of the image itself is no failure. 0 or -errno;
 * view_free is due.
 */
int view_read(struct view *v, const char *path, const struct tree_watch *watch,
	      struct failure *why);
void view_free(struct view *v);

/*
 * Finds the config of the kernel that the image is for: @word is what the user
 * said (a release, a kernel's file, a config), or NULL for what the image tells,
 * and no config is no failure then. 0 or -errno.
 */
int view_kernel(struct view *v, const char *word, struct failure *why);

/* How much all segments hold, and how many entries. */
uint64_t view_unpacked(const struct view *v);
uint64_t view_entries(const struct view *v);

/* The zero bytes between a segment and what comes next. */
uint64_t view_padding(const struct view *v, size_t segment);

#endif
