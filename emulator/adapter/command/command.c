// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command interface: takes what the host command register holds, runs its
 * handler, answers by register or by event (docs/hardware/commands.md).
 */
#include <stdlib.h>

#include "emulator/adapter/adapter.h"
#include "emulator/adapter/ethernet_commands.h"
#include "emulator/adapter/command/trace.h"

enum parameter_kind { NONE, IMM, MBOX };

struct command_definition {
	const char *name;
	u16 opcode;
	enum parameter_kind in, out;
	u32 out_length;
};

#define DEFINITION(name, opcode, in, out, length) \
	{ #name, (opcode), in, out, (length) },
static const struct command_definition definitions[] = { CX_COMMANDS(
	DEFINITION) };

static const struct command_binding *const bindings[] = {
	icm_commands,	     hca_commands,	    mpt_commands,
	eq_commands,	     cq_commands,	    qp_commands,
	query_commands,	     port_commands,	    port_table_commands,
	statistics_commands, steering_mcg_commands, steering_rule_commands,
	management_commands,
};

#define OPCODES 0x1000

static const struct command_definition *definition_of(u16 opcode)
{
	static const struct command_definition *table[OPCODES];
	static bool filled;

	if (!filled) {
		for (size_t i = 0;
		     i < sizeof(definitions) / sizeof(definitions[0]); i++)
			table[definitions[i].opcode] = &definitions[i];
		filled = true;
	}
	return table[opcode % OPCODES];
}

static command_handler handler_of(u16 opcode)
{
	static command_handler table[OPCODES];
	static bool filled;

	if (!filled) {
		for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]);
		     i++)
			for (const struct command_binding *b = bindings[i];
			     b->handler; b++)
				table[b->opcode] = b->handler;
		filled = true;
	}
	return table[opcode % OPCODES];
}

const char *command_name(u16 opcode)
{
	const struct command_definition *definition = definition_of(opcode);

	return definition ? definition->name : "unknown";
}

bool command_implemented(u16 opcode)
{
	return definition_of(opcode) && handler_of(opcode);
}

int command_opcode(const char *name)
{
	for (size_t i = 0; i < sizeof(definitions) / sizeof(definitions[0]);
	     i++)
		if (!strcmp(definitions[i].name, name))
			return definitions[i].opcode;
	return -1;
}

const char *status_name(u8 status)
{
	switch (status) {
#define STATUS_NAME(name, value) \
	case value:              \
		return #name;
		CX_STATUSES(STATUS_NAME)
	}
	return "unknown";
}

/* Some commands take a mailbox or not, as their modifier says. */
static bool input_is_mailbox(const struct command_definition *definition,
			     u8 op_mod)
{
	if (definition->in != MBOX)
		return false;
	switch (definition->opcode) {
	case CX_CMD_MOD_STAT_CFG:
	case CX_CMD_CONFIG_DEV:
	case CX_CMD_ALLOCATE_VPP:
	case CX_CMD_SET_VPORT_QOS:
	case CX_CMD_MAD_DEMUX:
		return op_mod == 0;
	case CX_CMD_CONGESTION_CTRL:
		return op_mod >= 4;
	}
	return true;
}

static u8 fetch_input(struct adapter *adapter, struct command *command)
{
	if (command->in_param % CX_MAILBOX_ALIGNMENT)
		return CX_STATUS_BAD_PARAM;
	if (guest_memory_read(adapter->memory, command->in_param, command->in,
			      CX_MAILBOX_SIZE))
		return CX_STATUS_INTERNAL_ERR;
	return CX_STATUS_OK;
}

static u8 store_output(struct adapter *adapter, struct command *command)
{
	if (!command->out_param || !command->out_length)
		return CX_STATUS_OK;
	if (command->out_param % CX_MAILBOX_ALIGNMENT)
		return CX_STATUS_BAD_PARAM;
	if (guest_memory_write(adapter->memory, command->out_param,
			       command->out, command->out_length))
		return CX_STATUS_INTERNAL_ERR;
	return CX_STATUS_OK;
}

static void unknown_command(struct adapter *adapter,
			    const struct command *command)
{
	bool *logged = &adapter->unknown_opcode_logged[command->opcode];

	if (!*logged)
		log_line(
			"command 0x%03x (op_mod %u, in_mod 0x%x) is not implemented",
			command->opcode, command->op_mod, command->in_mod);
	*logged = true;
}

static void make_garbage(struct command *command)
{
	for (u32 i = 0; i < command->out_length; i++)
		command->out[i] = random();
	command->out_imm = (u64)random() << 32 ^ random();
}

static u8 execute(struct adapter *adapter, struct command *command,
		  const struct command_fault *fault)
{
	const struct command_definition *definition =
		definition_of(command->opcode);
	command_handler handler = handler_of(command->opcode);
	u8 status = CX_STATUS_OK;

	if (fault && fault->kind == COMMAND_FAULT_STATUS)
		return fault->status;
	if (!definition || !handler) {
		unknown_command(adapter, command);
		return CX_STATUS_BAD_OP;
	}
	memset(command->in, 0, sizeof(command->in));
	memset(command->out, 0, sizeof(command->out));
	command->out_imm = 0;
	command->out_length = definition->out == MBOX ? definition->out_length :
							0;
	if (input_is_mailbox(definition, command->op_mod))
		status = fetch_input(adapter, command);
	if (!status)
		status = handler(adapter, command);
	if (fault && fault->kind == COMMAND_FAULT_GARBAGE)
		make_garbage(command);
	if (!status)
		status = store_output(adapter, command);
	return status;
}

static void answer(struct adapter *adapter, const u8 *posted, u8 status,
		   const struct command *command)
{
	const struct command_definition *definition =
		definition_of(command->opcode);

	if (cx_get(posted, CX_HCR_EVENT)) {
		adapter_command_event(adapter, cx_get(posted, CX_HCR_TOKEN),
				      status, command->out_imm);
		return;
	}
	if (definition && (definition->out == IMM || command->out_imm))
		cx_set(adapter->hcr, CX_HCR_OUT_PARAM, command->out_imm);
	cx_set(adapter->hcr, CX_HCR_STATUS, status);
	cx_set(adapter->hcr, CX_HCR_GO, 0);
}

static void run_posted(struct adapter *adapter, const u8 *posted,
		       const struct command_fault *fault)
{
	struct adapter_observer *observer = adapter->observer;
	struct command *command = &adapter->command;
	u8 status;

	command->opcode = cx_get(posted, CX_HCR_OPCODE);
	command->op_mod = cx_get(posted, CX_HCR_OP_MODIFIER);
	command->in_mod = cx_get(posted, CX_HCR_IN_MODIFIER);
	command->in_param = cx_get(posted, CX_HCR_IN_PARAM);
	command->out_param = cx_get(posted, CX_HCR_OUT_PARAM);
	command->out_imm = 0;
	status = execute(adapter, command, fault);
	adapter->commands_done++;
	if (adapter->trace)
		trace_command(adapter->trace, command, status);
	if (observer && observer->command)
		observer->command(observer, command, status);
	answer(adapter, posted, status, command);
}

static void deferred_expired(struct loop_timer *timer)
{
	struct deferred_command *deferred =
		container_of(timer, struct deferred_command, timer);

	/* the slot can be taken again while this one waits for a message */
	struct deferred_command copy = *deferred;

	deferred->in_use = false;
	run_posted(copy.adapter, copy.hcr, copy.faulty ? &copy.fault : NULL);
}

static void defer(struct adapter *adapter, const u8 *posted, u64 delay_ns,
		  const struct command_fault *fault)
{
	for (unsigned int i = 0; i < ADAPTER_DEFERRED_COMMANDS; i++) {
		struct deferred_command *deferred = &adapter->deferred[i];

		if (deferred->in_use)
			continue;
		deferred->in_use = true;
		deferred->adapter = adapter;
		deferred->faulty = fault;
		if (fault)
			deferred->fault = *fault;
		deferred->timer.expired = deferred_expired;
		memcpy(deferred->hcr, posted, sizeof(deferred->hcr));
		loop_timer_start(adapter->loop, &deferred->timer, delay_ns);
		return;
	}
	if (guest_memory_direct(adapter->memory))
		run_posted(adapter, posted, fault);
	else
		log_limited("more than %u commands at once, one is lost",
			    ADAPTER_DEFERRED_COMMANDS);
}

/*
 * The trigger dword was written with go set. In event mode go is cleared as
 * soon as the parameters are taken; the toggle bit stays as posted.
 */
void command_post(struct adapter *adapter)
{
	const struct command_fault *fault;
	u8 posted[sizeof(adapter->hcr)];

	if (adapter->dead)
		return;
	fault = faults_command(&adapter->faults,
			       cx_get(adapter->hcr, CX_HCR_OPCODE));
	if (fault && fault->kind == COMMAND_FAULT_STUCK)
		return;
	memcpy(posted, adapter->hcr, sizeof(posted));
	if (cx_get(posted, CX_HCR_EVENT)) {
		cx_set(adapter->hcr, CX_HCR_STATUS, 0);
		cx_set(adapter->hcr, CX_HCR_GO, 0);
	}
	if (fault && fault->kind == COMMAND_FAULT_NEVER)
		return;
	if (fault && fault->kind == COMMAND_FAULT_SLOW)
		defer(adapter, posted, fault->delay_ns, NULL);
	else if (!guest_memory_direct(adapter->memory) ||
		 !guest_memory_settled(adapter->memory))
		/* its mailboxes may be copied by messages, but not from here */
		defer(adapter, posted, 0, fault);
	else
		run_posted(adapter, posted, fault);
}

void command_reset(struct adapter *adapter)
{
	for (unsigned int i = 0; i < ADAPTER_DEFERRED_COMMANDS; i++) {
		struct deferred_command *deferred = &adapter->deferred[i];

		if (deferred->in_use)
			loop_timer_stop(&deferred->timer);
		deferred->in_use = false;
	}
	memset(adapter->hcr, 0, sizeof(adapter->hcr));
}
