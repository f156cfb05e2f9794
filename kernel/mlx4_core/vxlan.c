// SPDX-License-Identifier: GPL-2.0-only
/* Offloads of VXLAN frames (docs/hardware/offloads.md, E5.8) */
#include "mlx4_core/port.h"

/**
 * cx_vxlan_set_udp_port - which UDP port carries VXLAN
 * @adapter: the adapter; it knows one for both of its ports
 * @udp_port: that one; 0: none
 *
 * Return: 0; -EOPNOTSUPP; what the command returned.
 */
int cx_vxlan_set_udp_port(struct cx_adapter *adapter, __be16 udp_port)
{
	struct cx_core *core = cx_core_of(adapter);
	struct cx_mailbox *mailbox;
	int err;

	if (!adapter->caps.vxlan || !adapter->caps.config_dev)
		return -EOPNOTSUPP;
	mailbox = cx_mailbox_get(core);
	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_set(mailbox->data, CX_CONFIG_DEV_UPDATE_VXLAN_PORT, 1);
	cx_set(mailbox->data, CX_CONFIG_DEV_VXLAN_PORT, be16_to_cpu(udp_port));
	err = cx_command(core, CX_CMD_CONFIG_DEV, CX_CONFIG_DEV_SET, 0, mailbox,
			 NULL);
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_vxlan_set_udp_port);

/**
 * cx_port_set_vxlan - let the port look into VXLAN frames
 * @port: the port
 * @on: let it
 *
 * Return: 0; -EOPNOTSUPP; what the command returned.
 */
int cx_port_set_vxlan(struct cx_port *port, bool on)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *mailbox;
	int err;

	if (!core->adapter.caps.vxlan)
		return -EOPNOTSUPP;
	mailbox = cx_mailbox_get(core);
	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_set(mailbox->data, CX_PORT_VXLAN_VALID_ENABLE, 1);
	cx_set(mailbox->data, CX_PORT_VXLAN_VALID_STEERING, 1);
	cx_set(mailbox->data, CX_PORT_VXLAN_ENABLE, on);
	cx_set(mailbox->data, CX_PORT_VXLAN_STEERING, CX_VXLAN_STEER_OUTER_MAC);
	err = cx_set_port(port, CX_SET_PORT_VXLAN, mailbox);
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_port_set_vxlan);
