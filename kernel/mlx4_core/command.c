// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running commands: polled until event queues stand, by events from then on.
 * A command that does not end is the end of the adapter: its register stays
 * taken, and memory that it was given may be written at any time.
 */
#include <linux/dmapool.h>
#include <linux/slab.h>

#include "mlx4_core/command.h"

/* Which commands give back: they cannot fail (docs/hardware/commands.md). */
static bool command_closes(const struct cx_command_request *request)
{
	switch (request->opcode) {
	case CX_CMD_HW2SW_MPT:
	case CX_CMD_HW2SW_EQ:
	case CX_CMD_HW2SW_CQ:
	case CX_CMD_HW2SW_SRQ:
	case CX_CMD_TO_RST_QP:
	case CX_CMD_CLOSE_HCA:
	case CX_CMD_CLOSE_PORT:
	case CX_CMD_UNMAP_ICM:
	case CX_CMD_UNMAP_ICM_AUX:
	case CX_CMD_UNMAP_FA:
	case CX_CMD_FLOW_STEERING_DETACH:
		return true;
	case CX_CMD_MAP_EQ:
		return request->in_modifier & CX_MAP_EQ_UNMAP;
	default:
		return false;
	}
}

/*
 * Whether the adapter keeps memory that software takes back now, if this
 * command is refused. Then only a reset ends that.
 */
static bool refusal_is_fatal(const struct cx_command_request *request)
{
	switch (request->opcode) {
	case CX_CMD_CLOSE_PORT:
	case CX_CMD_FLOW_STEERING_DETACH:
	case CX_CMD_MAP_EQ:
		return false;
	case CX_CMD_HW2SW_MPT:
		return request->status != CX_STATUS_REG_BOUND;
	default:
		return command_closes(request);
	}
}

static int run_polled(struct cx_core *core, struct cx_command_request *request)
{
	struct cx_commands *commands = core->commands;
	unsigned long deadline;
	int error;

	mutex_lock(&commands->post);
	deadline = jiffies + msecs_to_jiffies(request->timeout_ms);
	error = cx_hcr_wait(core, deadline);
	if (!error) {
		cx_hcr_post(core, request, false, 0);
		error = cx_hcr_wait(core, deadline);
	}
	if (!error) {
		request->status = cx_hcr_status(core);
		request->out = cx_hcr_out(core);
	}
	mutex_unlock(&commands->post);
	return error;
}

static void report(struct cx_core *core,
		   const struct cx_command_request *request, const char *what)
{
	char reason[64];

	snprintf(reason, sizeof(reason), "%s (0x%x) %s",
		 cx_command_name(request->opcode), request->in_modifier, what);
	cx_adapter_report_error(&core->adapter, reason);
}

static int command_lost(struct cx_core *core,
			const struct cx_command_request *request, int error)
{
	/* Time-out of a NOP: interrupts do not arrive, nothing worse. */
	if (request->opcode == CX_CMD_NOP && error == -ETIMEDOUT)
		return -EBUSY;
	switch (error) {
	case -ETIMEDOUT:
		report(core, request, "timed out");
		break;
	case -ENODEV:
		report(core, request, "found no card");
		break;
	case -ESTALE:
		report(core, request, "was forgotten by the card");
		break;
	}
	return command_closes(request) ? 0 : -EIO;
}

/* 0, or -errno without an answer; else request->status is the answer. */
static int command_run(struct cx_core *core, struct cx_command_request *request)
{
	struct cx_commands *commands = core->commands;
	int error;

	request->status = CX_STATUS_OK;
	request->timeout_ms = request->opcode == CX_CMD_NOP ?
				      CX_NOP_TIMEOUT_MS :
				      CX_COMMAND_TIMEOUT_MS;
	if (cx_adapter_failed(&core->adapter))
		return command_closes(request) ? 0 : -EIO;
	down_read(&commands->mode);
	if (commands->events)
		error = cx_command_run_event(core, request);
	else
		error = run_polled(core, request);
	up_read(&commands->mode);
	if (error) {
		request->status = CX_STATUS_OK;
		return command_lost(core, request, error);
	}
	if (request->status && refusal_is_fatal(request)) {
		report(core, request, cx_status_name(request->status));
		request->status = CX_STATUS_OK;
	}
	return 0;
}

static int command_logged(struct cx_core *core,
			  struct cx_command_request *request)
{
	int error = command_run(core, request);

	if (error || !request->status)
		return error;
	dev_err_ratelimited(&core->adapter.pdev->dev,
			    "%s (0x%x, %u) is answered by %s (0x%02x)\n",
			    cx_command_name(request->opcode),
			    request->in_modifier, request->op_modifier,
			    cx_status_name(request->status), request->status);
	return cx_status_errno(request->status);
}

/**
 * cx_command - run a command with mailboxes and wait for its end
 * @core: the adapter
 * @opcode: CX_CMD_...
 * @op_modifier: 4 bits
 * @in_modifier: 32 bits
 * @in: input, or NULL where the opcode has none
 * @out: output, or NULL where there is none or it is not wanted
 *
 * Return: 0, or the status as -errno (logged); -EIO from an adapter that has
 * failed, unless the command gives back.
 */
int cx_command(struct cx_core *core, enum cx_command opcode, u8 op_modifier,
	       u32 in_modifier, const struct cx_mailbox *in,
	       struct cx_mailbox *out)
{
	struct cx_command_request request = {
		.opcode = opcode,
		.op_modifier = op_modifier,
		.in_modifier = in_modifier,
		.in = in ? in->dma : 0,
		.out = out ? out->dma : 0,
	};

	return command_logged(core, &request);
}

/**
 * cx_command_immediate - run a command whose parameters are values
 * @core: the adapter
 * @opcode: CX_CMD_...
 * @op_modifier: 4 bits
 * @in_modifier: 32 bits
 * @in: input
 * @out: output, or NULL
 *
 * Return: as cx_command().
 */
int cx_command_immediate(struct cx_core *core, enum cx_command opcode,
			 u8 op_modifier, u32 in_modifier, u64 in, u64 *out)
{
	struct cx_command_request request = {
		.opcode = opcode,
		.op_modifier = op_modifier,
		.in_modifier = in_modifier,
		.in = in,
	};
	int error = command_logged(core, &request);

	if (!error && out)
		*out = request.out;
	return error;
}

/**
 * cx_command_status - run a command that may well be refused
 * @core: the adapter
 * @opcode: CX_CMD_...
 * @op_modifier: 4 bits
 * @in_modifier: 32 bits
 * @in: input, or NULL
 * @out_immediate: output, or NULL
 * @status: the answer; CX_STATUS_OK also where there was none
 *
 * Return: as cx_command(), but nothing is logged.
 */
int cx_command_status(struct cx_core *core, enum cx_command opcode,
		      u8 op_modifier, u32 in_modifier,
		      const struct cx_mailbox *in, u64 *out_immediate,
		      u8 *status)
{
	struct cx_command_request request = {
		.opcode = opcode,
		.op_modifier = op_modifier,
		.in_modifier = in_modifier,
		.in = in ? in->dma : 0,
	};
	int error = command_run(core, &request);

	*status = request.status;
	if (!error && out_immediate)
		*out_immediate = request.out;
	return error ? error : cx_status_errno(request.status);
}

/**
 * cx_command_attempt - ask a card that may not be listening yet
 * @core: the adapter, polled
 * @opcode: a command without input
 * @out: output
 * @milliseconds: how long to wait
 * @status: the answer
 *
 * Return: 0 with @status; -ETIMEDOUT, -ENODEV, -ESTALE, -EIO without one.
 */
int cx_command_attempt(struct cx_core *core, enum cx_command opcode,
		       struct cx_mailbox *out, unsigned int milliseconds,
		       u8 *status)
{
	struct cx_command_request request = {
		.opcode = opcode,
		.out = out->dma,
		.timeout_ms = milliseconds,
	};
	int error = run_polled(core, &request);

	*status = request.status;
	return error;
}

/**
 * cx_mailbox_get - a page for a command's input or output
 * @core: the adapter
 *
 * Return: zeroed; ERR_PTR(-ENOMEM).
 */
struct cx_mailbox *cx_mailbox_get(struct cx_core *core)
{
	struct cx_mailbox *mailbox = kmalloc_obj(*mailbox);

	if (!mailbox)
		return ERR_PTR(-ENOMEM);
	mailbox->data = dma_pool_zalloc(core->commands->mailboxes, GFP_KERNEL,
					&mailbox->dma);
	if (!mailbox->data) {
		kfree(mailbox);
		return ERR_PTR(-ENOMEM);
	}
	return mailbox;
}

/** cx_mailbox_put - give back what cx_mailbox_get() gave */
void cx_mailbox_put(struct cx_core *core, struct cx_mailbox *mailbox)
{
	dma_pool_free(core->commands->mailboxes, mailbox->data, mailbox->dma);
	kfree(mailbox);
}

/** cx_commands_reset - the card was reset: its register is as at power-on */
void cx_commands_reset(struct cx_core *core)
{
	struct cx_commands *commands = core->commands;

	down_write(&commands->mode);
	commands->events = false;
	commands->toggle = 0;
	up_write(&commands->mode);
}

/**
 * cx_commands_init - prepare the command interface
 * @core: the adapter, with BAR 0 mapped
 *
 * Return: 0 or -ENOMEM.
 */
int cx_commands_init(struct cx_core *core)
{
	struct cx_commands *commands = kzalloc_obj(*commands);
	unsigned int i;

	if (!commands)
		return -ENOMEM;
	commands->mailboxes =
		dma_pool_create("mlx4_core mailboxes", &core->adapter.pdev->dev,
				CX_MAILBOX_SIZE, CX_MAILBOX_ALIGNMENT, 0);
	if (!commands->mailboxes) {
		kfree(commands);
		return -ENOMEM;
	}
	commands->hcr = core->bar0 + CX_REG_HCR;
	init_rwsem(&commands->mode);
	mutex_init(&commands->post);
	spin_lock_init(&commands->slots_lock);
	commands->slot_count = 1;
	for (i = 0; i < CX_COMMAND_SLOTS; i++)
		init_completion(&commands->slots[i].done);
	core->commands = commands;
	return 0;
}

/** cx_commands_exit - undo cx_commands_init(); no command runs any more */
void cx_commands_exit(struct cx_core *core)
{
	dma_pool_destroy(core->commands->mailboxes);
	mutex_destroy(&core->commands->post);
	kfree(core->commands);
	core->commands = NULL;
}
