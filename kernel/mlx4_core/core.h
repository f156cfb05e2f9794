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
struct cx_firmware; /* firmware.c */
struct cx_health; /* health.c */
struct pci_saved_state;

/* What devlink's parameters say (devlink_params.c) */
struct cx_params {
	bool reset_on_error;
	bool snapshot; /* of the regions, at a fatal error */
	u32 max_macs; /* a power of two; taken at start */
};

struct cx_core {
	struct cx_adapter adapter; /* first: what clients see */
	struct devlink *devlink;
	void __iomem *bar0;
	struct pci_saved_state *saved_config; /* before the first reset */
	struct cx_device_limits *limits; /* capabilities.c */
	struct cx_firmware *firmware; /* firmware.c */
	void __iomem *clock; /* clock.c; NULL: none */
	struct cx_commands *commands;
	struct cx_icm *icm;
	struct cx_queue_tables *queues;
	struct cx_events *events;
	struct cx_memory *memory;
	struct cx_steering *steering;
	struct cx_health *health;
	struct cx_params params;
	/* devlink_regions.c; NULL: a card that cannot be read as a whole */
	struct devlink_region *registers, *health_buffer;
	struct cx_port *ports[CX_PORTS]; /* NULL: not there, or not Ethernet */
	struct mutex state_lock; /* start, stop, recovery, attach */
	bool running;
	bool leaving; /* remove or shutdown has begun: no recovery any more */
	bool held; /* asleep, or in the PCI core's hands: who ends it starts */
	int failed; /* set once by the first who sees it, cleared by reset */
};

extern int cx_param_log_mgm_entry_size; /* -1: device-managed steering */
extern int cx_param_msi_x; /* 0: INTx */

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

/*
 * One polled attempt that blames nobody: a card just reset may answer late,
 * or not at all. Return: 0 with the firmware's @status, or -errno.
 */
int cx_command_attempt(struct cx_core *core, enum cx_command opcode,
		       struct cx_mailbox *out, unsigned int milliseconds,
		       u8 *status);

const char *cx_command_name(enum cx_command opcode);
const char *cx_status_name(u8 status);
int cx_status_errno(u8 status);

/* From probe to remove; a reset of the card starts the register anew. */
int cx_commands_init(struct cx_core *core);
void cx_commands_exit(struct cx_core *core);
void cx_commands_reset(struct cx_core *core);
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
	u8 log_outstanding; /* commands at a time */
	u64 clear_int_offset, catastrophic_offset, clock_offset;
	u8 clear_int_bar, catastrophic_bar, clock_bar;
	u32 catastrophic_dwords;
	u32 reserved_qps, reserved_srqs, reserved_cqs, reserved_eqs;
	u32 reserved_mtts, reserved_mrws, reserved_uars, reserved_mcgs;
	u32 reserved_pds;
	u32 max_eqs, sys_eqs; /* EQs are reserved_eqs ... max_eqs - 1 */
	u8 log_uars; /* UAR pages in BAR2 */
	u8 log_mcg_entry; /* bytes of an entry of the multicast table */
	u8 inta_pin;
	u8 dev_cap[CX_DEV_CAP_SIZE]; /* as QUERY_DEV_CAP answered */
	u8 query_port[CX_PORTS][CX_QUERY_PORT_SIZE];
	u64 physical_id[CX_PORTS]; /* 0: unknown */
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

/* Where table @kind begins in the adapter's address space */
u64 cx_icm_base(struct cx_core *core, enum cx_icm_kind kind);

/* ----- Registers that QUERY_FW places ----- */

/*
 * @size bytes at @offset of BAR 2 * @bar, NULL if that BAR does not hold them
 */
void __iomem *cx_register_map(struct cx_core *core, u8 bar, u64 offset,
			      size_t size);
void cx_register_unmap(struct cx_core *core, void __iomem *address);

/* ----- Memory handed to the adapter as a whole (area.c) ----- */

struct cx_block {
	void *address;
	dma_addr_t dma;
	unsigned int order;
};

struct cx_area {
	unsigned int count;
	struct cx_block *blocks;
};

/* @pages of 4 KiB, in blocks as large as there are, up to @max_order */
int cx_area_alloc(struct cx_core *core, struct cx_area *area, u32 pages,
		  unsigned int max_order);
void cx_area_free(struct cx_core *core, struct cx_area *area);
/* MAP_FA, MAP_ICM_AUX, MAP_ICM; @address is that of the ICM, else 0 */
int cx_area_map(struct cx_core *core, enum cx_command opcode, u64 address,
		const struct cx_area *area);

/* ----- Bring-up (start.c, reset.c), under state_lock ----- */

int cx_core_start(struct cx_core *core);
void cx_core_stop(struct cx_core *core);
/* Resets the card, waits until it answers, and @settle_ms more */
int cx_reset(struct cx_core *core, unsigned int settle_ms);
int cx_config_restore(struct cx_core *core);
void cx_owner_release(struct cx_core *core);

/* ----- Port devices (port_device.c) ----- */

int cx_ports_create(struct cx_core *core);
void cx_ports_destroy(struct cx_core *core);
void cx_ports_suspend(struct cx_core *core);
void cx_ports_resume(struct cx_core *core);

/* ----- devlink (devlink.c, devlink_params.c, devlink_regions.c) ----- */

extern const struct devlink_ops cx_devlink_ops;
int cx_devlink_init(struct cx_core *core);
void cx_devlink_exit(struct cx_core *core);

void cx_params_init(struct cx_core *core); /* devlink_params.c */
int cx_params_register(struct cx_core *core);
void cx_params_unregister(struct cx_core *core);
void cx_params_take(struct cx_core *core);

int cx_regions_init(struct cx_core *core); /* devlink_regions.c */
void cx_regions_exit(struct cx_core *core);
void cx_regions_snapshot(struct cx_core *core);

/* ----- Health (health.c, recovery.c), from probe to remove ----- */

int cx_health_init(struct cx_core *core);
void cx_health_exit(struct cx_core *core);
/* The catastrophic buffer is watched from start to stop. */
int cx_health_start(struct cx_core *core);
void cx_health_stop(struct cx_core *core);
void cx_health_kick(struct cx_core *core);
int cx_recover(struct cx_core *core);

/* ----- Parts that start and stop with the adapter -----
 * Each init is undone by its exit; none leaves anything behind on error.
 */
int cx_firmware_init(struct cx_core *core); /* reset, RUN_FW */
void cx_firmware_exit(struct cx_core *core);
int cx_capabilities_init(struct cx_core *core); /* before the ICM */
int cx_capabilities_finish(struct cx_core *core); /* after INIT_HCA */
void cx_profile_choose(struct cx_core *core); /* limits->count, entry_size */
int cx_icm_init(struct cx_core *core);
void cx_icm_exit(struct cx_core *core);
int cx_hca_init(struct cx_core *core);
void cx_hca_exit(struct cx_core *core);
int cx_clock_init(struct cx_core *core);
void cx_clock_exit(struct cx_core *core);
int cx_memory_init(struct cx_core *core); /* MTT, MPT, PD, UAR, records */
void cx_memory_exit(struct cx_core *core);
int cx_events_init(struct cx_core *core); /* vectors, EQs, event commands */
void cx_events_exit(struct cx_core *core);
void cx_events_take(struct cx_core *core);
int cx_queues_init(struct cx_core *core); /* numbers of CQs and QPs */
void cx_queues_exit(struct cx_core *core);
int cx_steering_init(struct cx_core *core);
void cx_steering_exit(struct cx_core *core);

/* Dispatch of events by eq.c; interrupt context */
void cx_cq_event_completed(struct cx_core *core, u32 cqn);
void cx_cq_event_error(struct cx_core *core, u32 cqn, u8 syndrome);
void cx_qp_event(struct cx_core *core, u32 qpn, u8 type);
void cx_port_event(struct cx_core *core, u8 port, bool up);

#endif
