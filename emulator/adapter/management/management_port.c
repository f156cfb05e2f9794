// SPDX-License-Identifier: GPL-2.0-only
/*
 * Management of a port: MAD_IFC (PortInfo, the module's memory) and ACCESS_REG
 * (link modes).
 */
#include <string.h>

#include "connectx/access_reg.h"
#include "connectx/device.h"
#include "connectx/field.h"
#include "connectx/mad.h"
#include "emulator/adapter/ethernet_commands.h"
#include "emulator/adapter/management/management.h"
#include "emulator/adapter/port/module_eeprom.h"

/* Return: the MAD's status. */
static u16 cable_info(struct adapter *adapter, u32 number, u8 *mad)
{
	const struct port *port = port_find(adapter, number);
	u64 size = cx_get(mad, CX_MAD_CABLE_SIZE);
	unsigned int error;

	if (!port)
		error = CX_MAD_CABLE_BAD_PORT;
	else if (size > CX_MAD_CABLE_DATA_SIZE)
		error = CX_MAD_CABLE_BAD_RANGE;
	else
		error = module_eeprom_read(
			port, (u8)cx_get(mad, CX_MAD_CABLE_I2C_ADDRESS),
			(u8)cx_get(mad, CX_MAD_CABLE_PAGE),
			(unsigned int)cx_get(mad, CX_MAD_CABLE_ADDRESS),
			mad + CX_MAD_CABLE_DATA, size);
	return (u16)(error << CX_MAD_CABLE_STATUS_SHIFT);
}

u8 management_mad_ifc(struct adapter *adapter, struct command *command)
{
	u32 number = command->in_mod & CX_MAD_IFC_PORT_MASK;
	u8 *mad = command->out;

	if (!port_find(adapter, number))
		return CX_STATUS_BAD_INDEX;
	memcpy(mad, command->in, CX_MAD_SIZE);
	command->out_length = CX_MAD_SIZE;
	cx_set(mad, CX_MAD_METHOD, CX_MAD_METHOD_RESPONSE);
	cx_set(mad, CX_MAD_STATUS, 0);
	if (cx_get(command->in, CX_MAD_METHOD) != CX_MAD_METHOD_GET) {
		cx_set(mad, CX_MAD_STATUS, CX_MAD_STATUS_METHOD);
		return CX_STATUS_OK;
	}
	switch (cx_get(mad, CX_MAD_ATTRIBUTE)) {
	case CX_MAD_ATTRIBUTE_PORT_INFO:
		/* An Ethernet port has no InfiniBand capabilities */
		memset(mad + CX_MAD_DATA, 0, CX_MAD_SIZE - CX_MAD_DATA);
		break;
	case CX_MAD_ATTRIBUTE_CABLE_INFO:
		cx_set(mad, CX_MAD_STATUS, cable_info(adapter, number, mad));
		break;
	default:
		cx_set(mad, CX_MAD_STATUS, CX_MAD_STATUS_ATTRIBUTE);
		break;
	}
	return CX_STATUS_OK;
}

static void ptys_query(const struct port *port, u8 *ptys)
{
	u32 capable = port->adapter->ethernet.profile.link_modes;

	memset(ptys, 0, CX_PTYS_SIZE);
	cx_set(ptys, CX_PTYS_PORT, port->number);
	cx_set(ptys, CX_PTYS_PROTOCOL, CX_PTYS_ETHERNET);
	cx_set(ptys, CX_PTYS_AUTONEG_DISABLE_CAP, 1);
	cx_set(ptys, CX_PTYS_AUTONEG_DISABLED, port->autoneg_disabled);
	cx_set(ptys, CX_PTYS_CAPABLE, capable);
	cx_set(ptys, CX_PTYS_ADMIN, port->link_modes_admin);
	cx_set(ptys, CX_PTYS_OPERATIONAL, port_link_mode(port));
	if (port->link_up)
		cx_set(ptys, CX_PTYS_PARTNER,
		       port_modes_up_to(capable, port->speed_limit));
}

/* Return: the register access's status. */
static u8 ptys_access(struct adapter *adapter, u64 method, u8 *ptys)
{
	struct port *port = port_find(adapter, (u32)cx_get(ptys, CX_PTYS_PORT));
	u32 admin = (u32)cx_get(ptys, CX_PTYS_ADMIN);

	if (!port || cx_get(ptys, CX_PTYS_PROTOCOL) != CX_PTYS_ETHERNET)
		return CX_ACCESS_REG_BAD_PARAMETER;
	switch (method) {
	case CX_ACCESS_REG_QUERY:
		break;
	case CX_ACCESS_REG_WRITE:
		admin &= adapter->ethernet.profile.link_modes;
		if (!admin)
			return CX_ACCESS_REG_BAD_PARAMETER;
		port->autoneg_disabled = cx_get(ptys, CX_PTYS_AUTONEG_DISABLED);
		port_set_link_modes(port, admin);
		break;
	default:
		return CX_ACCESS_REG_METHOD_UNSUPPORTED;
	}
	ptys_query(port, ptys);
	return CX_ACCESS_REG_OK;
}

u8 management_access_reg(struct adapter *adapter, struct command *command)
{
	u8 *out = command->out;
	u8 status;

	if (!profile_cap(&adapter->ethernet.profile, CX_DEV_CAP_ETH_PROT_CTRL))
		return CX_STATUS_BAD_OP;
	command->out_length = CX_ACCESS_REG_DATA + CX_PTYS_SIZE;
	memcpy(out, command->in, command->out_length);
	if (cx_get(out, CX_ACCESS_REG_REGISTER) == CX_REGISTER_PTYS)
		status = ptys_access(adapter, cx_get(out, CX_ACCESS_REG_METHOD),
				     out + CX_ACCESS_REG_DATA);
	else
		status = CX_ACCESS_REG_UNKNOWN_REGISTER;
	cx_set(out, CX_ACCESS_REG_STATUS, status);
	return CX_STATUS_OK;
}
