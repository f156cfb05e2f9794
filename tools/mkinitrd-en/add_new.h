/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of an image from nothing. */
#ifndef TOOLS_MKINITRD_EN_ADD_NEW_H
#define TOOLS_MKINITRD_EN_ADD_NEW_H

struct add_command;
struct failure;

enum new_option {
	OPT_NEW = 1024,
	OPT_NFS,
	OPT_RAMROOT,
	OPT_BUSYBOX,
	OPT_NEW_END,
};

/* One of them, its argument in optarg. 0 or -EINVAL. */
int add_read_new_option(struct add_command *c, int code, struct failure *why);

/* Whether all options go together; what --new decides itself. 0 or -EINVAL. */
int add_check_new_options(struct add_command *c, struct failure *why);

#endif
