/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the command interface share: the register
 * (command_register.c), commands that complete by events (command_event.c),
 * and what the rest calls (command.c).
 */
#ifndef MLX4_CORE_COMMAND_H
#define MLX4_CORE_COMMAND_H

#include <linux/completion.h>
#include <linux/dmapool.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>

#include "mlx4_core/core.h"

/*
 * No command of a healthy card comes near it: iPXE gives each 10 s
 * (docs/hardware/commands.md). Who waits for a card that will never answer
 * is let go before that.
 */
#define CX_COMMAND_TIMEOUT_MS 7000
/* Its event proves that interrupts arrive; without it there is another way. */
#define CX_NOP_TIMEOUT_MS 3000

#define CX_COMMAND_SLOTS 32

struct cx_command_slot {
	struct completion done;
	bool busy;
	u16 token;
	u8 status;
	int error;
	u64 out;
};

struct cx_commands {
	void __iomem *hcr;
	struct dma_pool *mailboxes;
	struct rw_semaphore mode; /* read: a command runs; write: change */
	bool events;
	struct mutex post; /* the register */
	u8 toggle; /* of the command posted last */
	struct semaphore free_slots;
	spinlock_t slots_lock; /* slots; taken by interrupts */
	unsigned int slot_count; /* a power of two */
	struct cx_command_slot slots[CX_COMMAND_SLOTS];
};

struct cx_command_request {
	enum cx_command opcode;
	u8 op_modifier;
	u32 in_modifier;
	u64 in, out; /* addresses or immediates; @out also the answer */
	u8 status;
	unsigned int timeout_ms;
};

/*
 * Called with commands->post held. cx_hcr_wait(): 0 when the register has
 * taken or ended the last command; -ETIMEDOUT; -ENODEV: no card answers;
 * -ESTALE: it forgot the command (a reset); -EIO: the adapter has failed.
 */
int cx_hcr_wait(struct cx_core *core, unsigned long deadline);
void cx_hcr_post(struct cx_core *core, const struct cx_command_request *request,
		 bool event, u16 token);
u8 cx_hcr_status(struct cx_core *core);
u64 cx_hcr_out(struct cx_core *core);

int cx_command_run_event(struct cx_core *core,
			 struct cx_command_request *request);

#endif
