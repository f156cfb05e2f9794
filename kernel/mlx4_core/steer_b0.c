// SPDX-License-Identifier: GPL-2.0-only
/*
 * B0 steering: an entry of the multicast table for each address, unicast too,
 * and a list for what matches no entry (docs/hardware/steering.md, E3.3).
 *
 * A port has one destination, so an entry has one member, and that of what is
 * promiscuous is in every entry already.
 */
#include "mlx4_core/steer.h"

/* Entries tell addresses apart: the filter in front of them stays open. */
static int b0_open(struct cx_steer_port *port)
{
	return cx_multicast_filter_off(port);
}

static int b0_attach(struct cx_steer_port *port, struct cx_steer_address *at)
{
	return cx_mcg_write(port, at->mac, port->qpn);
}

static void b0_detach(struct cx_steer_port *port, struct cx_steer_address *at)
{
	/* An entry that stays would send frames to whoever has the number next. */
	if (cx_mcg_remove(port, at->mac) && cx_mcg_remove(port, at->mac))
		cx_adapter_report_error(&port->core->adapter,
					"an address could not be removed");
}

/* From one destination to another, of lists that are in use */
static int move_defaults(struct cx_steer_port *port, u32 qpn)
{
	int err = 0;

	if (port->promiscuous)
		err = cx_mcg_set_default(port, CX_STEER_UNICAST, qpn);
	if (!err && (port->promiscuous || port->all_multicast))
		err = cx_mcg_set_default(port, CX_STEER_MULTICAST, qpn);
	return err;
}

static int move_all(struct cx_steer_port *port, u32 qpn)
{
	struct cx_steer_address *at;
	int err = move_defaults(port, qpn);

	list_for_each_entry(at, &port->addresses, list) {
		if (err)
			return err;
		err = cx_mcg_write(port, at->mac, qpn);
	}
	return err;
}

static int b0_move(struct cx_steer_port *port, u32 qpn)
{
	int err = move_all(port, qpn);

	/* What stays would send frames to whoever has the number next. */
	if (err && move_all(port, port->qpn) && move_all(port, port->qpn))
		cx_adapter_report_error(&port->core->adapter,
					"a port's addresses are scattered");
	return err;
}

static int b0_set_catch_all(struct cx_steer_port *port, bool promiscuous,
			    bool all_multicast)
{
	bool had_multicast = port->promiscuous || port->all_multicast;
	bool multicast = promiscuous || all_multicast;
	int err = 0;

	if (multicast != had_multicast)
		err = cx_mcg_set_default(port, CX_STEER_MULTICAST,
					 multicast ? port->qpn : 0);
	if (err || promiscuous == port->promiscuous)
		return err;
	err = cx_mcg_set_default(port, CX_STEER_UNICAST,
				 promiscuous ? port->qpn : 0);
	if (err && multicast != had_multicast)
		cx_mcg_set_default(port, CX_STEER_MULTICAST,
				   had_multicast ? port->qpn : 0);
	return err;
}

const struct cx_steer_mode cx_steer_b0 = {
	.open = b0_open,
	.attach = b0_attach,
	.detach = b0_detach,
	.move = b0_move,
	.set_catch_all = b0_set_catch_all,
};
