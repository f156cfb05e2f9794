// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many entries each table of context memory gets. Address space costs
 * nothing and tables are backed where they are used; but the adapter's
 * auxiliary area and the multicast table, which is backed as a whole, grow
 * with what is chosen here. Two ports with 128 channels of three queues each
 * take less than half of it.
 */
#include "connectx/steering.h"
#include "mlx4_core/core.h"

struct profile {
	u8 log_qps, log_cqs, log_eqs, log_mtts, log_dmpts;
	u8 log_mcgs[CX_STEERING_MANAGED + 1];
};

static const struct profile usual = {
	.log_qps = 13,
	.log_cqs = 11,
	.log_eqs = 8, /* as many as there are vectors, and the reserved ones */
	.log_mtts = 18,
	.log_dmpts = 9,
	.log_mcgs = {
		[CX_STEERING_A0] = 8,
		[CX_STEERING_B0] = 12,
		[CX_STEERING_MANAGED] = 13,
	},
};

/* A kdump kernel: one channel a port */
static const struct profile small = {
	.log_qps = 10, /* numbers for BlueFlame are scarce below */
	.log_cqs = 8,
	.log_eqs = 5,
	.log_mtts = 14,
	.log_dmpts = 9,
	.log_mcgs = {
		[CX_STEERING_A0] = 8,
		[CX_STEERING_B0] = 8,
		[CX_STEERING_MANAGED] = 8,
	},
};

/* At least as many of our own as the firmware keeps for itself */
static u32 count(u8 log, u32 reserved, u32 log_max)
{
	u32 chosen = max(1u << log, 2 * roundup_pow_of_two(reserved ?: 1));

	return min(chosen, 1u << min(log_max, 24u));
}

static u32 cap(struct cx_core *core, u32 field)
{
	return cx_get(core->limits->dev_cap, field);
}

static void choose_counts(struct cx_core *core, const struct profile *profile)
{
	struct cx_device_limits *limits = core->limits;
	u32 *n = limits->count;

	n[CX_ICM_QPC] = count(profile->log_qps, limits->reserved_qps,
			      cap(core, CX_DEV_CAP_LOG_MAX_QPS));
	n[CX_ICM_AUXC] = n[CX_ICM_QPC];
	n[CX_ICM_ALTC] = n[CX_ICM_QPC];
	n[CX_ICM_SRQC] = limits->reserved_srqs;
	n[CX_ICM_CQC] = count(profile->log_cqs, limits->reserved_cqs,
			      cap(core, CX_DEV_CAP_LOG_MAX_CQS));
	n[CX_ICM_EQC] = limits->sys_eqs ?:
				count(profile->log_eqs, limits->reserved_eqs,
				      cap(core, CX_DEV_CAP_LOG_MAX_EQS));
	n[CX_ICM_MTT] = count(profile->log_mtts, limits->reserved_mtts,
			      cap(core, CX_DEV_CAP_LOG_MAX_MTTS));
	n[CX_ICM_DMPT] = count(profile->log_dmpts, limits->reserved_mrws,
			       cap(core, CX_DEV_CAP_LOG_MAX_DMPTS));
	n[CX_ICM_MCG] = count(profile->log_mcgs[core->adapter.caps.steering],
			      limits->reserved_mcgs,
			      cap(core, CX_DEV_CAP_LOG_MAX_MCGS));
	n[CX_ICM_CMPT_QP] = n[CX_ICM_QPC];
	n[CX_ICM_CMPT_SRQ] = n[CX_ICM_SRQC];
	n[CX_ICM_CMPT_CQ] = n[CX_ICM_CQC];
	n[CX_ICM_CMPT_EQ] = n[CX_ICM_EQC];
	/* One half is found by hash, the other holds what collides */
	limits->log_mcg_hash = ilog2(n[CX_ICM_MCG]) - 1;
}

static void choose_sizes(struct cx_core *core)
{
	u32 *size = core->limits->entry_size;

	size[CX_ICM_QPC] = cap(core, CX_DEV_CAP_QPC_ENTRY);
	size[CX_ICM_AUXC] = cap(core, CX_DEV_CAP_AUXC_ENTRY);
	size[CX_ICM_ALTC] = cap(core, CX_DEV_CAP_ALTC_ENTRY);
	size[CX_ICM_SRQC] = cap(core, CX_DEV_CAP_SRQC_ENTRY);
	size[CX_ICM_CQC] = cap(core, CX_DEV_CAP_CQC_ENTRY);
	size[CX_ICM_EQC] = cap(core, CX_DEV_CAP_EQC_ENTRY);
	size[CX_ICM_MTT] = cap(core, CX_DEV_CAP_MTT_ENTRY);
	size[CX_ICM_DMPT] = cap(core, CX_DEV_CAP_DMPT_ENTRY);
	size[CX_ICM_MCG] = 1u << core->limits->log_mcg_entry;
	size[CX_ICM_CMPT_QP] = cap(core, CX_DEV_CAP_CMPT_ENTRY);
	size[CX_ICM_CMPT_SRQ] = size[CX_ICM_CMPT_QP];
	size[CX_ICM_CMPT_CQ] = size[CX_ICM_CMPT_QP];
	size[CX_ICM_CMPT_EQ] = size[CX_ICM_CMPT_QP];
}

/**
 * cx_profile_choose - the number and size of each table's entries
 * @core: the adapter, its capabilities known
 *
 * All numbers are powers of two, but that of event queues where they belong
 * to functions.
 */
void cx_profile_choose(struct cx_core *core)
{
	choose_counts(core, core->adapter.small_memory ? &small : &usual);
	choose_sizes(core);
}
