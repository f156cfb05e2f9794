/* SPDX-License-Identifier: GPL-2.0-only */
/* The way from an adapter without an address to a root disk. */
#ifndef INITRD_ISCSI_ROOT_BOOT_H
#define INITRD_ISCSI_ROOT_BOOT_H

#include "initrd/iscsi-root/dhcp_message.h"
#include "initrd/iscsi-root/settings.h"

#include <stdbool.h>

struct boot {
	struct settings settings; /* baked in, command line, firmware */
	const char *sys; /* /sys */
	const char *run; /* /run */
	bool network_only; /* no target is asked for */
	/* What became of it */
	struct settings found; /* completed by the lease */
	struct dhcp_lease lease;
	char interface[16];
	char disk[64];
};

/*
 * Takes the first port over which the target can be reached, logs in, and waits
 * for the disk; with network_only the first that gets an address, and that is
 * all. Says what it does. 0; -ENODEV: no adapter; -ENOLINK: no link; -ENODATA: no
 * target known; -ETIMEDOUT.
 */
int boot_find_disk(struct boot *boot);

#endif
