// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of the control socket on an adapter whose ports are cabled to each
 * other: each must be answered, and the card must be as before after "clear".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/control/internal.h"

#define LINES_MAX 64
#define TURNS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct rig {
	struct event_loop *loop;
	struct adapter *adapter;
	struct control control;
	struct control_client client;
};

static void require(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz-control: %s\n", what);
	abort();
}

static void rig_init(struct rig *rig)
{
	struct adapter_config config = { .device_id = 4099,
					 .mac = { { 0, 2, 0xc9, 0, 0, 1 },
						  { 0, 2, 0xc9, 0, 0, 2 } },
					 .bar2_size = CX_BAR2_SIZE,
					 .msix_vectors = CX_MSIX_VECTORS };
	struct net_backend *backends[ADAPTER_PORTS];

	rig->loop = event_loop_create(0);
	require(rig->loop && !net_cable_create(rig->loop, backends),
		"cannot make the loop");
	rig->adapter = adapter_create(rig->loop, &config, backends);
	require(rig->adapter, "cannot make the adapter");
	rig->control.loop = rig->loop;
	rig->control.adapter = rig->adapter;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++)
		rig->control.clients[i].watch.fd = -1;
	rig->client.control = &rig->control;
	rig->client.watch.fd = -1;
	flaps_init(&rig->control);
	control_observe(&rig->control);
}

/* Return: whether the answer was an error. */
static bool ask(struct rig *rig, const char *line, size_t length)
{
	json_object *answer =
		request_answer(&rig->control, &rig->client, line, length);
	json_object *member;
	size_t size = 0;
	bool error;

	require(answer, "no answer");
	error = json_object_object_get_ex(answer, "error", &member);
	require(error != json_object_object_get_ex(answer, "ok", &member),
		"an answer is either ok or an error");
	json_object_to_json_string_length(answer, JSON_C_TO_STRING_PLAIN,
					  &size);
	/* the line itself may come back as "id", escaped */
	require(size < CONTROL_OUTPUT_MAX, "an answer too long to be sent");
	json_object_put(answer);
	return error;
}

static bool say(struct rig *rig, const char *line)
{
	return ask(rig, line, strlen(line));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rig *rig;
	const char *at = (const char *)data, *end = at + size;

	if (!rig) {
		rig = calloc(1, sizeof(*rig));
		require(rig, "out of memory");
		rig_init(rig);
	}
	for (unsigned int lines = 0; at < end && lines < LINES_MAX; lines++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		/* as from the socket: nothing readable behind the line */
		size_t length = (size_t)((stop ?: end) - at);
		char *line = malloc(length ?: 1);

		require(line, "out of memory");
		memcpy(line, at, length);
		if (length < CONTROL_LINE_MAX)
			ask(rig, line, length);
		free(line);
		at += length + 1;
	}
	for (unsigned int i = 0; i < TURNS; i++)
		event_loop_turn(rig->loop, 0);
	/* removed first: an insertion may still wait for its time */
	require(!say(rig, "{\"command\":\"ready_ms\",\"ms\":0}") &&
			!say(rig, "{\"command\":\"remove\"}") &&
			!say(rig, "{\"command\":\"clear\"}"),
		"the card cannot be cleared");
	require(pci_function_present(rig->adapter->pci), "the card is lost");
	return 0;
}
