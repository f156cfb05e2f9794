/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the control socket share: control.c holds the socket and
 * its clients, request.c checks a request against the tables of commands, and
 * the other files are those commands.
 */
#ifndef EMULATOR_CONTROL_INTERNAL_H
#define EMULATOR_CONTROL_INTERNAL_H

#include <json-c/json.h>

#include "emulator/control/control.h"
#include "emulator/loop/unix_listener.h"

/* What a client can subscribe to */
enum control_event {
	CONTROL_EVENT_LINK = 1 << 0,
	CONTROL_EVENT_RESET = 1 << 1,
	CONTROL_EVENT_COMMAND = 1 << 2,
	CONTROL_EVENTS_ALL = (1 << 3) - 1,
};

struct control_client {
	struct loop_fd watch; /* fd -1: this place is free */
	struct control *control;
	bool broken; /* to be closed when the loop comes round */
	bool finished; /* sends no more: closed once it has its answers */
	bool skipping; /* in a line that was too long */
	unsigned int events; /* mask of enum control_event */
	size_t input_used;
	char *input; /* CONTROL_LINE_MAX */
	size_t output_start, output_end, output_size;
	char *output;
};

/* A cable that is pulled and plugged in turn */
struct flap {
	struct loop_timer timer;
	struct adapter *adapter;
	unsigned int port;
	unsigned int left; /* changes still to come; the last plugs it in */
	u64 half_period_ns;
};

struct control {
	struct event_loop *loop;
	struct adapter *adapter;
	struct adapter_observer observer;
	struct unix_listener listener;
	struct loop_fd watch;
	struct loop_timer retry; /* accepting failed for want of something */
	struct loop_work work; /* lines that are left, clients to close */
	struct control_client clients[CONTROL_CLIENTS];
	struct flap flaps[ADAPTER_PORTS];
};

enum argument_type { ARGUMENT_NUMBER, ARGUMENT_BOOL, ARGUMENT_TEXT };

struct control_argument {
	const char *name;
	enum argument_type type;
	bool required;
	s64 least, most; /* of a number */
};

#define NEEDS_NUMBER(name, least, most)                        \
	{                                                      \
		(name), ARGUMENT_NUMBER, true, (least), (most) \
	}
#define TAKES_NUMBER(name, least, most)                         \
	{                                                       \
		(name), ARGUMENT_NUMBER, false, (least), (most) \
	}
#define NEEDS_BOOL(name)                          \
	{                                         \
		(name), ARGUMENT_BOOL, true, 0, 0 \
	}
#define TAKES_BOOL(name)                           \
	{                                          \
		(name), ARGUMENT_BOOL, false, 0, 0 \
	}
#define NEEDS_TEXT(name)                          \
	{                                         \
		(name), ARGUMENT_TEXT, true, 0, 0 \
	}
#define TAKES_TEXT(name)                           \
	{                                          \
		(name), ARGUMENT_TEXT, false, 0, 0 \
	}
#define NEEDS_PORT NEEDS_NUMBER("port", 1, ADAPTER_PORTS)

#define CONTROL_ARGUMENTS 8

struct request {
	struct control *control;
	struct adapter *adapter;
	struct control_client *client;
	json_object *in;
	json_object *out; /* the answer; holds "error" if it failed */
};

/* Its arguments are there and within their limits when @run is called. */
struct control_command {
	const char *name;
	const char *help;
	void (*run)(struct request *request);
	struct control_argument arguments[CONTROL_ARGUMENTS]; /* NULL ends */
};

/* Tables that end with a NULL name */
extern const struct control_command card_commands[];
extern const struct control_command port_control_commands[];
extern const struct control_command fault_control_commands[];
extern const struct control_command queue_control_commands[];
extern const struct control_command session_commands[];

extern const struct control_command *const control_tables[];
extern const size_t control_table_count;

/* request.c */

/**
 * request_answer - carry out one line
 * @line: not terminated; of any content
 *
 * Return: the answer as an object, which the caller puts, or NULL if memory
 * ran out.
 */
json_object *request_answer(struct control *control,
			    struct control_client *client, const char *line,
			    size_t length);
void request_fail(struct request *request, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool request_has(const struct request *request, const char *name);
s64 request_number(const struct request *request, const char *name,
		   s64 fallback);
bool request_flag(const struct request *request, const char *name,
		  bool fallback);
/* Return: the request's own string, or NULL if it is not there. */
const char *request_text(const struct request *request, const char *name);
/* The port that "port" names; its limits are in the command's table. */
struct port *request_port(const struct request *request);

/* Both take NULL objects and values as they come when memory has run out. */
void json_set(json_object *object, const char *name, json_object *value);
void json_set_number(json_object *object, const char *name, s64 value);
void json_set_counter(json_object *object, const char *name, u64 value);
void json_set_flag(json_object *object, const char *name, bool value);
void json_set_text(json_object *object, const char *name, const char *value);
void json_set_mac(json_object *object, const char *name, const u8 mac[6]);

/* control.c */

/* Sends a line to one client, or to all that subscribed to @event. */
void control_send(struct control_client *client, json_object *line);
void control_publish(struct control *control, enum control_event event,
		     json_object *line);
bool control_subscribed(const struct control *control,
			enum control_event event);

/* port_commands.c */
void flap_stop(struct control *control, unsigned int port);
void flaps_init(struct control *control);

/* events.c */
void control_observe(struct control *control);

#endif
