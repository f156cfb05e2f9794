/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The iSCSI Boot Firmware Table, as the kernel's iscsi_ibft shows it: what the
 * expansion ROM or the BIOS booted from.
 */
#ifndef INITRD_ISCSI_ROOT_IBFT_H
#define INITRD_ISCSI_ROOT_IBFT_H

struct settings;

/*
 * Fills in what the settings do not say. @sys is /sys, but for tests.
 * 0; -ENOENT: there is no table; -EINVAL: it names no target.
 */
int ibft_take(struct settings *s, const char *sys);

#endif
