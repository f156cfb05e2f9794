// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration of the device as a whole, and the small commands: CONFIG_DEV,
 * MOD_STAT_CFG, VIRT_PORT_MAP, MAD_DEMUX, CONF_SPECIAL_QP, GET_OP_REQ,
 * HW_HEALTH_CHECK, SYNC_TPT.
 */
#include <string.h>

#include "connectx/device.h"
#include "connectx/field.h"
#include "emulator/adapter/ethernet_commands.h"
#include "emulator/adapter/management/management.h"

static bool has(const struct adapter *adapter, u32 capability)
{
	return profile_cap(&adapter->ethernet.profile, capability);
}

bool management_is_connectx_3(const struct adapter *adapter)
{
	return adapter->ethernet.profile.generation >= CX_GENERATION_CONNECTX_3;
}

static u8 config_dev_set(struct adapter *adapter, const u8 *in)
{
	struct ethernet *ethernet = &adapter->ethernet;

	if (cx_get(in, CX_CONFIG_DEV_UPDATE_VXLAN_PORT))
		ethernet->vxlan_port =
			(u16)cx_get(in, CX_CONFIG_DEV_VXLAN_PORT);
	if (cx_get(in, CX_CONFIG_DEV_UPDATE_RX_PORT_CHECK))
		ethernet->port_check_disabled =
			cx_get(in, CX_CONFIG_DEV_RX_PORT_CHECK_OFF);
	return CX_STATUS_OK;
}

static u8 config_dev(struct adapter *adapter, struct command *command)
{
	const struct ethernet *ethernet = &adapter->ethernet;
	u8 *out = command->out;

	if (!has(adapter, CX_DEV_CAP_CONFIG_DEV))
		return CX_STATUS_BAD_OP;
	switch (command->op_mod) {
	case CX_CONFIG_DEV_SET:
		command->out_length = 0;
		return config_dev_set(adapter, command->in);
	case CX_CONFIG_DEV_GET:
		cx_set(out, CX_CONFIG_DEV_VXLAN_PORT, ethernet->vxlan_port);
		cx_set(out, CX_CONFIG_DEV_RX_PORT_CHECK_OFF,
		       ethernet->port_check_disabled);
		cx_set(out, CX_CONFIG_DEV_RX_CHECKSUM_MODE_1,
		       ethernet->rx_checksum_mode);
		cx_set(out, CX_CONFIG_DEV_RX_CHECKSUM_MODE_2,
		       ethernet->rx_checksum_mode);
		command->out_length = CX_CONFIG_DEV_SIZE;
		return CX_STATUS_OK;
	default:
		return CX_STATUS_BAD_OP;
	}
}

/* The whole of what MOD_STAT_CFG can show; immediates are slices of it. */
static void mod_stat_image(const struct adapter *adapter,
			   const struct port *port, u8 *out)
{
	const struct profile *profile = &adapter->ethernet.profile;

	cx_set(out, CX_MOD_STAT_CFG_FW_MAJOR, profile->firmware_major);
	cx_set(out, CX_MOD_STAT_CFG_FW_MINOR, profile->firmware_minor);
	cx_set(out, CX_MOD_STAT_CFG_FW_SUBMINOR, profile->firmware_subminor);
	cx_set(out, CX_MOD_STAT_CFG_COMMAND_REVISION, CX_COMMAND_REVISION);
	if (!port)
		return;
	cx_set(out, CX_MOD_STAT_CFG_GUID_HIGH, port->guid >> 32);
	cx_set(out, CX_MOD_STAT_CFG_GUID_LOW, port->guid & 0xffffffff);
	memcpy(out + CX_MOD_STAT_CFG_MAC + 2, port->burnt_mac, 6);
}

static bool has_wake_on_lan(const struct adapter *adapter,
			    const struct port *port)
{
	return port && has(adapter, port->number == 1 ? CX_DEV_CAP_WOL_PORT1 :
							CX_DEV_CAP_WOL_PORT2);
}

static u8 wake_on_lan(struct adapter *adapter, struct command *command,
		      struct port *port)
{
	u8 slice[8];

	if (!has_wake_on_lan(adapter, port))
		return CX_STATUS_BAD_PARAM;
	if (command->op_mod == CX_MOD_STAT_CFG_QUERY_IMMEDIATE) {
		command->out_imm = port->wake_on_lan;
		return CX_STATUS_OK;
	}
	cx_store_be64(slice, command->in_param);
	if (cx_get(slice, CX_WAKE_ON_LAN_MODIFY)) {
		cx_set(slice, CX_WAKE_ON_LAN_MODIFY, 0);
		port->wake_on_lan = cx_load_be64(slice);
	}
	return CX_STATUS_OK;
}

/* Only the MAC can be changed; a slice that changes nothing is welcome. */
static u8 mod_stat_set_slice(struct command *command, struct port *port,
			     unsigned int offset)
{
	u8 image[CX_MOD_STAT_CFG_SIZE] = { 0 };

	cx_store_be64(image + offset, command->in_param);
	if (offset != CX_MOD_STAT_CFG_MAC)
		return command->in_param ? CX_STATUS_BAD_PARAM : CX_STATUS_OK;
	if (!cx_get(image, CX_MOD_STAT_CFG_MAC_MODIFY))
		return CX_STATUS_OK;
	if (!port || (image[CX_MOD_STAT_CFG_MAC + 2] & 1))
		return CX_STATUS_BAD_PARAM;
	port_set_burnt_mac(port, image + CX_MOD_STAT_CFG_MAC + 2);
	return CX_STATUS_OK;
}

static u8 mod_stat_immediate(struct adapter *adapter, struct command *command,
			     struct port *port)
{
	unsigned int offset = command->in_mod & CX_MOD_STAT_CFG_OFFSET_MASK;
	u8 image[CX_MOD_STAT_CFG_SIZE] = { 0 };

	command->out_length = 0;
	if (command->in_mod >> CX_MOD_STAT_CFG_MODE_SHIFT ==
	    CX_MOD_STAT_CFG_MODE_WOL)
		return wake_on_lan(adapter, command, port);
	if (offset > CX_MOD_STAT_CFG_SIZE - 8)
		return CX_STATUS_BAD_PARAM;
	if (command->op_mod == CX_MOD_STAT_CFG_SET_IMMEDIATE)
		return mod_stat_set_slice(command, port, offset);
	mod_stat_image(adapter, port, image);
	command->out_imm = cx_load_be64(image + offset);
	return CX_STATUS_OK;
}

static u8 mod_stat_cfg(struct adapter *adapter, struct command *command)
{
	struct port *port = port_find(
		adapter, command->in_mod >> CX_MOD_STAT_CFG_PORT_SHIFT &
				 CX_MOD_STAT_CFG_PORT_MASK);

	switch (command->op_mod) {
	case CX_MOD_STAT_CFG_SET:
		/* The page size asked for is the one that this card has */
		command->out_length = 0;
		return CX_STATUS_OK;
	case CX_MOD_STAT_CFG_QUERY:
		mod_stat_image(adapter, port, command->out);
		command->out_length = CX_MOD_STAT_CFG_SIZE;
		return CX_STATUS_OK;
	case CX_MOD_STAT_CFG_SET_IMMEDIATE:
	case CX_MOD_STAT_CFG_QUERY_IMMEDIATE:
		return mod_stat_immediate(adapter, command, port);
	case CX_MOD_STAT_CFG_DEFAULTS:
		command->out_length = 0;
		for (unsigned int i = 0; i < PORTS_MAX; i++) {
			port = &adapter->ports[i];
			port_set_burnt_mac(port, port->factory_mac);
			port->wake_on_lan = 0;
		}
		return CX_STATUS_OK;
	default:
		return CX_STATUS_BAD_OP;
	}
}

static u8 virt_port_map(struct adapter *adapter, struct command *command)
{
	u64 first = cx_get(command->in, CX_VIRT_PORT_MAP_PORT_1);
	u64 second = cx_get(command->in, CX_VIRT_PORT_MAP_PORT_2);

	if (!has(adapter, CX_DEV_CAP_PORT_REMAP) ||
	    command->op_mod != CX_VIRT_PORT_MAP_SET)
		return CX_STATUS_BAD_OP;
	if (first < 1 || first > PORTS_MAX || second < 1 || second > PORTS_MAX)
		return CX_STATUS_BAD_PARAM;
	adapter->ethernet.port_map[0] = (u8)first;
	adapter->ethernet.port_map[1] = (u8)second;
	return CX_STATUS_OK;
}

/* No management datagram ever arrives: any division of them is as good. */
static u8 mad_demux(struct adapter *adapter, struct command *command)
{
	if (!management_is_connectx_3(adapter) ||
	    command->op_mod > CX_MAD_DEMUX_QUERY_RESTRICTIONS)
		return CX_STATUS_BAD_OP;
	if (command->op_mod == CX_MAD_DEMUX_CONFIG)
		command->out_length = 0;
	return CX_STATUS_OK;
}

static u8 conf_special_qp(struct adapter *adapter, struct command *command)
{
	if (command->in_mod % CX_SPECIAL_QPS)
		return CX_STATUS_BAD_PARAM;
	adapter->ethernet.special_qpn = command->in_mod;
	return CX_STATUS_OK;
}

/* The event that asks software to come for a request is never raised. */
static u8 get_op_req(struct adapter *adapter, struct command *command)
{
	return CX_STATUS_BAD_RES_STATE;
}

static u8 succeed(struct adapter *adapter, struct command *command)
{
	return CX_STATUS_OK;
}

const struct command_binding management_commands[] = {
	{ CX_CMD_CONFIG_DEV, config_dev },
	{ CX_CMD_MOD_STAT_CFG, mod_stat_cfg },
	{ CX_CMD_MAD_IFC, management_mad_ifc },
	{ CX_CMD_ACCESS_REG, management_access_reg },
	{ CX_CMD_CONGESTION_CTRL, management_congestion_ctrl },
	{ CX_CMD_ALLOCATE_VPP, management_allocate_vpp },
	{ CX_CMD_SET_VPORT_QOS, management_set_vport_qos },
	{ CX_CMD_VIRT_PORT_MAP, virt_port_map },
	{ CX_CMD_MAD_DEMUX, mad_demux },
	{ CX_CMD_CONF_SPECIAL_QP, conf_special_qp },
	{ CX_CMD_GET_OP_REQ, get_op_req },
	{ CX_CMD_HW_HEALTH_CHECK, succeed },
	{ CX_CMD_SYNC_TPT, succeed },
	{ 0, NULL },
};
