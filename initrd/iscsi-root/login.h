/* SPDX-License-Identifier: GPL-2.0-only */
/* The login to the target, through open-iscsi's iscsistart. */
#ifndef INITRD_ISCSI_ROOT_LOGIN_H
#define INITRD_ISCSI_ROOT_LOGIN_H

struct portal;
struct settings;

/* Where the image has it, or NULL. */
const char *login_program(void);

/*
 * Logs in at one portal. 0: there is a session; -ETIMEDOUT; -ENOENT: the portal's
 * name means no address; -EIO: iscsistart says no.
 */
int login_at(const struct settings *s, const struct portal *portal,
	     unsigned int timeout);

#endif
