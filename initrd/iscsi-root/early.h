/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The surroundings of a program that runs before any init: /proc, /sys and /dev
 * are not mounted yet, and are not when it is done.
 */
#ifndef INITRD_ISCSI_ROOT_EARLY_H
#define INITRD_ISCSI_ROOT_EARLY_H

/* Mounts what is not mounted, and makes the folders. Says what fails. */
void early_mount(void);

/* Takes away again what early_mount has mounted. */
void early_unmount(void);

#endif
