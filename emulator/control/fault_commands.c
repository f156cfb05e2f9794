// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that switch faults on and off.
 */
#include <stdlib.h>
#include <string.h>

#include "emulator/control/internal.h"

#define NS_PER_MS 1000000ULL
#define ANY_COMMAND "*"
#define OPCODE_MAX 0xfff
#define MS_MAX 3600000
#define MS_DEFAULT 1000
#define COUNT_MAX (UINT32_MAX - 1)

static const char *const effect_names[] = {
	[COMMAND_FAULT_STATUS] = "status",   [COMMAND_FAULT_SLOW] = "slow",
	[COMMAND_FAULT_NEVER] = "never",     [COMMAND_FAULT_STUCK] = "stuck",
	[COMMAND_FAULT_GARBAGE] = "garbage",
};

#define EFFECTS (sizeof(effect_names) / sizeof(effect_names[0]))

#define DATA_FAULT_NAME(name, text, help) [DATA_FAULT_##name] = text,
static const char *const data_fault_names[DATA_FAULTS] = { DATA_FAULT_LIST(
	DATA_FAULT_NAME) };

static const struct status_row {
	const char *name;
	u8 value;
} statuses[] = {
#define STATUS_ROW(name, value) { #name, value },
	CX_STATUSES(STATUS_ROW)
};

#define STATUSES (sizeof(statuses) / sizeof(statuses[0]))

/* Return: an opcode, FAULT_ANY_OPCODE for all, or -1. */
static int find_opcode(const char *name)
{
	char *end;
	unsigned long value;

	if (!strcmp(name, ANY_COMMAND))
		return FAULT_ANY_OPCODE;
	if (strncmp(name, "0x", 2))
		return command_opcode(name);
	value = strtoul(name, &end, 16);
	return *end || end == name + 2 || value > OPCODE_MAX ? -1 : (int)value;
}

static int find_status(const char *name)
{
	for (size_t i = 0; i < STATUSES; i++)
		if (!strcmp(statuses[i].name, name))
			return statuses[i].value;
	return -1;
}

/* Return: COMMAND_FAULT_NONE if there is no such effect. */
static enum command_fault_kind find_effect(const char *name)
{
	for (size_t i = 1; i < EFFECTS; i++)
		if (!strcmp(effect_names[i], name))
			return (enum command_fault_kind)i;
	return COMMAND_FAULT_NONE;
}

static struct command_fault *free_place(struct faults *faults)
{
	for (unsigned int i = 0; i < COMMAND_FAULTS; i++)
		if (!faults->command[i].kind || !faults->command[i].count)
			return &faults->command[i];
	return NULL;
}

static u32 strikes(const struct request *request)
{
	if (request_flag(request, "always", false))
		return UINT32_MAX;
	return (u32)request_number(request, "count", 1);
}

static bool allow_only(struct request *request, const char *kind,
		       const char *const *names)
{
	for (; *names; names++)
		if (request_has(request, *names)) {
			request_fail(request, "a %s fault has no \"%s\"", kind,
				     *names);
			return false;
		}
	return true;
}

/* Return: what is wrong with the effect and its arguments, or NULL. */
static const char *effect_problem(const struct request *request,
				  enum command_fault_kind kind, int status)
{
	if (!kind)
		return "effect is none of status, slow, never, stuck, garbage";
	if (kind == COMMAND_FAULT_STATUS && status < 0)
		return "status is not a name like BAD_PARAM";
	if (kind != COMMAND_FAULT_STATUS && request_has(request, "status"))
		return "only the effect status has a status";
	if (kind != COMMAND_FAULT_SLOW && request_has(request, "ms"))
		return "only the effect slow has ms";
	return NULL;
}

static bool read_effect(struct request *request, struct command_fault *fault)
{
	const char *effect = request_text(request, "effect");
	const char *name = request_text(request, "status");
	int status = name ? find_status(name) : -1;
	const char *problem;

	fault->kind = effect ? find_effect(effect) : COMMAND_FAULT_NONE;
	problem = effect_problem(request, fault->kind, status);
	if (problem) {
		request_fail(request, "%s", problem);
		return false;
	}
	fault->status = status < 0 ? CX_STATUS_OK : (u8)status;
	fault->delay_ns =
		(u64)request_number(request, "ms", MS_DEFAULT) * NS_PER_MS;
	return true;
}

static void command_fault(struct request *request, const char *name)
{
	struct command_fault *place = free_place(&request->adapter->faults);
	struct command_fault fault = { .count = strikes(request) };
	int opcode = find_opcode(name);

	if (opcode < 0) {
		request_fail(
			request,
			"no command \"%.64s\": a name like QUERY_PORT, 0x... or *",
			name);
		return;
	}
	if (!read_effect(request, &fault))
		return;
	if (!place) {
		request_fail(request, "no more than %u faults of commands",
			     COMMAND_FAULTS);
		return;
	}
	fault.opcode = (u16)opcode;
	fault.skip = (u32)request_number(request, "skip", 0);
	*place = fault;
}

static void data_fault(struct request *request, const char *name)
{
	static const char *const foreign[] = { "effect", "status", "ms", "skip",
					       NULL };

	if (!allow_only(request, "data", foreign))
		return;
	for (unsigned int i = 0; i < DATA_FAULTS; i++)
		if (!strcmp(data_fault_names[i], name)) {
			request->adapter->faults.data[i] = strikes(request);
			return;
		}
	request_fail(request, "no data fault \"%.64s\"; \"faults\" lists them",
		     name);
}

static void run_fault(struct request *request)
{
	const char *kind = request_text(request, "kind");
	const char *name = request_text(request, "name");

	if (!strcmp(kind, "command"))
		command_fault(request, name);
	else if (!strcmp(kind, "data"))
		data_fault(request, name);
	else
		request_fail(request, "kind is not \"command\" or \"data\"");
}

static void describe_count(json_object *object, u32 count)
{
	if (count == UINT32_MAX)
		json_set_text(object, "count", "always");
	else
		json_set_number(object, "count", count);
}

static json_object *describe_command(const struct command_fault *fault)
{
	json_object *object = json_object_new_object();

	json_set_text(object, "name",
		      fault->opcode == FAULT_ANY_OPCODE ?
			      ANY_COMMAND :
			      command_name(fault->opcode));
	json_set_text(object, "effect", effect_names[fault->kind]);
	if (fault->kind == COMMAND_FAULT_STATUS)
		json_set_text(object, "status", status_name(fault->status));
	if (fault->kind == COMMAND_FAULT_SLOW)
		json_set_counter(object, "ms", fault->delay_ns / NS_PER_MS);
	json_set_number(object, "skip", fault->skip);
	describe_count(object, fault->count);
	return object;
}

static void run_faults(struct request *request)
{
	const struct faults *faults = &request->adapter->faults;
	json_object *commands = json_object_new_array();
	json_object *data = json_object_new_array();
	json_object *known = json_object_new_array();

	for (unsigned int i = 0; i < COMMAND_FAULTS; i++)
		if (faults->command[i].kind && faults->command[i].count)
			json_object_array_add(
				commands,
				describe_command(&faults->command[i]));
	for (unsigned int i = 0; i < DATA_FAULTS; i++) {
		json_object *object;

		json_object_array_add(
			known, json_object_new_string(data_fault_names[i]));
		if (!faults->data[i])
			continue;
		object = json_object_new_object();
		json_set_text(object, "name", data_fault_names[i]);
		describe_count(object, faults->data[i]);
		json_object_array_add(data, object);
	}
	json_set(request->out, "command", commands);
	json_set(request->out, "data", data);
	json_set(request->out, "known", known);
}

/* Whatever a client of this socket has done to the card is undone. */
static void run_clear(struct request *request)
{
	struct adapter *adapter = request->adapter;

	memset(&adapter->faults, 0, sizeof(adapter->faults));
	for (unsigned int port = 1; port <= ADAPTER_PORTS; port++) {
		flap_stop(request->control, port);
		if (!adapter->ethernet.profile.twisted_pair)
			adapter_plug_module(adapter, port, true);
		adapter_plug_cable(adapter, port, true);
	}
	adapter_insert(adapter);
}

const struct control_command fault_control_commands[] = {
	{ "fault",
	  "switch a fault of a command, or of the data path, on",
	  run_fault,
	  { NEEDS_TEXT("kind"), NEEDS_TEXT("name"), TAKES_TEXT("effect"),
	    TAKES_TEXT("status"), TAKES_NUMBER("ms", 1, MS_MAX),
	    TAKES_NUMBER("skip", 0, UINT32_MAX),
	    TAKES_NUMBER("count", 1, COUNT_MAX), TAKES_BOOL("always") } },
	{ "faults",
	  "the faults that still strike, and all data faults",
	  run_faults,
	  { { 0 } } },
	{ "clear",
	  "faults off, flaps stopped, cables, modules, card back in",
	  run_clear,
	  { { 0 } } },
	{ 0 },
};
