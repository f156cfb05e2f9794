/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOOLS_LIB_LOGIN_INITRAMFS_TOOLS_H
#define TOOLS_LIB_LOGIN_INITRAMFS_TOOLS_H

struct failure;
struct image;
struct iscsi_target;
struct overlay;

/* The last of the settings that init reads before the command line */
#define INITRAMFS_TOOLS_SETTINGS "conf/conf.d/zz-connectx-en"

/* plan_login of family.h, for images of initramfs-tools */
int login_initramfs_tools_plan(const struct image *image,
			       const struct iscsi_target *target,
			       struct overlay *overlay, struct failure *why);

#endif
