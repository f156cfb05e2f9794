// SPDX-License-Identifier: GPL-2.0-only
/* The firmware's own test of the adapter (docs/hardware/management.md, E7.10) */
#include "mlx4_core/core.h"

/**
 * cx_adapter_health_check - let the firmware look after the hardware
 * @adapter: the adapter
 *
 * Return: 0 if it finds nothing wrong; what the command returned.
 */
int cx_adapter_health_check(struct cx_adapter *adapter)
{
	return cx_command_immediate(cx_core_of(adapter), CX_CMD_HW_HEALTH_CHECK,
				    0, 0, 0, NULL);
}
EXPORT_SYMBOL_GPL(cx_adapter_health_check);
