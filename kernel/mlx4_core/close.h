/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MLX4_CORE_CLOSE_H
#define MLX4_CORE_CLOSE_H

#include "mlx4_core/core.h"

/**
 * cx_close_object - take a queue back, or else silence the adapter
 * @core: the adapter
 * @opcode: CX_CMD_HW2SW_EQ, HW2SW_CQ, TO_RST_QP
 * @op_modifier: that of @opcode
 * @number: of the queue
 *
 * On return the adapter touches the queue's memory no more, so that it may be
 * freed: if the command failed, twice, because it may not touch any.
 */
void cx_close_object(struct cx_core *core, enum cx_command opcode,
		     u8 op_modifier, u32 number);

#endif
