// SPDX-License-Identifier: GPL-2.0-only
/*
 * Congestion control and the bandwidth of virtual ports: kept and given back.
 * A virtual wire has no congestion to control.
 */
#include <string.h>

#include "connectx/field.h"
#include "connectx/port.h"
#include "connectx/qos.h"
#include "emulator/adapter/ethernet_commands.h"
#include "emulator/adapter/management/management.h"

_Static_assert(sizeof(((struct port *)0)->congestion) ==
		       CX_PRIORITIES * CX_CONGESTION_PARAMS_SIZE,
	       "congestion parameters of each priority");
_Static_assert(sizeof(((struct port *)0)->vport_qos) ==
		       CX_PRIORITIES * CX_VPORT_QOS_ENTRY_SIZE,
	       "an entry a priority");

/* How many virtual pipes the priorities of a port may share */
#define VIRTUAL_PIPES 128

/* Return: the one priority that the mask selects, or -1. */
static int one_priority(u32 mask)
{
	for (int i = 0; i < CX_PRIORITIES; i++)
		if (mask == 1u << i)
			return i;
	return -1;
}

u8 management_congestion_ctrl(struct adapter *adapter, struct command *command)
{
	u32 in_mod = command->in_mod;
	struct port *port =
		port_find(adapter, in_mod & CX_CONGESTION_PORT_MASK);
	int priority = one_priority(in_mod >> CX_CONGESTION_PRIORITY_SHIFT &
				    CX_CONGESTION_PRIORITY_MASK);

	if (!management_is_connectx_3(adapter))
		return CX_STATUS_BAD_OP;
	if (!port)
		return CX_STATUS_BAD_INDEX;
	if (priority < 0 ||
	    (in_mod >> CX_CONGESTION_ALGORITHM_SHIFT &
	     CX_CONGESTION_ALGORITHM_MASK) != CX_CONGESTION_ALGORITHM_QCN)
		return CX_STATUS_BAD_PARAM;
	switch (command->op_mod) {
	case CX_CONGESTION_GET:
		memcpy(command->out, port->congestion[priority],
		       CX_CONGESTION_PARAMS_SIZE);
		command->out_length = CX_CONGESTION_PARAMS_SIZE;
		return CX_STATUS_OK;
	case CX_CONGESTION_STATISTICS:
		command->out_length = CX_CONGESTION_STATS_SIZE;
		return CX_STATUS_OK;
	case CX_CONGESTION_SET:
		memcpy(port->congestion[priority], command->in,
		       CX_CONGESTION_PARAMS_SIZE);
		/* The modify bits say what to take; drivers set them all */
		cx_set(port->congestion[priority],
		       CX_CONGESTION_PARAMS_MODIFY_HIGH, 0);
		cx_set(port->congestion[priority],
		       CX_CONGESTION_PARAMS_MODIFY_LOW, 0);
		command->out_length = 0;
		return CX_STATUS_OK;
	default:
		return CX_STATUS_BAD_OP;
	}
}

u8 management_allocate_vpp(struct adapter *adapter, struct command *command)
{
	struct port *port = port_find(adapter, command->in_mod);
	u32 wanted[CX_PRIORITIES];
	u64 total = 0;

	if (!management_is_connectx_3(adapter) ||
	    command->op_mod > CX_QOS_QUERY)
		return CX_STATUS_BAD_OP;
	if (!port)
		return CX_STATUS_BAD_INDEX;
	if (command->op_mod == CX_QOS_SET) {
		for (unsigned int i = 0; i < CX_PRIORITIES; i++) {
			wanted[i] = cx_load_be32(command->in +
						 CX_VPP_PRIORITIES + 4 * i);
			total += wanted[i];
		}
		if (total > VIRTUAL_PIPES)
			return CX_STATUS_EXCEED_LIM;
		memcpy(port->virtual_pipes, wanted, sizeof(wanted));
		command->out_length = 0;
		return CX_STATUS_OK;
	}
	for (unsigned int i = 0; i < CX_PRIORITIES; i++)
		cx_store_be32(command->out + CX_VPP_PRIORITIES + 4 * i,
			      port->virtual_pipes[i]);
	cx_set(command->out, CX_VPP_AVAILABLE, VIRTUAL_PIPES);
	command->out_length = CX_VPP_SIZE;
	return CX_STATUS_OK;
}

u8 management_set_vport_qos(struct adapter *adapter, struct command *command)
{
	struct port *port =
		port_find(adapter, command->in_mod & CX_VPORT_QOS_PORT_MASK);

	if (!management_is_connectx_3(adapter) ||
	    command->op_mod > CX_QOS_QUERY)
		return CX_STATUS_BAD_OP;
	if (!port || command->in_mod >> CX_VPORT_QOS_VPORT_SHIFT)
		return CX_STATUS_BAD_INDEX;
	if (command->op_mod == CX_QOS_SET) {
		memcpy(port->vport_qos, command->in + CX_VPORT_QOS_ENTRIES,
		       sizeof(port->vport_qos));
		command->out_length = 0;
	} else {
		memcpy(command->out + CX_VPORT_QOS_ENTRIES, port->vport_qos,
		       sizeof(port->vport_qos));
		command->out_length = CX_VPORT_QOS_SIZE;
	}
	return CX_STATUS_OK;
}
