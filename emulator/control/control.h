/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control socket of an adapter: a unix stream socket on which clients send
 * one JSON object a line and get one a line: {"command": "link", "port": 1,
 * "up": false} is answered with {"ok": true} or {"error": "..."}. The command
 * "help" lists the others. What a client sends is not trusted.
 */
#ifndef EMULATOR_CONTROL_CONTROL_H
#define EMULATOR_CONTROL_CONTROL_H

#include "emulator/adapter/adapter.h"

struct control;

#define CONTROL_CLIENTS 8
#define CONTROL_LINE_MAX 65536 /* bytes of a request with its newline */
/* Answers that a client leaves unread for longer than this cost it its place */
#define CONTROL_OUTPUT_MAX (1 << 20)

/**
 * control_create - listen for clients, and observe @adapter
 * @path: of the socket; stale ones are replaced, see unix_listener_open()
 * @adapter: must live longer than the control socket
 *
 * Return: the control socket, or NULL with errno set.
 */
struct control *control_create(struct event_loop *loop, const char *path,
			       struct adapter *adapter);
void control_destroy(struct control *control);

#endif
