/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What watching (health.c), recovering (recovery.c) and reporting (reporter.c)
 * share.
 */
#ifndef MLX4_CORE_HEALTH_H
#define MLX4_CORE_HEALTH_H

#include "mlx4_core/core.h"

#define CX_REASON_SIZE 64
/* More of the buffer than any known firmware has */
#define CX_CATASTROPHIC_DWORDS_MAX 64

struct cx_health {
	struct cx_core *core;
	struct workqueue_struct *queue;
	struct delayed_work poll;
	struct work_struct recovery;
	struct devlink_health_reporter *reporter; /* NULL: there is none */
	void __iomem *buffer; /* while the adapter runs */
	unsigned int dwords;
	u32 snapshot[CX_CATASTROPHIC_DWORDS_MAX]; /* of the last failure */
	unsigned int snapshot_dwords;
	char reason[CX_REASON_SIZE]; /* of the last failure */
	unsigned int recoveries; /* that came back */
	unsigned int in_row; /* each soon after the one before */
	unsigned long last_recovery; /* jiffies */
};

void cx_health_snapshot(struct cx_core *core); /* state_lock is held */

int cx_reporter_init(struct cx_core *core);
void cx_reporter_exit(struct cx_core *core);
/* Recovers, by way of devlink's health reporter if there is one */
void cx_reporter_report(struct cx_core *core);
/* The adapter came back in another way than the reporter's */
void cx_reporter_healthy(struct cx_core *core);

#endif
