/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An image from nothing: a shell, a script that finds the root, and the drivers.
 * It is an overlay like any other, over an image that holds nothing.
 */
#ifndef TOOLS_LIB_NEW_IMAGE_H
#define TOOLS_LIB_NEW_IMAGE_H

#include "tools/lib/plan/loader.h"

#include <stdbool.h>

struct buffer;
struct failure;
struct overlay;

/* Tells such an image from others. */
#define NEW_IMAGE_MARK LOADER_DIRECTORY "/made"

struct new_image {
	/* ADDRESS:PATH[,OPTIONS], or "auto"; NULL: the root is no NFS one */
	const char *nfs;
	/* "copy", or the URL of an archive; NULL: the root is not in memory */
	const char *ram;
	const char *busybox; /* NULL: this machine's */
};

/* Whether --nfs or --ramroot can be so. 0 or -EINVAL. */
int new_image_check_nfs(const char *nfs, struct failure *why);
int new_image_check_url(const char *url, struct failure *why);

/* The image that all is laid over. 0 or -ENOMEM. */
int new_image_base(struct buffer *archive, struct failure *why);

/* The modules of such a root file system, ended by NULL. */
const char *const *new_image_modules(const struct new_image *n);

/*
 * Adds the shell, the script, its settings, mount points and the mark. 0;
 * -ENOENT, -EBADMSG: no busybox that stands alone; -errno.
 */
int new_image_plan(const struct new_image *n, const char *kernel,
		   struct overlay *overlay, struct failure *why);

#endif
