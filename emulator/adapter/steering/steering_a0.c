// SPDX-License-Identifier: GPL-2.0-only
/*
 * A0 steering: the QPN is computed from the indices of address, tag and
 * priority in the port's tables.
 */
#include "connectx/port.h"
#include "emulator/adapter/steering/steering_internal.h"

static u32 vlan_index(const struct port *port, const struct packet_info *info)
{
	u32 vid = info->vlan_tci & 0xfff;

	if (!info->vlan_tags)
		return port->rqp_calc.no_vlan;
	for (unsigned int i = CX_VLAN_TABLE_FIRST; i < PORT_VLAN_ENTRIES; i++) {
		u8 entry[CX_VLAN_ENTRY_SIZE];

		cx_store_be32(entry, port->vlan_table[i]);
		if (cx_get(entry, CX_VLAN_ENTRY_VALID) &&
		    cx_get(entry, CX_VLAN_ENTRY_VID) == vid)
			return i;
	}
	return port->rqp_calc.vlan_miss;
}

/*
 * How the three indices join is not documented: address above tag above
 * priority. No driver uses tag or priority.
 */
static u32 computed_qpn(const struct port *port, u32 mac_index,
			const struct packet_info *info)
{
	const struct port_rqp_calc *calc = &port->rqp_calc;
	u32 offset = mac_index;

	if (calc->log_vlans)
		offset = offset << calc->log_vlans |
			 (vlan_index(port, info) &
			  ((1u << calc->log_vlans) - 1));
	if (calc->log_priorities) {
		u32 priority = info->vlan_tags ? info->vlan_tci >> 13 :
						 calc->no_vlan_priority;

		offset = offset << calc->log_priorities |
			 (priority & ((1u << calc->log_priorities) - 1));
	}
	return (calc->base_qpn + offset) & 0xffffff;
}

static void multicast(struct adapter *adapter, struct port *port,
		      const u8 *frame, struct qpn_list *list)
{
	const struct port_rqp_calc *calc = &port->rqp_calc;
	const u8 *entry = NULL;

	if (calc->multicast_mode != CX_MC_DEFAULT)
		entry = mcg_find(&adapter->ethernet.steering->mcg, port->number,
				 CX_STEER_MULTICAST, frame);
	if (entry)
		mcg_members(entry, false, list);
	else if (calc->multicast_mode != CX_MC_DIRECT_ONLY)
		qpn_list_add(list, calc->default_multicast_qpn);
}

void a0_lookup(struct adapter *adapter, struct port *port, const u8 *frame,
	       const struct packet_info *info, struct qpn_list *list)
{
	const struct port_rqp_calc *calc = &port->rqp_calc;
	int index;

	if (!calc->written)
		return;
	if (frame[0] & 1) {
		multicast(adapter, port, frame, list);
		return;
	}
	index = port_mac_index(port, frame);
	if (index >= 0 && index < 1 << calc->log_macs)
		qpn_list_add(list, computed_qpn(port, (u32)index, info));
	else if (calc->unicast_promisc)
		qpn_list_add(list, calc->promisc_qpn);
}
