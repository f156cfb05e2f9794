/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOOLS_LIB_ISCSID_UNIT_H
#define TOOLS_LIB_ISCSID_UNIT_H

struct failure;
struct image;
struct overlay;

/*
 * Where the image has systemd and iscsid: a unit that starts iscsid at once, in
 * place of the one that waits for a network that is online. 0 or -errno.
 */
int iscsid_unit_plan(const struct image *image, struct overlay *overlay,
		     struct failure *why);

#endif
