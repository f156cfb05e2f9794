/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A family of initrds: those that one generator makes. Each is one file,
 * family_NAME.c, that says whether an image is of it and what has to be laid
 * over the image so that its root comes from an iSCSI target.
 */
#ifndef TOOLS_LIB_FAMILY_H
#define TOOLS_LIB_FAMILY_H

#include <stdbool.h>

struct failure;
struct image;
struct iscsi_target;
struct overlay;

struct family {
	const char *name;
	bool (*detect)(const struct image *image);
	/* Modules that an iSCSI root needs beside the adapter's, ended by
	 * NULL; '?' in front: only if the image has not got it */
	const char *const *iscsi_modules;
	/* Adds the files that set the target. 0 or -errno. */
	int (*plan_target)(const struct image *image,
			   const struct iscsi_target *target,
			   struct overlay *overlay, struct failure *why);
};

extern const struct family family_new;
extern const struct family family_initramfs_tools;
extern const struct family family_dracut;

/*
 * The family of an image. 0, or -ENOTSUP with what was seen instead.
 */
int family_find(const struct image *image, const struct family **family,
		struct failure *why);

/* What an image of no known family looks like, in words. */
const char *family_seen(const struct image *image);

#endif
