/* SPDX-License-Identifier: GPL-2.0-only */
/* The tree's initrd, treated by mkinitrd-en. */
#ifndef TOOLS_LIB_INSTALL_INITRD_H
#define TOOLS_LIB_INSTALL_INITRD_H

struct failure;
struct install;

/* Makes @staging/initrd of the tree's one. 0 or -errno. */
int initrd_make(const struct install *install, const char *staging,
		struct failure *why);

#endif
