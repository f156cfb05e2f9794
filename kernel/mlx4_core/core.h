/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of mlx4_core share: the adapter as they see it, commands,
 * and interconnect context memory (ICM). Clients see api.h alone.
 */
#ifndef MLX4_CORE_CORE_H
#define MLX4_CORE_CORE_H

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "connectx/commands.h"
#include "connectx/hca.h"
#include "mlx4_core/api.h"

/* Tables of context memory, in the order in which they are mapped */
enum cx_icm_kind {
	CX_ICM_CMPT_QP,
	CX_ICM_CMPT_SRQ,
	CX_ICM_CMPT_CQ,
	CX_ICM_CMPT_EQ,
	CX_ICM_EQC,
	CX_ICM_MTT,
	CX_ICM_DMPT,
	CX_ICM_QPC,
	CX_ICM_AUXC,
	CX_ICM_ALTC,
	CX_ICM_RDMARC,
	CX_ICM_CQC,
	CX_ICM_SRQC,
	CX_ICM_MCG,
	CX_ICM_TABLES,
};

struct cx_commands; /* command.c */
struct cx_icm; /* icm.c */
struct cx_queue_tables; /* queue_tables.c: numbers and look-up of queues */
struct cx_events; /* eq.c */
struct cx_memory; /* memory.c: MTT and MPT allocation, records */
struct cx_steering; /* steer.c */
struct cx_health; /* health.c */

struct cx_core {
	struct cx_adapter adapter; /* first: what clients see */
	struct devlink *devlink;
	void __iomem *bar0;
	struct cx_device_limits *limits; /* capabilities.c */
	struct cx_commands *commands;
	struct cx_icm *icm;
	struct cx_queue_tables *queues;
	struct cx_events *events;
	struct cx_memory *memory;
	struct cx_steering *steering;
	struct cx_health *health;
	struct cx_port *ports[CX_PORTS]; /* NULL: not there, or not Ethernet */
	struct mutex state_lock; /* start, stop, recovery */
	bool running;
	bool failed; /* set once by the first who sees it, cleared by reset */
};

static inline struct cx_core *cx_core_of(struct cx_adapter *adapter)
{
	return container_of(adapter, struct cx_core, adapter);
}

/* ----- Commands (command.c) ----- */

/* A page for a command's input or output */
struct cx_mailbox {
	void *data;
	dma_addr_t dma;
};

/* A zeroed mailbox, or ERR_PTR(-ENOMEM) */
struct cx_mailbox *cx_mailbox_get(struct cx_core *core);
void cx_mailbox_put(struct cx_core *core, struct cx_mailbox *mailbox);

/*
 * Run a command and wait for it: 0, or the status as -errno. @in and @out may
 * be NULL where the opcode has no such mailbox. A command that gives back
 * (CX_CMD_HW2SW_*, TO_RST_QP, CLOSE_*, UNMAP_*, FLOW_STEERING_DETACH) succeeds
 * at once on an adapter that has failed; others return -EIO.
 */
int cx_command(struct cx_core *core, enum cx_command opcode, u8 op_modifier,
	       u32 in_modifier, const struct cx_mailbox *in,
	       struct cx_mailbox *out);
/* The same for immediate parameters; @out may be NULL. */
int cx_command_immediate(struct cx_core *core, enum cx_command opcode,
			 u8 op_modifier, u32 in_modifier, u64 in, u64 *out);
/* The last command's firmware status is lost in -errno; this one returns it. */
int cx_command_status(struct cx_core *core, enum cx_command opcode,
		      u8 op_modifier, u32 in_modifier,
		      const struct cx_mailbox *in, u64 *out_immediate,
		      u8 *status);

int cx_commands_init(struct cx_core *core);
void cx_commands_exit(struct cx_core *core);
/* Completions by events from here on, or by polling again */
int cx_commands_use_events(struct cx_core *core);
void cx_commands_use_polling(struct cx_core *core);
/* From the event queue; interrupt context */
void cx_command_event(struct cx_core *core, u16 token, u8 status,
		      u64 out_param);
/* Ends every command that waits, with -EIO; any context */
void cx_commands_cancel(struct cx_core *core);

/* ----- Limits and context memory (capabilities.c, icm.c) ----- */

/* Numbers that the set-up needs and clients do not (QUERY_DEV_CAP, profile) */
struct cx_device_limits {
	u32 fw_pages;
	u64 clear_int_offset, catastrophic_offset, clock_offset;
	u8 clear_int_bar, catastrophic_bar, clock_bar;
	u32 catastrophic_dwords;
	u32 reserved_qps, reserved_srqs, reserved_cqs, reserved_eqs;
	u32 reserved_mtts, reserved_mrws, reserved_uars, reserved_mcgs;
	u32 reserved_pds;
	u32 reserved_lkey;
	u32 max_eqs, sys_eqs;
	u8 log_mcg_entry; /* bytes of an entry of the multicast table */
	u32 qps_per_mcg;
	u32 managed_members; /* queue pairs of a managed rule */
	u8 inta_pin;
	bool port_ethernet[CX_PORTS];
	/* chosen by the profile: */
	u32 count[CX_ICM_TABLES]; /* entries of each table */
	u32 entry_size[CX_ICM_TABLES];
	u8 log_mcg_hash;
};

/* Memory behind entries [first, first + count) of a table; counts users. */
int cx_icm_get(struct cx_core *core, enum cx_icm_kind kind, u32 first,
	       u32 count);
void cx_icm_put(struct cx_core *core, enum cx_icm_kind kind, u32 first,
		u32 count);
/*
 * Where the CPU finds entry @index, and for how many entries that holds on
 * (@run); NULL if it is not backed. Only MTT: the CPU writes no other table.
 */
void *cx_icm_entry(struct cx_core *core, enum cx_icm_kind kind, u32 index,
		   u32 *run);
/* Makes what the CPU wrote there visible to the adapter */
void cx_icm_sync(struct cx_core *core, enum cx_icm_kind kind, u32 index,
		 u32 count);

/* ----- Parts that start and stop with the adapter -----
 * Each init is undone by its exit; none leaves anything behind on error.
 */
int cx_memory_init(struct cx_core *core); /* MTT, MPT, PD, UAR, records */
void cx_memory_exit(struct cx_core *core);
int cx_events_init(struct cx_core *core); /* vectors, EQs, event commands */
void cx_events_exit(struct cx_core *core);
int cx_queues_init(struct cx_core *core); /* numbers of CQs and QPs */
void cx_queues_exit(struct cx_core *core);
int cx_steering_init(struct cx_core *core);
void cx_steering_exit(struct cx_core *core);
int cx_health_init(struct cx_core *core);
void cx_health_exit(struct cx_core *core);

/* Dispatch of events by eq.c; interrupt context */
void cx_cq_event_completed(struct cx_core *core, u32 cqn);
void cx_cq_event_error(struct cx_core *core, u32 cqn, u8 syndrome);
void cx_qp_event(struct cx_core *core, u32 qpn, u8 type);
void cx_port_event(struct cx_core *core, u8 port, bool up);

#endif
