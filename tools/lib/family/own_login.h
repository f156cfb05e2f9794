/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A login by the image's own scripts, told in their own way: a few lines of
 * settings in place of iscsi-root. They know one way to one target.
 */
#ifndef TOOLS_LIB_OWN_LOGIN_H
#define TOOLS_LIB_OWN_LOGIN_H

struct buffer;
struct failure;
struct iscsi_target;
struct settings;

/* Who logs in, and by what both prove who they are */
enum own_login_key {
	OWN_LOGIN_INITIATOR,
	OWN_LOGIN_USER,
	OWN_LOGIN_SECRET,
	OWN_LOGIN_USER_IN,
	OWN_LOGIN_SECRET_IN,
	OWN_LOGIN_KEYS,
};

/*
 * The settings that such a login is told, in @settings: target, port, names, a
 * LUN of one level, and secrets (to be wiped). 0, or -ENOTSUP with what such
 * scripts cannot be told.
 */
int own_login_settings(const struct iscsi_target *target,
		       struct settings *settings, struct failure *why);

/*
 * Has @add write those that are known to @text, under the scripts' names of them.
 * 0 or what @add returned.
 */
int own_login_write(const struct iscsi_target *target,
		    const struct settings *settings,
		    const char *const names[OWN_LOGIN_KEYS],
		    int (*add)(struct buffer *text, const char *name,
			       const char *value),
		    struct buffer *text);

/* Wipes what may be secret, and frees the text. */
void own_login_wipe(struct settings *settings, struct buffer *text);

#endif
