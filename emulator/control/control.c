// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket and its clients: lines in, lines out, without ever waiting for
 * one of them.
 */
#include "emulator/control/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emulator/control/internal.h"

/* Requests of one client before the loop has its turn again */
#define LINES_A_SLICE 4
#define OUTPUT_STEP 4096
#define ACCEPT_RETRY_NS 1000000000ULL

static void wake(struct control *control)
{
	loop_work_queue(control->loop, &control->work);
}

static void give_up(struct control_client *client)
{
	client->broken = true;
	wake(client->control);
}

static void flush(struct control_client *client)
{
	while (client->output_start < client->output_end) {
		ssize_t count = send(client->watch.fd,
				     client->output + client->output_start,
				     client->output_end - client->output_start,
				     MSG_DONTWAIT | MSG_NOSIGNAL);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			if (errno != EAGAIN)
				give_up(client);
			return;
		}
		client->output_start += (size_t)count;
	}
	client->output_start = 0;
	client->output_end = 0;
}

/* Return: false if there is, or may be, no room for so much. */
static bool make_room(struct control_client *client, size_t length)
{
	size_t used = client->output_end - client->output_start;
	size_t size = client->output_size;
	char *output;

	if (used + length > CONTROL_OUTPUT_MAX)
		return false;
	if (client->output_start) {
		memmove(client->output, client->output + client->output_start,
			used);
		client->output_start = 0;
		client->output_end = used;
	}
	if (used + length <= size)
		return true;
	size = (used + length + OUTPUT_STEP - 1) / OUTPUT_STEP * OUTPUT_STEP;
	output = realloc(client->output, size);
	if (!output)
		return false;
	client->output = output;
	client->output_size = size;
	return true;
}

void control_send(struct control_client *client, json_object *line)
{
	size_t length = 0;
	const char *text;

	if (client->broken)
		return;
	text = json_object_to_json_string_length(
		line, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
		&length);
	if (!text || !make_room(client, length + 1)) {
		log_limited(
			"control: a client does not read its answers, closing it");
		give_up(client);
		return;
	}
	memcpy(client->output + client->output_end, text, length);
	client->output[client->output_end + length] = '\n';
	client->output_end += length + 1;
	/* sent when the loop comes round, many lines in one call */
	wake(client->control);
}

void control_publish(struct control *control, enum control_event event,
		     json_object *line)
{
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &control->clients[i];

		if (client->watch.fd >= 0 && client->events & event)
			control_send(client, line);
	}
}

bool control_subscribed(const struct control *control, enum control_event event)
{
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++)
		if (control->clients[i].watch.fd >= 0 &&
		    control->clients[i].events & event)
			return true;
	return false;
}

static void send_error(struct control_client *client, const char *text)
{
	json_object *line = json_object_new_object();

	json_set_text(line, "error", text);
	control_send(client, line);
	json_object_put(line);
}

static bool blank(const char *line, size_t length)
{
	while (length && memchr(" \t\r", line[length - 1], 3))
		length--;
	return !length;
}

static void run_line(struct control_client *client, size_t length)
{
	json_object *answer;

	if (client->skipping) {
		client->skipping = false;
		return;
	}
	if (blank(client->input, length))
		return;
	answer = request_answer(client->control, client, client->input, length);
	if (!answer) {
		give_up(client);
		return;
	}
	control_send(client, answer);
	json_object_put(answer);
}

/* Return: true if whole lines are left for the next slice. */
static bool run_lines(struct control_client *client)
{
	for (unsigned int lines = 0; !client->broken; lines++) {
		char *end = memchr(client->input, '\n', client->input_used);
		size_t length;

		if (!end && client->input_used == CONTROL_LINE_MAX) {
			if (!client->skipping)
				send_error(
					client,
					"the line is longer than 65536 bytes");
			client->skipping = true;
			client->input_used = 0;
		}
		if (!end)
			return false;
		if (lines == LINES_A_SLICE)
			return true;
		length = (size_t)(end - client->input);
		run_line(client, length);
		client->input_used -= length + 1;
		memmove(client->input, end + 1, client->input_used);
	}
	return false;
}

static void take_input(struct control_client *client)
{
	size_t room = CONTROL_LINE_MAX - client->input_used;
	ssize_t count;

	if (!room)
		return;
	count = recv(client->watch.fd, client->input + client->input_used, room,
		     MSG_DONTWAIT);
	if (count < 0 && errno != EAGAIN && errno != EINTR)
		give_up(client);
	else if (count == 0)
		client->finished = true;
	else if (count > 0)
		client->input_used += (size_t)count;
}

/* Return: true if there is more to do at once. */
static bool serve(struct control_client *client)
{
	bool more = run_lines(client);
	uint32_t events = 0;

	flush(client);
	if (client->finished && !more && !client->output_end)
		client->broken = true;
	if (client->broken)
		return true;
	if (!more && !client->finished)
		events |= EPOLLIN;
	if (client->output_end)
		events |= EPOLLOUT;
	if (loop_fd_set_events(&client->watch, events))
		client->broken = true;
	return more || client->broken;
}

static void client_ready(struct loop_fd *watch, uint32_t events)
{
	struct control_client *client =
		container_of(watch, struct control_client, watch);

	if (events & EPOLLIN)
		take_input(client);
	else if (events & (EPOLLHUP | EPOLLERR))
		give_up(client);
	wake(client->control);
}

static void client_close(struct control_client *client)
{
	loop_fd_remove(&client->watch);
	close(client->watch.fd);
	free(client->input);
	free(client->output);
	*client = (struct control_client){ .watch = { .fd = -1 } };
}

static bool control_run(struct loop_work *work)
{
	struct control *control = container_of(work, struct control, work);
	bool more = false;

	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &control->clients[i];

		if (client->watch.fd < 0)
			continue;
		if (client->broken)
			client_close(client);
		else if (serve(client))
			more = true;
	}
	return more;
}

/* Return: 0, or -errno: @fd is still the caller's then. */
static int client_open(struct control *control, struct control_client *client,
		       int fd)
{
	int error;

	*client = (struct control_client){
		.watch = { .fd = fd, .events = EPOLLIN, .ready = client_ready },
		.control = control,
		.input = malloc(CONTROL_LINE_MAX),
	};
	error = client->input ? loop_fd_add(control->loop, &client->watch) :
				-ENOMEM;
	if (error) {
		free(client->input);
		*client = (struct control_client){ .watch = { .fd = -1 } };
	}
	return error;
}

static void refuse(int fd)
{
	static const char text[] = "{\"error\":\"too many clients\"}\n";

	/* a new socket has room for it; a client that has gone needs it not */
	if (send(fd, text, sizeof(text) - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_limited("control: a client too many left at once");
	close(fd);
}

static void adopt(struct control *control, int fd)
{
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &control->clients[i];

		if (client->watch.fd >= 0)
			continue;
		if (client_open(control, client, fd))
			break;
		return;
	}
	refuse(fd);
}

static void retry_accept(struct loop_timer *timer)
{
	struct control *control = container_of(timer, struct control, retry);

	loop_fd_set_events(&control->watch, EPOLLIN);
}

static void listener_ready(struct loop_fd *watch, uint32_t events)
{
	struct control *control = container_of(watch, struct control, watch);
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0) {
		adopt(control, fd);
		return;
	}
	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return;
	log_limited("control: accept: %s", strerror(errno));
	loop_fd_set_events(watch, 0);
	loop_timer_start(control->loop, &control->retry, ACCEPT_RETRY_NS);
}

struct control *control_create(struct event_loop *loop, const char *path,
			       struct adapter *adapter)
{
	struct control *control = calloc(1, sizeof(*control));
	int error;

	if (!control)
		return NULL;
	control->loop = loop;
	control->adapter = adapter;
	control->work.run = control_run;
	control->retry.expired = retry_accept;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++)
		control->clients[i].watch.fd = -1;
	error = unix_listener_open(&control->listener, path);
	control->watch.fd = control->listener.fd;
	control->watch.events = EPOLLIN;
	control->watch.ready = listener_ready;
	if (!error)
		error = loop_fd_add(loop, &control->watch);
	if (error) {
		unix_listener_close(&control->listener);
		free(control);
		errno = -error;
		return NULL;
	}
	flaps_init(control);
	control_observe(control);
	return control;
}

void control_destroy(struct control *control)
{
	if (!control)
		return;
	control->adapter->observer = NULL;
	for (unsigned int i = 0; i < ADAPTER_PORTS; i++)
		flap_stop(control, i + 1);
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++)
		if (control->clients[i].watch.fd >= 0)
			client_close(&control->clients[i]);
	loop_work_cancel(&control->work);
	loop_timer_stop(&control->retry);
	loop_fd_remove(&control->watch);
	unix_listener_close(&control->listener);
	free(control);
}
