// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables and filters of a port: SET_PORT, SET_VLAN_FLTR, SET_MCAST_FLTR,
 * and what receive asks them.
 */
#include <string.h>

#include "connectx/device.h"
#include "connectx/field.h"
#include "connectx/port.h"
#include "emulator/adapter/ethernet_commands.h"

_Static_assert(PORT_MAC_ENTRIES == CX_MAC_TABLE_ENTRIES, "MAC table");
_Static_assert(PORT_VLAN_ENTRIES == CX_VLAN_TABLE_ENTRIES, "VLAN table");

#define FRAME_MINIMUM 64 /* with FCS */
#define FRAME_LIMIT_MAX (PORT_MTU_MAX + CX_PORT_MTU_OVERHEAD)

static uint64_t mac_number(const uint8_t mac[6])
{
	return (uint64_t)mac[0] << 40 | (uint64_t)mac[1] << 32 |
	       (uint64_t)mac[2] << 24 | (uint64_t)mac[3] << 16 |
	       (uint64_t)mac[4] << 8 | mac[5];
}

#define MAC_VALID (1ULL << 63)

int port_mac_index(const struct port *port, const uint8_t mac[6])
{
	uint64_t wanted = mac_number(mac) | MAC_VALID;

	for (unsigned int i = 0; i < port->mac_table_used; i++)
		if (port->mac_table[i] == wanted)
			return (int)i;
	return -1;
}

uint8_t port_cqe_mac_index(const struct port *port, const uint8_t dmac[6])
{
	int index = port_mac_index(port, dmac);

	return index < 0 ? port->rqp_calc.mac_miss & 0x7f : (uint8_t)index;
}

bool port_vlan_passes(const struct port *port, const struct packet_info *info)
{
	unsigned int vid = info->vlan_tci & 0xfff;

	if (!port->vlan_filter_set || !info->vlan_tags)
		return true;
	return port->vlan_filter[vid / 8] >> vid % 8 & 1;
}

/* Return: where @mac stands in the sorted list, or would stand. */
static unsigned int multicast_position(const struct port *port, uint64_t mac)
{
	unsigned int low = 0, high = port->multicast_count;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (port->multicast[middle] < mac)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool multicast_listed(const struct port *port, uint64_t mac)
{
	unsigned int at = multicast_position(port, mac);

	return at < port->multicast_count && port->multicast[at] == mac;
}

bool port_multicast_passes(const struct port *port, const uint8_t dmac[6])
{
	return !port->multicast_filter_enabled ||
	       multicast_listed(port, mac_number(dmac));
}

/*
 * A group of fields is taken when its valid bit is set. Valid bits of fields
 * that this card has not are ignored: drivers set them without asking.
 */
static u8 set_general(struct port *port, const u8 *in)
{
	uint32_t mtu = (uint32_t)cx_get(in, CX_PORT_GENERAL_MTU);

	if (cx_get(in, CX_PORT_GENERAL_VALID_MTU)) {
		if (mtu < FRAME_MINIMUM || mtu > FRAME_LIMIT_MAX)
			return CX_STATUS_BAD_PARAM;
		port->frame_limit = mtu;
	}
	if (cx_get(in, CX_PORT_GENERAL_VALID_PAUSE_TX)) {
		port->pause_tx = cx_get(in, CX_PORT_GENERAL_PAUSE_TX);
		port->pfc_tx = (u8)cx_get(in, CX_PORT_GENERAL_PFC_TX);
	}
	if (cx_get(in, CX_PORT_GENERAL_VALID_PAUSE_RX)) {
		port->pause_rx = cx_get(in, CX_PORT_GENERAL_PAUSE_RX);
		port->pfc_rx = (u8)cx_get(in, CX_PORT_GENERAL_PFC_RX);
	}
	if (cx_get(in, CX_PORT_GENERAL_VALID_IGNORE_FCS))
		port->ignore_fcs = cx_get(in, CX_PORT_GENERAL_IGNORE_FCS);
	if (cx_get(in, CX_PORT_GENERAL_VALID_PHV))
		port->phv = cx_get(in, CX_PORT_GENERAL_PHV);
	if (cx_get(in, CX_PORT_GENERAL_VALID_USER_MTU))
		port->user_mtu = (u16)cx_get(in, CX_PORT_GENERAL_USER_MTU);
	if (cx_get(in, CX_PORT_GENERAL_VALID_USER_MAC))
		memcpy(port->user_mac,
		       in + CX_FIELD_OFFSET(CX_PORT_GENERAL_USER_MAC) + 2,
		       sizeof(port->user_mac));
	return CX_STATUS_OK;
}

static u8 set_rqp_calc(struct port *port, const u8 *in)
{
	struct port_rqp_calc *calc = &port->rqp_calc;

	calc->base_qpn = (u32)cx_get(in, CX_RQP_CALC_BASE_QPN);
	calc->log_macs = (u8)cx_get(in, CX_RQP_CALC_LOG_MACS);
	calc->log_vlans = (u8)cx_get(in, CX_RQP_CALC_LOG_VLANS);
	calc->log_priorities = (u8)cx_get(in, CX_RQP_CALC_LOG_PRIORITIES);
	calc->mac_miss = (u8)cx_get(in, CX_RQP_CALC_MAC_MISS);
	calc->no_vlan = (u8)cx_get(in, CX_RQP_CALC_NO_VLAN);
	calc->vlan_miss = (u8)cx_get(in, CX_RQP_CALC_VLAN_MISS);
	calc->no_vlan_priority = (u8)cx_get(in, CX_RQP_CALC_NO_VLAN_PRIORITY);
	calc->unicast_promisc = cx_get(in, CX_RQP_CALC_UC_PROMISC);
	calc->promisc_qpn = (u32)cx_get(in, CX_RQP_CALC_PROMISC_QPN);
	calc->multicast_mode = (u8)cx_get(in, CX_RQP_CALC_MC_MODE);
	calc->multicast_by_vlan = cx_get(in, CX_RQP_CALC_MC_BY_VLAN);
	calc->default_multicast_qpn =
		(u32)cx_get(in, CX_RQP_CALC_DEFAULT_MC_QPN);
	calc->written = true;
	return CX_STATUS_OK;
}

static u8 set_mac_table(struct port *port, const u8 *in)
{
	port->mac_table_used = 0;
	for (unsigned int i = 0; i < CX_MAC_TABLE_ENTRIES; i++) {
		const u8 *entry = in + i * CX_MAC_ENTRY_SIZE;

		port->mac_table[i] = 0;
		if (!cx_get(entry, CX_MAC_ENTRY_VALID))
			continue;
		port->mac_table[i] = MAC_VALID |
				     cx_get(entry, CX_MAC_ENTRY_MAC);
		port->mac_table_used = i + 1;
	}
	return CX_STATUS_OK;
}

static u8 set_vlan_table(struct port *port, const u8 *in)
{
	for (unsigned int i = 0; i < CX_VLAN_TABLE_ENTRIES; i++)
		port->vlan_table[i] = cx_load_be32(in + i * CX_VLAN_ENTRY_SIZE);
	return CX_STATUS_OK;
}

static u8 set_traffic_classes(struct port *port, const u8 *in)
{
	u32 word = cx_load_be32(in);

	for (unsigned int i = 0; i < CX_PRIORITIES; i++)
		if ((word >> (28 - 4 * i) & 0xf) >= CX_TRAFFIC_CLASSES)
			return CX_STATUS_BAD_PARAM;
	for (unsigned int i = 0; i < CX_PRIORITIES; i++)
		port->traffic_class[i] = word >> (28 - 4 * i) & 0xf;
	return CX_STATUS_OK;
}

static u8 set_scheduler(struct port *port, const u8 *in)
{
	struct port_scheduler taken[CX_TRAFFIC_CLASSES];

	for (unsigned int i = 0; i < CX_TRAFFIC_CLASSES; i++) {
		const u8 *entry = in + i * CX_SCHEDULER_ENTRY_SIZE;
		struct port_scheduler *class = &taken[i];

		class->group = (u16)cx_get(entry, CX_SCHEDULER_GROUP);
		class->bandwidth = (u16)cx_get(entry, CX_SCHEDULER_BANDWIDTH);
		class->limit_units =
			(u16)cx_get(entry, CX_SCHEDULER_LIMIT_UNITS);
		class->limit = (u16)cx_get(entry, CX_SCHEDULER_LIMIT);
		if (class->group > CX_SCHEDULER_GROUP_ETS ||
		    class->bandwidth > 100 ||
		    (class->limit_units != CX_SCHEDULER_UNITS_100M &&
		     class->limit_units != CX_SCHEDULER_UNITS_1G))
			return CX_STATUS_BAD_PARAM;
	}
	memcpy(port->scheduler, taken, sizeof(taken));
	return CX_STATUS_OK;
}

static u8 set_vxlan(struct port *port, const u8 *in)
{
	if (!profile_cap(&port->adapter->ethernet.profile,
			 CX_DEV_CAP_VXLAN_OFFLOADS))
		return CX_STATUS_BAD_PARAM;
	if (cx_get(in, CX_PORT_VXLAN_VALID_ENABLE))
		port->vxlan_enabled = cx_get(in, CX_PORT_VXLAN_ENABLE);
	if (cx_get(in, CX_PORT_VXLAN_VALID_STEERING))
		port->vxlan_steering = (u8)cx_get(in, CX_PORT_VXLAN_STEERING);
	return CX_STATUS_OK;
}

static u8 set_port_table(struct port *port, unsigned int table, const u8 *in)
{
	switch (table) {
	case CX_SET_PORT_GENERAL:
		return set_general(port, in);
	case CX_SET_PORT_RQP_CALC:
		return set_rqp_calc(port, in);
	case CX_SET_PORT_MAC_TABLE:
		return set_mac_table(port, in);
	case CX_SET_PORT_VLAN_TABLE:
		return set_vlan_table(port, in);
	case CX_SET_PORT_PRIO2TC:
		return set_traffic_classes(port, in);
	case CX_SET_PORT_SCHEDULER:
		return set_scheduler(port, in);
	case CX_SET_PORT_VXLAN:
		return set_vxlan(port, in);
	default:
		/* PRIO_MAP, GID_TABLE and ROCE_ADDR are known by name only */
		return CX_STATUS_BAD_PARAM;
	}
}

static u8 set_port(struct adapter *adapter, struct command *command)
{
	unsigned int table = command->in_mod >> CX_SET_PORT_TABLE_SHIFT;
	struct port *port =
		port_find(adapter, command->in_mod & CX_SET_PORT_PORT_MASK);

	if (!port)
		return CX_STATUS_BAD_INDEX;
	switch (command->op_mod) {
	case CX_SET_PORT_ETHERNET:
		return set_port_table(port, table, command->in);
	case CX_SET_PORT_BEACON:
		if (!profile_cap(&adapter->ethernet.profile,
				 CX_DEV_CAP_PORT_BEACON))
			return CX_STATUS_BAD_OP;
		port->beacon = cx_get(command->in, CX_PORT_BEACON_DURATION);
		return CX_STATUS_OK;
	default:
		return CX_STATUS_BAD_OP;
	}
}

static u8 set_vlan_filter(struct adapter *adapter, struct command *command)
{
	struct port *port = port_find(adapter, command->in_mod);

	if (!port)
		return CX_STATUS_BAD_INDEX;
	for (unsigned int i = 0; i < CX_VLAN_FILTER_SIZE; i++)
		port->vlan_filter[i] = command->in[CX_VLAN_FILTER_SIZE - 1 - i];
	port->vlan_filter_set = true;
	return CX_STATUS_OK;
}

static u8 multicast_add(struct port *port, uint64_t mac)
{
	unsigned int at = multicast_position(port, mac);

	if (multicast_listed(port, mac))
		return CX_STATUS_OK;
	if (port->multicast_count == PORT_MULTICAST_MAX)
		return CX_STATUS_EXCEED_LIM;
	memmove(&port->multicast[at + 1], &port->multicast[at],
		(port->multicast_count - at) * sizeof(port->multicast[0]));
	port->multicast[at] = mac;
	port->multicast_count++;
	return CX_STATUS_OK;
}

static u8 set_multicast_filter(struct adapter *adapter, struct command *command)
{
	struct port *port = port_find(adapter, command->in_mod);
	u8 parameter[8];
	uint64_t mac;

	if (!port)
		return CX_STATUS_BAD_INDEX;
	switch (command->op_mod) {
	case CX_MCAST_FILTER_CONFIG:
		cx_store_be64(parameter, command->in_param);
		if (cx_get(parameter, CX_MCAST_FILTER_CLEAR))
			port->multicast_count = 0;
		mac = cx_get(parameter, CX_MCAST_FILTER_MAC);
		return mac ? multicast_add(port, mac) : CX_STATUS_OK;
	case CX_MCAST_FILTER_DISABLE:
		port->multicast_filter_enabled = false;
		return CX_STATUS_OK;
	case CX_MCAST_FILTER_ENABLE:
		port->multicast_filter_enabled = true;
		return CX_STATUS_OK;
	default:
		return CX_STATUS_BAD_OP;
	}
}

const struct command_binding port_table_commands[] = {
	{ CX_CMD_SET_PORT, set_port },
	{ CX_CMD_SET_VLAN_FLTR, set_vlan_filter },
	{ CX_CMD_SET_MCAST_FLTR, set_multicast_filter },
	{ 0, NULL },
};
