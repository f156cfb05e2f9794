/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An image that --rebuild wrote. What our files replaced is kept in it below
 * REBUILT_BASE, and its marker lists all that we did, a line each:
 *
 *	rebuilt
 *	added PATH
 *	replaced PATH	(the nth of these, from 0 on, is REBUILT_BASE/n)
 */
#ifndef TOOLS_LIB_REBUILT_H
#define TOOLS_LIB_REBUILT_H

#include <stdbool.h>

struct failure;
struct image;

#define REBUILT_BASE "connectx-en/base"

/* Whether the image was written so. */
bool rebuilt(const struct image *image);

/*
 * Takes our files out of the tree of such an image, and puts back what they
 * replaced. 0 or -errno.
 */
int rebuilt_undo(const struct image *image, struct failure *why);

#endif
