// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that complete by an event. Several run at a time, each in a slot;
 * the token that goes with a command, and comes back with its event, names
 * the slot and how often it was used: what comes late finds nobody
 * (docs/hardware/commands.md, 2.3.3).
 */
#include "mlx4_core/command.h"

static struct cx_command_slot *slot_take(struct cx_core *core)
{
	struct cx_commands *commands = core->commands;
	struct cx_command_slot *slot = commands->slots;

	down(&commands->free_slots);
	spin_lock_irq(&commands->slots_lock);
	while (slot->busy)
		slot++;
	slot->busy = true;
	slot->token += commands->slot_count;
	slot->error = 0;
	reinit_completion(&slot->done);
	spin_unlock_irq(&commands->slots_lock);
	return slot;
}

static void slot_give(struct cx_core *core, struct cx_command_slot *slot)
{
	struct cx_commands *commands = core->commands;

	spin_lock_irq(&commands->slots_lock);
	slot->busy = false;
	spin_unlock_irq(&commands->slots_lock);
	up(&commands->free_slots);
}

static int slot_post(struct cx_core *core, struct cx_command_slot *slot,
		     const struct cx_command_request *request,
		     unsigned long deadline)
{
	struct cx_commands *commands = core->commands;
	int error;

	mutex_lock(&commands->post);
	error = cx_hcr_wait(core, deadline);
	if (!error)
		cx_hcr_post(core, request, true, slot->token);
	mutex_unlock(&commands->post);
	return error;
}

static long time_left(unsigned long deadline)
{
	long left = deadline - jiffies;

	return max(left, 1L);
}

/* False if no event came; one may be there whose interrupt got lost. */
static bool slot_wait(struct cx_core *core, struct cx_command_slot *slot,
		      unsigned long deadline)
{
	if (wait_for_completion_timeout(&slot->done, time_left(deadline)))
		return true;
	cx_events_take(core);
	return try_wait_for_completion(&slot->done);
}

/* Runs @request to its end: 0, or what cx_hcr_wait() says. */
int cx_command_run_event(struct cx_core *core,
			 struct cx_command_request *request)
{
	unsigned long deadline =
		jiffies + msecs_to_jiffies(request->timeout_ms);
	struct cx_command_slot *slot = slot_take(core);
	int error;

	/* Who fails the adapter ends the slots in use after saying so. */
	error = cx_adapter_failed(&core->adapter) ? -EIO : 0;
	if (!error)
		error = slot_post(core, slot, request, deadline);
	if (!error && !slot_wait(core, slot, deadline))
		error = -ETIMEDOUT;
	if (!error)
		error = slot->error;
	request->status = slot->status;
	request->out = slot->out;
	slot_give(core, slot);
	return error;
}

/**
 * cx_command_event - a command has completed
 * @core: the adapter
 * @token: what went with it
 * @status: CX_STATUS_...
 * @out_param: its immediate output
 *
 * Context: interrupt.
 */
void cx_command_event(struct cx_core *core, u16 token, u8 status, u64 out_param)
{
	struct cx_commands *commands = core->commands;
	struct cx_command_slot *slot;
	unsigned long flags;

	spin_lock_irqsave(&commands->slots_lock, flags);
	slot = &commands->slots[token & (commands->slot_count - 1)];
	if (slot->busy && slot->token == token &&
	    !completion_done(&slot->done)) {
		slot->status = status;
		slot->out = out_param;
		complete(&slot->done);
	}
	spin_unlock_irqrestore(&commands->slots_lock, flags);
}

/** cx_commands_cancel - end every command that waits with -EIO; any context */
void cx_commands_cancel(struct cx_core *core)
{
	struct cx_commands *commands = core->commands;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&commands->slots_lock, flags);
	for (i = 0; i < commands->slot_count; i++) {
		struct cx_command_slot *slot = &commands->slots[i];

		if (slot->busy && !completion_done(&slot->done)) {
			slot->error = -EIO;
			complete(&slot->done);
		}
	}
	spin_unlock_irqrestore(&commands->slots_lock, flags);
}

/**
 * cx_commands_use_events - let commands complete by events
 * @core: the adapter, whose queue for command events is armed
 *
 * Return: 0.
 */
int cx_commands_use_events(struct cx_core *core)
{
	struct cx_commands *commands = core->commands;
	unsigned int i;

	down_write(&commands->mode);
	if (!commands->events) {
		commands->slot_count =
			1u << min_t(u8, core->limits->log_outstanding,
				    ilog2(CX_COMMAND_SLOTS));
		for (i = 0; i < commands->slot_count; i++)
			commands->slots[i].token = i;
		sema_init(&commands->free_slots, commands->slot_count);
		commands->events = true;
	}
	up_write(&commands->mode);
	return 0;
}

/** cx_commands_use_polling - ask the register again, once all have ended */
void cx_commands_use_polling(struct cx_core *core)
{
	down_write(&core->commands->mode);
	core->commands->events = false;
	up_write(&core->commands->mode);
}
