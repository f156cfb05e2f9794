/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of DHCP (RFC 2131), their options (RFC 2132), as a client has them. */
#ifndef INITRD_ISCSI_ROOT_DHCP_MESSAGE_H
#define INITRD_ISCSI_ROOT_DHCP_MESSAGE_H

#include "initrd/iscsi-root/settings.h"

#include <stddef.h>
#include <stdint.h>

#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68
/* What every server and relay takes, without its IP and UDP headers */
#define DHCP_MESSAGE_MAX 548

enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER = 2,
	DHCP_REQUEST = 3,
	DHCP_ACK = 5,
	DHCP_NAK = 6,
};

struct dhcp_lease {
	enum dhcp_type type;
	struct net_address address;
	uint8_t server[4]; /* its identifier */
	uint32_t seconds;
	unsigned int mtu; /* 0: not said */
	char root_path[512];
	char initiator[ISCSI_NAME_MAX + 1]; /* option 203 (iPXE's), else empty */
	char host_name[256];
	char domain[256];
	uint8_t name_servers[2][4];
	unsigned int n_name_servers;
};

/*
 * A DISCOVER, or (with an offer) the REQUEST that takes it. Returns its size.
 */
size_t dhcp_message_write(uint8_t message[DHCP_MESSAGE_MAX], uint32_t id,
			  const uint8_t mac[6], const struct dhcp_lease *offer);

/*
 * Reads an answer to the message of that id. 0; -EBADMSG: something else, or
 * damaged.
 */
int dhcp_message_read(const uint8_t *message, size_t size, uint32_t id,
		      const uint8_t mac[6], struct dhcp_lease *lease);

#endif
