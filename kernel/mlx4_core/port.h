/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MLX4_CORE_PORT_H
#define MLX4_CORE_PORT_H

#include "mlx4_core/core.h"

/* SET_PORT: @table of an Ethernet port (CX_SET_PORT_GENERAL and so on) */
int cx_set_port(struct cx_port *port, u32 table,
		const struct cx_mailbox *mailbox);

#endif
