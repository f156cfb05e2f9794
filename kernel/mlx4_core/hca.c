// SPDX-License-Identifier: GPL-2.0-only
/*
 * INIT_HCA and CLOSE_HCA: the card as a whole (docs/hardware/init.md, C5.4).
 */
#include "mlx4_core/core.h"

#define DRIVER_VERSION_STRING "Linux,mlx4_core," CX_DRIVER_VERSION

static void set_base(struct cx_core *core, void *hca, u32 field,
		     enum cx_icm_kind kind)
{
	/* Some bases share their word with the size: the low bits are not theirs */
	cx_set(hca, field, cx_icm_base(core, kind) >> CX_FIELD_BIT(field));
}

static void set_log(struct cx_core *core, void *hca, u32 field,
		    enum cx_icm_kind kind)
{
	cx_set(hca, field, ilog2(core->limits->count[kind]));
}

static void fill_tables(struct cx_core *core, void *hca)
{
	set_base(core, hca, CX_INIT_HCA_QPC_BASE, CX_ICM_QPC);
	set_log(core, hca, CX_INIT_HCA_LOG_QPS, CX_ICM_QPC);
	set_base(core, hca, CX_INIT_HCA_SRQC_BASE, CX_ICM_SRQC);
	set_log(core, hca, CX_INIT_HCA_LOG_SRQS, CX_ICM_SRQC);
	set_base(core, hca, CX_INIT_HCA_CQC_BASE, CX_ICM_CQC);
	set_log(core, hca, CX_INIT_HCA_LOG_CQS, CX_ICM_CQC);
	set_base(core, hca, CX_INIT_HCA_ALTC_BASE, CX_ICM_ALTC);
	set_base(core, hca, CX_INIT_HCA_AUXC_BASE, CX_ICM_AUXC);
	set_base(core, hca, CX_INIT_HCA_EQC_BASE, CX_ICM_EQC);
	if (core->limits->sys_eqs) {
		cx_set(hca, CX_INIT_HCA_LOG_EQS, CX_INIT_HCA_LOG_EQS_SYS);
		cx_set(hca, CX_INIT_HCA_SYS_EQS, core->limits->sys_eqs);
	} else {
		set_log(core, hca, CX_INIT_HCA_LOG_EQS, CX_ICM_EQC);
	}
	set_base(core, hca, CX_INIT_HCA_DMPT_BASE, CX_ICM_DMPT);
	set_log(core, hca, CX_INIT_HCA_LOG_DMPTS, CX_ICM_DMPT);
	set_base(core, hca, CX_INIT_HCA_MTT_BASE, CX_ICM_MTT);
	set_base(core, hca, CX_INIT_HCA_CMPT_BASE, CX_ICM_CMPT_QP);
}

static void fill_multicast(struct cx_core *core, void *hca)
{
	set_base(core, hca, CX_INIT_HCA_MC_BASE, CX_ICM_MCG);
	cx_set(hca, CX_INIT_HCA_LOG_MC_ENTRY, core->limits->log_mcg_entry);
	cx_set(hca, CX_INIT_HCA_LOG_MC_HASH, core->limits->log_mcg_hash);
	set_log(core, hca, CX_INIT_HCA_LOG_MC_TABLE, CX_ICM_MCG);
	cx_set(hca, CX_INIT_HCA_UC_STEERING,
	       core->adapter.caps.steering == CX_STEERING_B0);
}

static void fill_flow_steering(struct cx_core *core, void *hca)
{
	cx_set(hca, CX_INIT_HCA_DEVICE_MANAGED_STEERING, 1);
	set_base(core, hca, CX_INIT_HCA_FS_BASE, CX_ICM_MCG);
	cx_set(hca, CX_INIT_HCA_FS_LOG_ENTRY, core->limits->log_mcg_entry);
	set_log(core, hca, CX_INIT_HCA_FS_LOG_TABLE, CX_ICM_MCG);
	cx_set(hca, CX_INIT_HCA_FS_ETHERNET_BITS, CX_FS_UDP_AND_TCP);
	cx_set(hca, CX_INIT_HCA_FS_ETHERNET_ADDRESSES, CX_FS_L2_ADDRESSES);
	cx_set(hca, CX_INIT_HCA_FS_IB_BITS, CX_FS_UDP_AND_TCP);
	cx_set(hca, CX_INIT_HCA_FS_IB_ADDRESSES, CX_FS_L2_ADDRESSES);
}

static void fill_switches(struct cx_core *core, void *hca)
{
	const void *caps = core->limits->dev_cap;

	cx_set(hca, CX_INIT_HCA_VERSION, CX_INIT_HCA_VERSION_2);
	cx_set(hca, CX_INIT_HCA_UD_PORT_CHECK, 1);
	cx_set(hca, CX_INIT_HCA_HOST_BIG_ENDIAN,
	       cpu_to_be16(1) == (__force __be16)1);
	cx_set(hca, CX_INIT_HCA_CHECKSUM,
	       cx_get(caps, CX_DEV_CAP_IPOIB_CHECKSUM));
	cx_set(hca, CX_INIT_HCA_COUNTERS, cx_get(caps, CX_DEV_CAP_COUNTERS));
	cx_set(hca, CX_INIT_HCA_RSS_IP_FRAGMENTS,
	       cx_get(caps, CX_DEV_CAP_RSS_IP_FRAGMENTS));
	cx_set(hca, CX_INIT_HCA_RECOVERABLE_ERROR_EVENT,
	       cx_get(caps, CX_DEV_CAP_RECOVERABLE_ERROR_EVENT));
	/* UAR pages of 4 KiB, whatever the CPU's pages are */
	cx_set(hca, CX_INIT_HCA_LOG_UARS, core->limits->log_uars);
	cx_set(hca, CX_INIT_HCA_UAR_PAGE_SIZE, 0);
	if (cx_get(caps, CX_DEV_CAP_DRIVER_VERSION))
		strscpy(hca + CX_INIT_HCA_DRIVER_VERSION, DRIVER_VERSION_STRING,
			CX_INIT_HCA_DRIVER_VERSION_SIZE);
	/* The optimised table of ConnectX-3 Pro takes simple rules only. */
	if (cx_get(caps, CX_DEV_CAP_FS) &&
	    cx_get(caps, CX_DEV_CAP_FS_HIGH_RATE_QPN_RANGE))
		cx_set(hca, CX_INIT_HCA_FS_A0_MODE, CX_FS_A0_OFF);
}

/**
 * cx_hca_init - INIT_HCA: the tables are where they are, queues may come
 * @core: the adapter, its ICM laid out
 *
 * Return: 0 or -errno.
 */
int cx_hca_init(struct cx_core *core)
{
	struct cx_mailbox *in = cx_mailbox_get(core);
	int error;

	if (IS_ERR(in))
		return PTR_ERR(in);
	fill_switches(core, in->data);
	fill_tables(core, in->data);
	if (core->adapter.caps.steering == CX_STEERING_MANAGED)
		fill_flow_steering(core, in->data);
	else
		fill_multicast(core, in->data);
	error = cx_command(core, CX_CMD_INIT_HCA, 0, 0, in, NULL);
	cx_mailbox_put(core, in);
	return error;
}

/** cx_hca_exit - CLOSE_HCA: no queue is left */
void cx_hca_exit(struct cx_core *core)
{
	cx_command(core, CX_CMD_CLOSE_HCA, 0, 0, NULL, NULL);
}
