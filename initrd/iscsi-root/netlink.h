/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Orders to the kernel's network stack. They go by an interface's index: udev may
 * rename it meanwhile. All return 0 or the kernel's -errno.
 */
#ifndef INITRD_ISCSI_ROOT_NETLINK_H
#define INITRD_ISCSI_ROOT_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

struct net_address;

int net_set_up(unsigned int index, bool up);
int net_set_mtu(unsigned int index, unsigned int mtu);

/* Makes interface @name for VLAN @vlan over @index, or finds it there. */
int net_add_vlan(unsigned int index, unsigned int vlan, const char *name);

/*
 * The address, and a default route over its gateway if it has one. What is there
 * already is as good.
 */
int net_add_address(unsigned int index, const struct net_address *address);
int net_remove_address(unsigned int index, const struct net_address *address);

/* A socket that is readable when any link has changed; -errno. */
int net_watch_links(void);

#endif
