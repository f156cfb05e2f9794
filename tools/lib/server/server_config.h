/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the servers of a diskless host have to be told: one file a server,
 * each text accepted by that server's own checker.
 */
#ifndef TOOLS_LIB_SERVER_CONFIG_H
#define TOOLS_LIB_SERVER_CONFIG_H

#include "tools/lib/server/host_table.h"

struct buffer;
struct failure;
struct problems;

struct server {
	const char *name;
	unsigned int reads; /* fields without which check is not called */
	bool users_are_shared; /* a CHAP user has one secret for all targets */
	/*
	 * Whether this server can do what a host asks for. 0, or -EINVAL with
	 * the field that it cannot take.
	 */
	int (*check)(const struct boot_host *host, enum host_field *field,
		     struct failure *why);
	/*
	 * Appends the configuration of all hosts, which host_table_check and
	 * check have passed. 0 or -ENOMEM.
	 */
	int (*write)(const struct host_table *table, struct buffer *out);
};

/* Ended by NULL; the first is the one that is meant when none is named. */
extern const struct server *const dhcp_servers[];
extern const struct server *const target_servers[];

extern const struct server dhcp_server_dhcpd;
extern const struct server dhcp_server_kea;
extern const struct server dhcp_server_dnsmasq;
extern const struct server target_server_tgt;
extern const struct server target_server_lio;
extern const struct server target_server_ietd;

/*
 * The server of that name (NULL: the first). 0, or -EINVAL with the names
 * that there are.
 */
int server_find(const struct server *const *servers, const char *name,
		const struct server **server, struct failure *why);

/*
 * Checks every host, writes the configuration of all of them if nothing is
 * wrong.
 */
void server_configure(const struct server *server, struct host_table *table,
		      struct buffer *out, struct problems *problems);

/* The code of the option that iPXE takes the initiator's name from */
#define DHCP_OPTION_INITIATOR 203

/* What every DHCP server has to ask; as the check of struct server. */
int dhcp_check(const struct boot_host *host, enum host_field *field,
	       struct failure *why);

/*
 * The number that an iSCSI server knows a LUN by: one level, up to 255, or
 * above that in flat space addressing (SAM-2). -1: none.
 */
long server_lun(uint64_t lun);

/* Whether none of these characters, nor any up to the blank, is in it. */
bool server_can_hold(const char *text, const char *unwanted);

/* The same of user and secret; without any, there is nothing to hold. */
bool server_can_hold_chap(const struct boot_host *host, const char *unwanted);

#endif
