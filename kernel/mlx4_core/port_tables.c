// SPDX-License-Identifier: GPL-2.0-only
/*
 * A port's table of addresses and its filter of tags: the adapter is given
 * each as a whole (docs/hardware/ports.md, E2).
 */
#include <linux/bitmap.h>
#include <linux/if_vlan.h>

#include "mlx4_core/port.h"
#include "mlx4_core/steer.h"

static int set_table(struct cx_steer_port *port, u32 table,
		     struct cx_mailbox *mailbox)
{
	return cx_command(port->core, CX_CMD_SET_PORT, CX_SET_PORT_ETHERNET,
			  table << CX_SET_PORT_TABLE_SHIFT | port->number,
			  mailbox, NULL);
}

static int write_macs(struct cx_steer_port *port)
{
	struct cx_mailbox *mailbox = cx_mailbox_get(port->core);
	int err;
	int i;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	for (i = 0; i < CX_MAC_TABLE_ENTRIES; i++) {
		void *entry = mailbox->data + i * CX_MAC_ENTRY_SIZE;

		if (!port->macs[i])
			continue;
		cx_set(entry, CX_MAC_ENTRY_VALID, 1);
		cx_set(entry, CX_MAC_ENTRY_MAC, port->macs[i]);
	}
	err = set_table(port, CX_SET_PORT_MAC_TABLE, mailbox);
	cx_mailbox_put(port->core, mailbox);
	return err;
}

/**
 * cx_mac_table_add - put an address into the first free place
 * @port: the port
 * @mac: a unicast address
 * @index: its place
 *
 * Return: 0; -ENOSPC; what the command returned.
 */
int cx_mac_table_add(struct cx_steer_port *port, const u8 *mac, u8 *index)
{
	int max = min_t(int, port->core->adapter.caps.max_macs,
			CX_MAC_TABLE_ENTRIES);
	int i;

	for (i = 0; i < max; i++) {
		if (port->macs[i])
			continue;
		*index = i;
		return cx_mac_table_replace(port, i, mac);
	}
	return -ENOSPC;
}

int cx_mac_table_replace(struct cx_steer_port *port, u8 index, const u8 *mac)
{
	u64 before = port->macs[index];
	int err;

	port->macs[index] = ether_addr_to_u64(mac);
	err = write_macs(port);
	if (err)
		port->macs[index] = before;
	return err;
}

void cx_mac_table_remove(struct cx_steer_port *port, u8 index)
{
	port->macs[index] = 0;
	write_macs(port);
}

/**
 * cx_port_set_vlan_filter - which tags are received
 * @port: the port
 * @vids: VLAN_N_VID bits; what carries no tag is always received
 *
 * Return: 0 or what the command returned.
 */
int cx_port_set_vlan_filter(struct cx_port *port, const unsigned long *vids)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	u32 words[VLAN_N_VID / 32];
	int err;
	int i;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	bitmap_to_arr32(words, vids, VLAN_N_VID);
	/* The last word holds the lowest tags. */
	for (i = 0; i < ARRAY_SIZE(words); i++)
		cx_store_be32(mailbox->data + CX_VLAN_FILTER_SIZE -
				      (i + 1) * sizeof(u32),
			      words[i]);
	err = cx_command(core, CX_CMD_SET_VLAN_FLTR, 0, port->number, mailbox,
			 NULL);
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_port_set_vlan_filter);
