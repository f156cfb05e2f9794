/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The iSCSI Boot Firmware Table: what the expansion ROM or the BIOS booted from.
 * It is read as ACPI has it, or as the kernel's iscsi_ibft shows it.
 */
#ifndef INITRD_ISCSI_ROOT_IBFT_H
#define INITRD_ISCSI_ROOT_IBFT_H

#include "initrd/iscsi-root/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ibft {
	char initiator[ISCSI_NAME_MAX + 1];
	char target[64]; /* its address; empty: none is named */
	uint16_t port; /* 0: not said */
	char name[ISCSI_NAME_MAX + 1];
	bool has_lun;
	uint64_t lun;
	struct chap chap;
	struct chap chap_in;
	bool has_mac;
	uint8_t mac[6];
	bool is_static; /* else by DHCP */
	char address[64];
	unsigned int length;
	char gateway[64]; /* empty: none */
	unsigned int vlan;
};

/* The table of @size bytes. 0, or -EBADMSG: damaged. */
int ibft_read_table(struct ibft *ibft, const uint8_t *table, size_t size);

/* What iscsi_ibft shows below @sys. 0, or -ENOENT. */
int ibft_read_sysfs(struct ibft *ibft, const char *sys);

/*
 * Fills in what the settings do not say. @sys is /sys, but for tests.
 * 0; -ENOENT: there is no table; -EBADMSG; -EINVAL: it names no target.
 */
int ibft_take(struct settings *s, const char *sys);

#endif
