/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The login to the target, through what the image has of open-iscsi: iscsistart
 * (initramfs-tools), or iscsiadm and iscsid (dracut); where it has nothing, by the
 * iscsistart that mkinitrd-en has brought along.
 */
#ifndef INITRD_ISCSI_ROOT_LOGIN_H
#define INITRD_ISCSI_ROOT_LOGIN_H

#include <stdbool.h>

struct portal;
struct settings;

/* Finds out what there is. False: no initiator. */
bool login_init(void);

/*
 * Logs in at one portal. 0: there is a session; -ETIMEDOUT; -ENOENT: the portal's
 * name means no address; -EIO: the initiator says no.
 */
int login_at(const struct settings *s, const struct portal *portal,
	     unsigned int timeout);

/* The iscsistart that was brought along, or NULL. */
const char *login_brought_iscsistart(void);

/* The ways to do it, at an address in digits; @program is iscsistart. */
int login_by_iscsistart(const char *program, const struct settings *s,
			const char *address, unsigned int port, double end);
int login_by_iscsiadm(const char *iscsiadm, const char *iscsid,
		      const struct settings *s, const char *address,
		      unsigned int port, double end);

#endif
