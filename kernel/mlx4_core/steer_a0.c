// SPDX-License-Identifier: GPL-2.0-only
/*
 * A0 steering: the destination is computed. A frame goes to a base number plus
 * the index of its address in the port's MAC table (docs/hardware/steering.md,
 * E3.2). The port's own address is the only one there and has index 0, so the
 * base is the destination, and moving is one command.
 */
#include <linux/log2.h>

#include "mlx4_core/steer.h"

/* The place in the VLAN table of a tag that is not in it */
#define CX_VLAN_MISS_INDEX 1

static int calculate(struct cx_steer_port *port, u32 qpn, bool promiscuous)
{
	struct cx_mailbox *mailbox = cx_mailbox_get(port->core);
	int err;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_set(mailbox->data, CX_RQP_CALC_BASE_QPN, qpn);
	cx_set(mailbox->data, CX_RQP_CALC_LOG_MACS,
	       ilog2(port->core->adapter.caps.max_macs));
	cx_set(mailbox->data, CX_RQP_CALC_VLAN_MISS, CX_VLAN_MISS_INDEX);
	cx_set(mailbox->data, CX_RQP_CALC_UC_PROMISC, promiscuous);
	cx_set(mailbox->data, CX_RQP_CALC_PROMISC_QPN, qpn);
	cx_set(mailbox->data, CX_RQP_CALC_MC_MODE, CX_MC_DEFAULT);
	cx_set(mailbox->data, CX_RQP_CALC_DEFAULT_MC_QPN, qpn);
	err = cx_command(port->core, CX_CMD_SET_PORT, CX_SET_PORT_ETHERNET,
			 CX_SET_PORT_RQP_CALC << CX_SET_PORT_TABLE_SHIFT |
				 port->number,
			 mailbox, NULL);
	cx_mailbox_put(port->core, mailbox);
	return err;
}

static bool filtered(const struct cx_steer_port *port)
{
	return !port->promiscuous && !port->all_multicast;
}

static int a0_open(struct cx_steer_port *port)
{
	int err = cx_multicast_filter_write(port);

	return err ?: calculate(port, port->qpn, false);
}

/* The MAC table does the rest; a filter that is off keeps its addresses. */
static int a0_attach(struct cx_steer_port *port, struct cx_steer_address *at)
{
	if (is_unicast_ether_addr(at->mac) || is_broadcast_ether_addr(at->mac))
		return 0;
	return cx_multicast_filter_add(port, at->mac);
}

/* An address cannot be taken out of the filter: it is written anew. */
static void a0_detach(struct cx_steer_port *port, struct cx_steer_address *at)
{
	if (is_multicast_ether_addr(at->mac) && filtered(port))
		cx_multicast_filter_write(port);
}

static int a0_move(struct cx_steer_port *port, u32 qpn)
{
	return calculate(port, qpn, port->promiscuous);
}

static int a0_set_catch_all(struct cx_steer_port *port, bool promiscuous,
			    bool all_multicast)
{
	int err = 0;

	if (promiscuous != port->promiscuous)
		err = calculate(port, port->qpn, promiscuous);
	if (err)
		return err;
	if (promiscuous || all_multicast)
		err = cx_multicast_filter_off(port);
	else
		err = cx_multicast_filter_write(port);
	if (err && promiscuous != port->promiscuous)
		calculate(port, port->qpn, port->promiscuous);
	return err;
}

const struct cx_steer_mode cx_steer_a0 = {
	.one_unicast = true,
	.open = a0_open,
	.attach = a0_attach,
	.detach = a0_detach,
	.move = a0_move,
	.set_catch_all = a0_set_catch_all,
};
