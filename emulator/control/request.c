// SPDX-License-Identifier: GPL-2.0-only
/*
 * One request: from a line to a command whose arguments are as its table says.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "emulator/control/internal.h"

/* No request needs more than an object with plain members. */
#define NESTING_MAX 4
#define MESSAGE_MAX 256

const struct control_command *const control_tables[] = {
	session_commands,	card_commands,		port_control_commands,
	fault_control_commands, queue_control_commands,
};
const size_t control_table_count =
	sizeof(control_tables) / sizeof(control_tables[0]);

void request_fail(struct request *request, const char *format, ...)
{
	char text[MESSAGE_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	json_set_text(request->out, "error", text);
}

static json_object *argument(const struct request *request, const char *name)
{
	json_object *value = NULL;

	json_object_object_get_ex(request->in, name, &value);
	return value;
}

bool request_has(const struct request *request, const char *name)
{
	return argument(request, name);
}

s64 request_number(const struct request *request, const char *name,
		   s64 fallback)
{
	json_object *value = argument(request, name);

	return value ? json_object_get_int64(value) : fallback;
}

bool request_flag(const struct request *request, const char *name,
		  bool fallback)
{
	json_object *value = argument(request, name);

	return value ? json_object_get_boolean(value) : fallback;
}

const char *request_text(const struct request *request, const char *name)
{
	json_object *value = argument(request, name);

	return value ? json_object_get_string(value) : NULL;
}

struct port *request_port(const struct request *request)
{
	return &request->adapter->ports[request_number(request, "port", 1) - 1];
}

static const struct control_command *find_command(const char *name)
{
	for (size_t i = 0; i < control_table_count; i++)
		for (const struct control_command *command = control_tables[i];
		     command->name; command++)
			if (!strcmp(command->name, name))
				return command;
	return NULL;
}

static const struct control_argument *
find_argument(const struct control_command *command, const char *name)
{
	for (unsigned int i = 0;
	     i < CONTROL_ARGUMENTS && command->arguments[i].name; i++)
		if (!strcmp(command->arguments[i].name, name))
			return &command->arguments[i];
	return NULL;
}

/* A string that holds a NUL is not the string that its reader would see. */
static bool is_text(json_object *value)
{
	return json_object_is_type(value, json_type_string) &&
	       strlen(json_object_get_string(value)) ==
		       (size_t)json_object_get_string_len(value);
}

static bool check_value(struct request *request,
			const struct control_argument *argument,
			json_object *value)
{
	s64 number;

	switch (argument->type) {
	case ARGUMENT_BOOL:
		if (json_object_is_type(value, json_type_boolean))
			return true;
		request_fail(request, "%s is not true or false",
			     argument->name);
		return false;
	case ARGUMENT_TEXT:
		if (is_text(value))
			return true;
		request_fail(request, "%s is not a string", argument->name);
		return false;
	case ARGUMENT_NUMBER:
		break;
	}
	number = json_object_get_int64(value);
	if (json_object_is_type(value, json_type_int) &&
	    number >= argument->least && number <= argument->most)
		return true;
	request_fail(request, "%s is not a number from %lld to %lld",
		     argument->name, (long long)argument->least,
		     (long long)argument->most);
	return false;
}

static bool check_arguments(struct request *request,
			    const struct control_command *command)
{
	json_object_object_foreach(request->in, name, value)
	{
		const struct control_argument *argument;

		if (!strcmp(name, "command") || !strcmp(name, "id"))
			continue;
		argument = find_argument(command, name);
		if (!argument) {
			request_fail(request, "%s has no argument \"%.64s\"",
				     command->name, name);
			return false;
		}
		if (!check_value(request, argument, value))
			return false;
	}
	for (unsigned int i = 0;
	     i < CONTROL_ARGUMENTS && command->arguments[i].name; i++) {
		const struct control_argument *argument =
			&command->arguments[i];

		if (argument->required &&
		    !request_has(request, argument->name)) {
			request_fail(request, "%s needs the argument \"%s\"",
				     command->name, argument->name);
			return false;
		}
	}
	return true;
}

static void run(struct request *request)
{
	const struct control_command *command;
	json_object *name;

	if (!json_object_is_type(request->in, json_type_object)) {
		request_fail(request, "the line is not a JSON object");
		return;
	}
	name = argument(request, "command");
	if (!name || !is_text(name)) {
		request_fail(request, "the request has no \"command\"");
		return;
	}
	command = find_command(json_object_get_string(name));
	if (!command) {
		request_fail(request,
			     "no command \"%.64s\"; \"help\" lists them",
			     json_object_get_string(name));
		return;
	}
	if (check_arguments(request, command))
		command->run(request);
}

static json_object *parse(const char *line, size_t length,
			  struct request *request)
{
	json_tokener *tokener = json_tokener_new_ex(NESTING_MAX);
	json_object *object;
	size_t end;

	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
						JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, line, (int)length);
	end = json_tokener_get_parse_end(tokener);
	while (end < length && memchr(" \t\r", line[end], 3))
		end++;
	if (!object || end != length) {
		enum json_tokener_error error = json_tokener_get_error(tokener);

		request_fail(request, "not JSON: %s",
			     error != json_tokener_success ?
				     json_tokener_error_desc(error) :
				     "something else than one object");
		json_object_put(object);
		object = NULL;
	}
	json_tokener_free(tokener);
	return object;
}

json_object *request_answer(struct control *control,
			    struct control_client *client, const char *line,
			    size_t length)
{
	struct request request = {
		.control = control,
		.adapter = control->adapter,
		.client = client,
		.out = json_object_new_object(),
	};
	json_object *id, *failure;

	if (!request.out)
		return NULL;
	json_set_flag(request.out, "ok", true);
	request.in = parse(line, length, &request);
	if (request.in) {
		run(&request);
		id = json_object_is_type(request.in, json_type_object) ?
			     argument(&request, "id") :
			     NULL;
		if (id)
			json_set(request.out, "id", json_object_get(id));
	}
	if (json_object_object_get_ex(request.out, "error", &failure))
		json_object_object_del(request.out, "ok");
	json_object_put(request.in);
	return request.out;
}
