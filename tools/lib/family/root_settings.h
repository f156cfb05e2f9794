/* SPDX-License-Identifier: GPL-2.0-only */
/* What every family of images brings along where iscsi-root finds the root. */
#ifndef TOOLS_LIB_ROOT_SETTINGS_H
#define TOOLS_LIB_ROOT_SETTINGS_H

struct failure;
struct iscsi_target;
struct overlay;

/*
 * Adds the program iscsi-root and its settings' file, which only root can read.
 * 0 or -errno.
 */
int root_settings_plan(const struct iscsi_target *target,
		       struct overlay *overlay, struct failure *why);

/* The settings' file alone, which tells inspect what an image was given. */
int root_settings_file_plan(const struct iscsi_target *target,
			    struct overlay *overlay, struct failure *why);

#endif
