// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queues are taken back by a command; their memory is freed behind it. An
 * adapter that refuses would go on writing there until it is reset: it is
 * reported, which also cuts it off from memory.
 */
#include "mlx4_core/close.h"

void cx_close_object(struct cx_core *core, enum cx_command opcode,
		     u8 op_modifier, u32 number)
{
	int tries = 2;

	do {
		if (!cx_command(core, opcode, op_modifier, number, NULL, NULL))
			return;
	} while (--tries);
	cx_adapter_report_error(&core->adapter, "a queue could not be closed");
}
