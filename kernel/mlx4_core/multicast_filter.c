// SPDX-License-Identifier: GPL-2.0-only
/*
 * A port's filter of multicast addresses, where nothing else tells them apart
 * (docs/hardware/offloads.md, E5.7).
 */
#include "mlx4_core/steer.h"

static int command(struct cx_steer_port *port, u8 what, u64 word)
{
	return cx_command_immediate(port->core, CX_CMD_SET_MCAST_FLTR, what,
				    port->number, word, NULL);
}

static int config(struct cx_steer_port *port, const u8 *mac, bool clear)
{
	u64 word = 0;

	cx_set(&word, CX_MCAST_FILTER_MAC, ether_addr_to_u64(mac));
	cx_set(&word, CX_MCAST_FILTER_CLEAR, clear);
	return command(port, CX_MCAST_FILTER_CONFIG, cx_load_be64(&word));
}

/* Everything passes */
int cx_multicast_filter_off(struct cx_steer_port *port)
{
	return command(port, CX_MCAST_FILTER_DISABLE, 0);
}

int cx_multicast_filter_add(struct cx_steer_port *port, const u8 *mac)
{
	return config(port, mac, false);
}

/* What the port's list says, and broadcast; nothing is lost meanwhile */
int cx_multicast_filter_write(struct cx_steer_port *port)
{
	struct cx_steer_address *at;
	u8 broadcast[ETH_ALEN];
	int err;

	eth_broadcast_addr(broadcast);
	err = cx_multicast_filter_off(port);
	if (!err)
		err = config(port, broadcast, true);
	list_for_each_entry(at, &port->addresses, list) {
		if (err)
			return err;
		if (is_multicast_ether_addr(at->mac) &&
		    !is_broadcast_ether_addr(at->mac))
			err = cx_multicast_filter_add(port, at->mac);
	}
	return err ?: command(port, CX_MCAST_FILTER_ENABLE, 0);
}
