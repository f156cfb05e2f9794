// SPDX-License-Identifier: GPL-2.0-only
/* Wake-on-LAN (docs/hardware/management.md, E7.8) */
#include "mlx4_core/core.h"

static u32 modifier_of(const struct cx_port *port)
{
	return CX_MOD_STAT_CFG_MODE_WOL << CX_MOD_STAT_CFG_MODE_SHIFT |
	       port->number << CX_MOD_STAT_CFG_PORT_SHIFT;
}

/* @word: in the adapter's byte order, so that its fields have their place */
static int read_word(struct cx_port *port, u64 *word)
{
	u64 value;
	int err;

	if (!port->adapter->caps.wol[port->number - 1])
		return -EOPNOTSUPP;
	err = cx_command_immediate(cx_core_of(port->adapter),
				   CX_CMD_MOD_STAT_CFG,
				   CX_MOD_STAT_CFG_QUERY_IMMEDIATE,
				   modifier_of(port), 0, &value);
	if (!err)
		cx_store_be64(word, value);
	return err;
}

/**
 * cx_port_get_wol - does a magic packet wake the host?
 * @port: the port
 *
 * Return: 1 or 0; -EOPNOTSUPP; what the command returned.
 */
int cx_port_get_wol(struct cx_port *port)
{
	u64 word;
	int err = read_word(port, &word);

	if (err)
		return err;
	return cx_get(&word, CX_WAKE_ON_LAN_ENABLE) &&
	       cx_get(&word, CX_WAKE_ON_LAN_MAGIC);
}
EXPORT_SYMBOL_GPL(cx_port_get_wol);

/**
 * cx_port_set_wol - let a magic packet wake the host
 * @port: the port
 * @on: let it
 *
 * Return: 0; -EOPNOTSUPP; what a command returned.
 */
int cx_port_set_wol(struct cx_port *port, bool on)
{
	u64 word;
	int err = read_word(port, &word);

	if (err)
		return err;
	cx_set(&word, CX_WAKE_ON_LAN_MODIFY, 1);
	cx_set(&word, CX_WAKE_ON_LAN_ENABLE, on);
	cx_set(&word, CX_WAKE_ON_LAN_MAGIC, on);
	return cx_command_immediate(cx_core_of(port->adapter),
				    CX_CMD_MOD_STAT_CFG,
				    CX_MOD_STAT_CFG_SET_IMMEDIATE,
				    modifier_of(port), cx_load_be64(&word),
				    NULL);
}
EXPORT_SYMBOL_GPL(cx_port_set_wol);
