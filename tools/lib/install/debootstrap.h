/* SPDX-License-Identifier: GPL-2.0-only */
/* A tree of Debian packages, and programs that run as root of a user's ids. */
#ifndef TOOLS_LIB_INSTALL_DEBOOTSTRAP_H
#define TOOLS_LIB_INSTALL_DEBOOTSTRAP_H

struct failure;
struct install_request;

/* Has mmdebstrap make @folder, as root or in the user's namespace. */
int debootstrap(const struct install_request *request, const char *folder,
		struct failure *why);

/* Removes a folder, with what belongs to the user's subordinate ids. */
int remove_tree(const char *folder, struct failure *why);

#endif
