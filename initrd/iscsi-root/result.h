/* SPDX-License-Identifier: GPL-2.0-only */
/* What the image's own scripts, and the booted system, are told. */
#ifndef INITRD_ISCSI_ROOT_RESULT_H
#define INITRD_ISCSI_ROOT_RESULT_H

struct dhcp_lease;
struct net_address;
struct root_file_system;

/*
 * Lines of NAME=VALUE that a shell takes: ROOT, ROOT_TYPE, DISK, DEVICE.
 * @root may be NULL, and @disk empty. 0 or -errno.
 */
int result_write(const char *path, const char *interface, const char *disk,
		 const struct root_file_system *root);

/*
 * The interface's configuration as klibc's ipconfig leaves it in @folder
 * (/run/net-DEVICE.conf): what the booted system's scripts read so that they
 * leave this interface alone. 0 or -errno.
 */
int result_write_network(const char *folder, const char *interface,
			 const struct net_address *address,
			 const struct dhcp_lease *lease);

/* The lease's name servers, if the image has none. */
void result_write_resolver(const struct dhcp_lease *lease);

#endif
