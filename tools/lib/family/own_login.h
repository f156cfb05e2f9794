/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A login by the image's own scripts, told in their own way: a few lines of
 * settings in place of iscsi-root. They know one way to one target.
 */
#ifndef TOOLS_LIB_OWN_LOGIN_H
#define TOOLS_LIB_OWN_LOGIN_H

struct failure;
struct iscsi_target;
struct settings;

/*
 * The settings that such a login is told, in @settings: target, port, names, a
 * LUN of one level, and secrets (to be wiped). 0, or -ENOTSUP with what such
 * scripts cannot be told.
 */
int own_login_settings(const struct iscsi_target *target,
		       struct settings *settings, struct failure *why);

#endif
