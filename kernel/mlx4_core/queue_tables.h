/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers of queues, and who has which: what queue_tables.c, qpn.c, cq.c and
 * qp.c share.
 */
#ifndef MLX4_CORE_QUEUE_TABLES_H
#define MLX4_CORE_QUEUE_TABLES_H

#include "mlx4_core/core.h"

struct cx_queue_tables {
	struct xarray cqs; /* by number; read in interrupt context */
	u32 cqn_next;
	struct xarray qps;
	struct mutex qpn_lock; /* qpns_used */
	unsigned long *qpns_used; /* a bit a number, from qpn_first on */
	u32 qpn_first, qpn_count;
	struct cx_buffer nothing; /* ring of queue pairs that have none */
};

/* qpn.c */
int cx_qpns_init(struct cx_core *core);
void cx_qpns_exit(struct cx_core *core);

/* Waits until no handler of events that began before runs any more */
void cx_queues_synchronize(struct cx_core *core, int vector);

#endif
