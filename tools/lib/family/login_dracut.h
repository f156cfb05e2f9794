/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOOLS_LIB_LOGIN_DRACUT_H
#define TOOLS_LIB_LOGIN_DRACUT_H

struct failure;
struct image;
struct iscsi_target;
struct overlay;

/* plan_login of family.h, for images of dracut */
int login_dracut_plan(const struct image *image,
		      const struct iscsi_target *target,
		      struct overlay *overlay, struct failure *why);

#endif
