// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a client can be told without asking again, and the commands about the
 * session itself: "events" and "help".
 */
#include <string.h>

#include "emulator/control/internal.h"

/* @argument subscribes; "command" names the request itself. */
static const struct {
	const char *name, *argument;
	enum control_event event;
} event_names[] = {
	{ "link", "link", CONTROL_EVENT_LINK },
	{ "reset", "reset", CONTROL_EVENT_RESET },
	{ "command", "commands", CONTROL_EVENT_COMMAND },
};

#define EVENT_NAMES (sizeof(event_names) / sizeof(event_names[0]))

static struct control *of_observer(struct adapter_observer *observer)
{
	return container_of(observer, struct control, observer);
}

/* Return: a line to fill in, or NULL if nobody wants it. */
static json_object *event_start(struct control *control,
				enum control_event event)
{
	json_object *line;

	if (!control_subscribed(control, event))
		return NULL;
	line = json_object_new_object();
	for (size_t i = 0; i < EVENT_NAMES; i++)
		if (event_names[i].event == event)
			json_set_text(line, "event", event_names[i].name);
	return line;
}

static void event_finish(struct control *control, enum control_event event,
			 json_object *line)
{
	control_publish(control, event, line);
	json_object_put(line);
}

static void link_changed(struct adapter_observer *self, unsigned int port,
			 bool up)
{
	struct control *control = of_observer(self);
	json_object *line = event_start(control, CONTROL_EVENT_LINK);

	if (!line)
		return;
	json_set_number(line, "port", port);
	json_set_flag(line, "up", up);
	if (up)
		json_set_number(line, "speed",
				control->adapter->ports[port - 1].speed);
	event_finish(control, CONTROL_EVENT_LINK, line);
}

static void was_reset(struct adapter_observer *self,
		      enum adapter_reset_kind kind)
{
	static const char *const names[] = {
		[ADAPTER_RESET_CHIP] = "chip",
		[ADAPTER_RESET_BUS] = "bus",
		[ADAPTER_RESET_FLR] = "flr",
		[ADAPTER_RESET_DISCONNECT] = "disconnect",
	};
	struct control *control = of_observer(self);
	json_object *line = event_start(control, CONTROL_EVENT_RESET);

	if (!line)
		return;
	json_set_text(line, "kind", names[kind]);
	event_finish(control, CONTROL_EVENT_RESET, line);
}

static void command_done(struct adapter_observer *self,
			 const struct command *command, u8 status)
{
	struct control *control = of_observer(self);
	json_object *line = event_start(control, CONTROL_EVENT_COMMAND);

	if (!line)
		return;
	json_set_text(line, "name", command_name(command->opcode));
	json_set_number(line, "opcode", command->opcode);
	json_set_number(line, "op_mod", command->op_mod);
	json_set_number(line, "in_mod", command->in_mod);
	json_set_text(line, "status", status_name(status));
	event_finish(control, CONTROL_EVENT_COMMAND, line);
}

void control_observe(struct control *control)
{
	control->observer = (struct adapter_observer){
		.link = link_changed,
		.reset = was_reset,
		.command = command_done,
	};
	control->adapter->observer = &control->observer;
}

static void run_events(struct request *request)
{
	unsigned int chosen = 0;

	for (size_t i = 0; i < EVENT_NAMES; i++)
		if (request_flag(request, event_names[i].argument, false))
			chosen |= event_names[i].event;
	if (request_flag(request, "all", false))
		chosen = CONTROL_EVENTS_ALL;
	request->client->events = chosen;
}

static json_object *describe_argument(const struct control_argument *argument)
{
	static const char *const types[] = {
		[ARGUMENT_NUMBER] = "number",
		[ARGUMENT_BOOL] = "bool",
		[ARGUMENT_TEXT] = "string",
	};
	json_object *object = json_object_new_object();

	json_set_text(object, "name", argument->name);
	json_set_text(object, "type", types[argument->type]);
	json_set_flag(object, "required", argument->required);
	if (argument->type == ARGUMENT_NUMBER) {
		json_set_number(object, "least", argument->least);
		json_set_number(object, "most", argument->most);
	}
	return object;
}

static json_object *describe_command(const struct control_command *command)
{
	json_object *object = json_object_new_object();
	json_object *arguments = json_object_new_array();

	json_set_text(object, "name", command->name);
	json_set_text(object, "help", command->help);
	for (unsigned int i = 0;
	     i < CONTROL_ARGUMENTS && command->arguments[i].name; i++)
		json_object_array_add(
			arguments, describe_argument(&command->arguments[i]));
	json_set(object, "arguments", arguments);
	return object;
}

static void run_help(struct request *request)
{
	json_object *commands = json_object_new_array();

	for (size_t i = 0; i < control_table_count; i++)
		for (const struct control_command *command = control_tables[i];
		     command->name; command++)
			json_object_array_add(commands,
					      describe_command(command));
	json_set(request->out, "commands", commands);
}

const struct control_command session_commands[] = {
	{ "help", "this list", run_help, { { 0 } } },
	{ "events",
	  "send a line for each of these from now on; without any: stop",
	  run_events,
	  { TAKES_BOOL("link"), TAKES_BOOL("reset"), TAKES_BOOL("commands"),
	    TAKES_BOOL("all") } },
	{ 0 },
};
