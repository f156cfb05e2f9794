// SPDX-License-Identifier: GPL-2.0-only
/* Counters of a port (docs/hardware/statistics.md, E6.1) */
#include "connectx/statistics.h"
#include "mlx4_core/core.h"

/**
 * cx_port_read_statistics - read a port's counters
 * @port: the port
 * @modifier: 0, CX_ETH_STATS_RESET to clear them behind it,
 *	CX_ETH_STATS_FLOW_CONTROL for the page of pause frames
 * @page: CX_ETH_STATS_SIZE bytes, or CX_FLOW_STATS_SIZE of that page, as the
 *	adapter wrote them
 *
 * Return: 0 or what the command returned.
 */
int cx_port_read_statistics(struct cx_port *port, u32 modifier, void *page)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	size_t size = modifier & CX_ETH_STATS_FLOW_CONTROL ?
			      CX_FLOW_STATS_SIZE :
			      CX_ETH_STATS_SIZE;
	int err;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	err = cx_command(core, CX_CMD_DUMP_ETH_STATS, 0,
			 modifier | port->number, NULL, mailbox);
	if (!err)
		memcpy(page, mailbox->data, size);
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_port_read_statistics);
