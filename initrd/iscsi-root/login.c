// SPDX-License-Identifier: GPL-2.0-only
#include "initrd/iscsi-root/login.h"

#include "initrd/iscsi-root/run_program.h"
#include "initrd/iscsi-root/seconds.h"
#include "initrd/iscsi-root/settings.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

static const char *iscsistart;
static const char *iscsiadm;
static const char *iscsid;

bool login_init(void)
{
	iscsistart = find_program("iscsistart");
	iscsiadm = find_program("iscsiadm");
	iscsid = find_program("iscsid");
	if (!iscsistart && !(iscsiadm && iscsid))
		iscsistart = login_brought_iscsistart();
	return iscsistart || (iscsiadm && iscsid);
}

/* The initiators take addresses only. */
static int find_address(const struct portal *portal, char *text, size_t room)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	int err;

	if (portal->kind != ISCSI_HOST_NAME) {
		snprintf(text, room, "%s", portal->host);
		return 0;
	}
	if (getaddrinfo(portal->host, NULL, &hints, &found))
		return -ENOENT;
	err = getnameinfo(found->ai_addr, found->ai_addrlen, text, room, NULL,
			  0, NI_NUMERICHOST);
	freeaddrinfo(found);
	return err ? -ENOENT : 0;
}

int login_at(const struct settings *s, const struct portal *portal,
	     unsigned int timeout)
{
	unsigned int port = portal->port ? portal->port : ISCSI_PORT;
	double end = seconds_now() + timeout;
	char address[ISCSI_HOST_MAX + 1];
	int err;

	err = find_address(portal, address, sizeof(address));
	if (err)
		return err;
	if (iscsistart)
		return login_by_iscsistart(iscsistart, s, address, port, end);
	return login_by_iscsiadm(iscsiadm, iscsid, s, address, port, end);
}
