/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INITRD_ISCSI_ROOT_LOGOUT_H
#define INITRD_ISCSI_ROOT_LOGOUT_H

/*
 * Ends every iSCSI session of this machine, and with it its disks. @sys is /sys.
 * Returns how many there were, or -errno of the first that stays.
 */
int logout_all(const char *sys);

#endif
