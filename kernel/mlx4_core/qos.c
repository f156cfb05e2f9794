// SPDX-License-Identifier: GPL-2.0-only
/* Priorities, traffic classes and their shares (docs/hardware/ports.md, E1.6) */
#include "mlx4_core/port.h"

#define CX_LIMIT_UNIT_MBPS 100
#define CX_LIMIT_FINE_MAX 255 /* in units of 100 Mbit/s; else of 1 Gbit/s */

/**
 * cx_port_set_prio2tc - which traffic class a priority belongs to
 * @port: the port
 * @prio2tc: CX_PRIORITIES classes
 *
 * Return: 0 or what the command returned.
 */
int cx_port_set_prio2tc(struct cx_port *port, const u8 *prio2tc)
{
#define CX_PRIO2TC_FIELD(layout, name, ...) CX_##layout##_##name,
	static const u32 fields[CX_PRIORITIES] = { CX_PRIO2TC_FIELDS(
		CX_PRIO2TC_FIELD) };
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	int err;
	int i;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	for (i = 0; i < CX_PRIORITIES; i++)
		cx_set(mailbox->data, fields[i], prio2tc[i]);
	err = cx_set_port(port, CX_SET_PORT_PRIO2TC, mailbox);
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_port_set_prio2tc);

static void fill_limit(void *entry, u32 mbps)
{
	u32 units = CX_SCHEDULER_UNITS_1G;
	u32 value = CX_SCHEDULER_NO_LIMIT;

	if (mbps) {
		value = DIV_ROUND_UP(mbps, CX_LIMIT_UNIT_MBPS);
		if (value <= CX_LIMIT_FINE_MAX)
			units = CX_SCHEDULER_UNITS_100M;
		else
			value = min(value / 10, U16_MAX);
	}
	cx_set(entry, CX_SCHEDULER_LIMIT_UNITS, units);
	cx_set(entry, CX_SCHEDULER_LIMIT, value);
}

/**
 * cx_port_set_scheduler - shares and limits of the traffic classes
 * @port: the port
 * @classes: CX_TRAFFIC_CLASSES of them
 *
 * Return: 0; -EOPNOTSUPP; what the command returned.
 */
int cx_port_set_scheduler(struct cx_port *port,
			  const struct cx_traffic_class *classes)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *mailbox;
	int err;
	int i;

	if (!core->adapter.caps.ets_cfg && !core->adapter.caps.set_eth_sched)
		return -EOPNOTSUPP;
	mailbox = cx_mailbox_get(core);
	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	for (i = 0; i < CX_TRAFFIC_CLASSES; i++) {
		void *entry = mailbox->data + i * CX_SCHEDULER_ENTRY_SIZE;

		cx_set(entry, CX_SCHEDULER_GROUP, classes[i].group);
		cx_set(entry, CX_SCHEDULER_BANDWIDTH, classes[i].bandwidth);
		fill_limit(entry, classes[i].limit_mbps);
	}
	err = cx_set_port(port, CX_SET_PORT_SCHEDULER, mailbox);
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_port_set_scheduler);
