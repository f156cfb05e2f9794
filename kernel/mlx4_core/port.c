// SPDX-License-Identifier: GPL-2.0-only
/*
 * A port's link and its general settings
 * (docs/hardware/ports.md, E1).
 */
#include "mlx4_core/port.h"

int cx_set_port(struct cx_port *port, u32 table,
		const struct cx_mailbox *mailbox)
{
	return cx_command(cx_core_of(port->adapter), CX_CMD_SET_PORT,
			  CX_SET_PORT_ETHERNET,
			  table << CX_SET_PORT_TABLE_SHIFT | port->number,
			  mailbox, NULL);
}

#define SPEED_ROW(name, code, mbps) { code, mbps },

static u32 speed_of(u64 code)
{
	static const struct {
		u8 code;
		u32 mbps;
	} speeds[] = { CX_PORT_SPEEDS(SPEED_ROW) };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(speeds); i++)
		if (speeds[i].code == (code & CX_PORT_SPEED_MASK))
			return speeds[i].mbps;
	return 0;
}

/**
 * cx_port_query - how the link is
 * @port: the port
 * @state: filled in; speed is 0 if the card names none that is known
 *
 * Return: 0 or what the command returned.
 */
int cx_port_query(struct cx_port *port, struct cx_link_state *state)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	int err;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	err = cx_command(core, CX_CMD_QUERY_PORT, 0, port->number, NULL,
			 mailbox);
	if (!err) {
		const void *data = mailbox->data;

		state->up = cx_get(data, CX_QUERY_PORT_LINK_UP);
		state->speed = speed_of(cx_get(data, CX_QUERY_PORT_SPEED));
		state->autoneg = cx_get(data, CX_QUERY_PORT_AUTONEG);
		state->autoneg_complete =
			cx_get(data, CX_QUERY_PORT_AUTONEG_COMPLETE);
		state->transceiver =
			cx_get(data, CX_QUERY_PORT_TRANSCEIVER_TYPE);
	}
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_port_query);

/* One or two fields of table GENERAL, the rest stays as it is */
static int set_general(struct cx_port *port, u32 valid, u32 field, u64 value)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	int err;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_set(mailbox->data, valid, 1);
	cx_set(mailbox->data, field, value);
	err = cx_set_port(port, CX_SET_PORT_GENERAL, mailbox);
	cx_mailbox_put(core, mailbox);
	return err;
}

/**
 * cx_port_configure - frame size and flow control
 * @port: the port
 * @settings: all of them; pause is off where priorities have their own
 *
 * Return: 0 or what the command returned.
 */
int cx_port_configure(struct cx_port *port,
		      const struct cx_port_settings *settings)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	int err;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_set(mailbox->data, CX_PORT_GENERAL_VALID_MTU, 1);
	cx_set(mailbox->data, CX_PORT_GENERAL_MTU,
	       settings->mtu + CX_PORT_MTU_OVERHEAD);
	cx_set(mailbox->data, CX_PORT_GENERAL_VALID_PAUSE_TX, 1);
	cx_set(mailbox->data, CX_PORT_GENERAL_PAUSE_TX,
	       settings->pause_tx && !settings->pfc_tx);
	cx_set(mailbox->data, CX_PORT_GENERAL_PFC_TX, settings->pfc_tx);
	cx_set(mailbox->data, CX_PORT_GENERAL_VALID_PAUSE_RX, 1);
	cx_set(mailbox->data, CX_PORT_GENERAL_PAUSE_RX,
	       settings->pause_rx && !settings->pfc_rx);
	cx_set(mailbox->data, CX_PORT_GENERAL_PFC_RX, settings->pfc_rx);
	err = cx_set_port(port, CX_SET_PORT_GENERAL, mailbox);
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_port_configure);

/**
 * cx_port_set_user_mac - tell management firmware the address
 * @port: the port
 * @mac: as the administrator set it
 *
 * Return: 0; -EOPNOTSUPP; what the command returned.
 */
int cx_port_set_user_mac(struct cx_port *port, const u8 *mac)
{
	if (!port->adapter->caps.user_mac)
		return -EOPNOTSUPP;
	return set_general(port, CX_PORT_GENERAL_VALID_USER_MAC,
			   CX_PORT_GENERAL_USER_MAC, ether_addr_to_u64(mac));
}
EXPORT_SYMBOL_GPL(cx_port_set_user_mac);

/**
 * cx_port_set_ignore_fcs - receive frames whose check sequence is bad
 * @port: the port
 * @ignore: receive them
 *
 * Return: 0; -EOPNOTSUPP; what the command returned.
 */
int cx_port_set_ignore_fcs(struct cx_port *port, bool ignore)
{
	if (!port->adapter->caps.ignore_fcs)
		return -EOPNOTSUPP;
	return set_general(port, CX_PORT_GENERAL_VALID_IGNORE_FCS,
			   CX_PORT_GENERAL_IGNORE_FCS, ignore);
}
EXPORT_SYMBOL_GPL(cx_port_set_ignore_fcs);

/**
 * cx_port_set_phv - let the port insert service tags
 * @port: the port
 * @on: let it
 *
 * Return: 0; -EOPNOTSUPP; what the command returned.
 */
int cx_port_set_phv(struct cx_port *port, bool on)
{
	if (!port->adapter->caps.svlan_insertion)
		return -EOPNOTSUPP;
	return set_general(port, CX_PORT_GENERAL_VALID_PHV, CX_PORT_GENERAL_PHV,
			   on);
}
EXPORT_SYMBOL_GPL(cx_port_set_phv);

/**
 * cx_port_set_beacon - let the port's light say which it is
 * @port: the port
 * @seconds: for how long; CX_PORT_BEACON_FOREVER; 0 ends it
 *
 * Return: 0; -EOPNOTSUPP; what the command returned.
 */
int cx_port_set_beacon(struct cx_port *port, u32 seconds)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *mailbox;
	int err;

	if (!core->adapter.caps.port_beacon)
		return -EOPNOTSUPP;
	mailbox = cx_mailbox_get(core);
	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_set(mailbox->data, CX_PORT_BEACON_DURATION, seconds);
	err = cx_command(core, CX_CMD_SET_PORT, CX_SET_PORT_BEACON,
			 port->number, mailbox, NULL);
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_port_set_beacon);

/**
 * cx_port_open - bring the link up; nothing happens if it is wanted already
 * @port: the port
 *
 * Return: 0 or what the command returned.
 */
int cx_port_open(struct cx_port *port)
{
	return cx_command(cx_core_of(port->adapter), CX_CMD_INIT_PORT, 0,
			  port->number, NULL, NULL);
}
EXPORT_SYMBOL_GPL(cx_port_open);

/**
 * cx_port_close - take the link down; nothing happens if it is
 * @port: the port
 *
 * Return: 0 or what the command returned.
 */
int cx_port_close(struct cx_port *port)
{
	return cx_command(cx_core_of(port->adapter), CX_CMD_CLOSE_PORT, 0,
			  port->number, NULL, NULL);
}
EXPORT_SYMBOL_GPL(cx_port_close);
