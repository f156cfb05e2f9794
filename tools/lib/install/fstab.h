/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of file systems of a root disk over the network. */
#ifndef TOOLS_LIB_INSTALL_FSTAB_H
#define TOOLS_LIB_INSTALL_FSTAB_H

#include <stddef.h>

struct buffer;

/*
 * Appends to @out the fstab at @text for a root with that UUID: its root line
 * is ours; a line of a disk that a host without disks has not got becomes a
 * comment; all else stays. 0 or -ENOMEM.
 */
int fstab_make(const char *text, size_t size, const char *uuid,
	       struct buffer *out);

#endif
