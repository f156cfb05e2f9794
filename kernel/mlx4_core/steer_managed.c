// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device-managed steering: a rule for each address, and one for what matches
 * none (docs/hardware/steering.md, E3.4).
 *
 * The destination moves without a frame lost or doubled because all rules of
 * addresses stand at one of two priorities: the new ones are attached at the
 * other priority, then the old ones are detached, and at each moment one of
 * the two wins.
 */
#include "mlx4_core/rule.h"
#include "mlx4_core/steer.h"

static u16 priority_of(u8 level)
{
	return CX_RULE_PRIORITY_PORT + level;
}

/* Frames in VXLAN are looked up by their inner headers too. */
static bool wants_tunnelled(const struct cx_steer_port *port,
			    const struct cx_steer_address *at)
{
	return port->core->adapter.caps.vxlan &&
	       !is_broadcast_ether_addr(at->mac);
}

static void detach(struct cx_steer_port *port, struct cx_steer_rules *rules)
{
	cx_rule_detach(port->core, &rules->tunnelled);
	cx_rule_detach(port->core, &rules->plain);
}

static int attach(struct cx_steer_port *port, const struct cx_steer_address *at,
		  u32 qpn, u8 level, struct cx_steer_rules *rules)
{
	struct cx_core *core = port->core;
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	struct cx_rule rule;
	int err;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	rules->tunnelled = 0;
	cx_rule_begin(&rule, mailbox, port->number, CX_RULE_REGULAR,
		      priority_of(level), qpn);
	cx_rule_match_destination(&rule, at->mac);
	err = cx_rule_attach(core, &rule, &rules->plain);
	if (!err && wants_tunnelled(port, at)) {
		cx_rule_begin(&rule, mailbox, port->number, CX_RULE_REGULAR,
			      priority_of(level), qpn);
		cx_rule_match_destination(&rule, at->mac);
		cx_rule_match_any_vxlan(&rule);
		err = cx_rule_attach(core, &rule, &rules->tunnelled);
		if (err)
			cx_rule_detach(core, &rules->plain);
	}
	cx_mailbox_put(core, mailbox);
	return err;
}

/* A rule of frames that match no other */
static int attach_catch_all(struct cx_steer_port *port, enum cx_rule_type type,
			    u32 qpn, u64 *id)
{
	struct cx_core *core = port->core;
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	struct cx_rule rule;
	int err;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_rule_begin(&rule, mailbox, port->number, type, 0, qpn);
	err = cx_rule_attach(core, &rule, id);
	cx_mailbox_put(core, mailbox);
	return err;
}

/* Rules tell addresses apart: the filter in front of them stays open. */
static int managed_open(struct cx_steer_port *port)
{
	port->level = 0;
	return cx_multicast_filter_off(port);
}

static int managed_attach(struct cx_steer_port *port,
			  struct cx_steer_address *at)
{
	return attach(port, at, port->qpn, port->level, &at->rules);
}

static void managed_detach(struct cx_steer_port *port,
			   struct cx_steer_address *at)
{
	detach(port, &at->rules);
}

static int move_catch_all(struct cx_steer_port *port, enum cx_rule_type type,
			  u32 qpn, u64 *id)
{
	u64 moved;
	int err;

	if (!*id)
		return 0;
	err = attach_catch_all(port, type, qpn, &moved);
	if (err)
		return err;
	cx_rule_detach(port->core, id);
	*id = moved;
	return 0;
}

/* What stays would send frames to whoever has the number next. */
static void move_back(struct cx_steer_port *port)
{
	int tries = 2;

	while (move_catch_all(port, CX_RULE_ALL_DEFAULT, port->qpn,
			      &port->all_rule))
		if (!--tries) {
			cx_adapter_report_error(
				&port->core->adapter,
				"a port's addresses are scattered");
			break;
		}
}

static int managed_move(struct cx_steer_port *port, u32 qpn)
{
	u8 level = !port->level;
	struct cx_steer_address *at;
	int err;

	list_for_each_entry(at, &port->addresses, list) {
		err = attach(port, at, qpn, level, &at->moved);
		if (err)
			goto back;
	}
	err = move_catch_all(port, CX_RULE_ALL_DEFAULT, qpn, &port->all_rule);
	if (!err)
		err = move_catch_all(port, CX_RULE_MULTICAST_DEFAULT, qpn,
				     &port->multicast_rule);
	if (err) {
		move_back(port);
		goto back;
	}
	list_for_each_entry(at, &port->addresses, list) {
		detach(port, &at->rules);
		at->rules = at->moved;
	}
	port->level = level;
	return 0;

back:
	list_for_each_entry_continue_reverse(at, &port->addresses, list)
		detach(port, &at->moved);
	return err;
}

static int set_one(struct cx_steer_port *port, enum cx_rule_type type, bool on,
		   u64 *id)
{
	if (on == !!*id)
		return 0;
	if (on)
		return attach_catch_all(port, type, port->qpn, id);
	cx_rule_detach(port->core, id);
	return 0;
}

static int managed_set_catch_all(struct cx_steer_port *port, bool promiscuous,
				 bool all_multicast)
{
	int err;

	err = set_one(port, CX_RULE_ALL_DEFAULT, promiscuous, &port->all_rule);
	if (err)
		return err;
	err = set_one(port, CX_RULE_MULTICAST_DEFAULT, all_multicast,
		      &port->multicast_rule);
	if (err)
		set_one(port, CX_RULE_ALL_DEFAULT, port->promiscuous,
			&port->all_rule);
	return err;
}

const struct cx_steer_mode cx_steer_managed = {
	.open = managed_open,
	.attach = managed_attach,
	.detach = managed_detach,
	.move = managed_move,
	.set_catch_all = managed_set_catch_all,
};
