/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the servers of a diskless host have to be told: one file a server,
 * each text accepted by that server's own checker.
 */
#ifndef TOOLS_LIB_SERVER_CONFIG_H
#define TOOLS_LIB_SERVER_CONFIG_H

#include "tools/lib/iscsi/root_path.h"

struct buffer;
struct failure;

struct boot_host {
	const char *name;
	const char *mac; /* as the user wrote it */
	const char *address; /* a fixed IPv4 address, or NULL */
	struct root_path root_path;
};

struct boot_target {
	const char *backing; /* the file or partition of the disk */
	struct root_path root_path;
};

struct dhcp_server {
	const char *name;
	int (*host_entry)(const struct boot_host *host, struct buffer *out,
			  struct failure *why);
};

struct target_server {
	const char *name;
	int (*target)(const struct boot_target *target, struct buffer *out,
		      struct failure *why);
};

extern const struct dhcp_server dhcp_server_dhcpd;
extern const struct target_server target_server_tgt;

/* The server of that name. 0, or -EINVAL with the names there are. */
int dhcp_server_find(const char *name, const struct dhcp_server **server,
		     struct failure *why);
int target_server_find(const char *name, const struct target_server **server,
		       struct failure *why);

/*
 * Reads a MAC address in any usual writing (00:02:c9:00:00:bb, with '-', or
 * 0002c90000bb as flint prints it) into the first. 0, or -EINVAL, also for
 * one that no adapter can have.
 */
#define MAC_TEXT 18
int mac_read(const char *text, char mac[MAC_TEXT], struct failure *why);

#endif
