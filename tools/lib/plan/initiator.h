/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * open-iscsi's iscsistart for an image that has no initiator: brought along from
 * this machine with its interpreter and its libraries, so that it runs whatever
 * libc the image has, or none.
 */
#ifndef TOOLS_LIB_INITIATOR_H
#define TOOLS_LIB_INITIATOR_H

#include <stdbool.h>

struct failure;
struct image;
struct overlay;

/* Whether the image brings something that iscsi-root can log in with. */
bool initiator_in_image(const struct image *image);

/*
 * Adds iscsistart as it is found below @root ("/", or the root of another system
 * of the same architecture). 0; -ENOENT: it, or a library that it needs, is not
 * there; -EBADMSG: one is damaged, or of another machine; -errno.
 */
int initiator_plan(const struct image *image, struct overlay *overlay,
		   const char *root, struct failure *why);

#endif
