/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INITRD_ISCSI_ROOT_DHCP_CLIENT_H
#define INITRD_ISCSI_ROOT_DHCP_CLIENT_H

#include <stdint.h>

struct dhcp_lease;

/*
 * Asks on an interface that is up until a server grants a lease. The address is
 * not set. 0; -ETIMEDOUT: nobody did within @timeout seconds; -errno.
 */
int dhcp_get_lease(unsigned int index, const uint8_t mac[6],
		   unsigned int timeout, struct dhcp_lease *lease);

#endif
