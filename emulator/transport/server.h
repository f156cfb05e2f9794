/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the server's halves share: vfio_user.c, which listens and takes
 * clients, and messages.c, which answers them.
 */
#ifndef EMULATOR_TRANSPORT_SERVER_H
#define EMULATOR_TRANSPORT_SERVER_H

#include <stdbool.h>

#include "emulator/loop/unix_listener.h"
#include "emulator/transport/connection.h"
#include "emulator/transport/vfio_user.h"

#define VFIO_USER_REFUSED 8u

/* A second client, which is told so when it says VERSION. */
struct refused_client {
	struct loop_fd watch;
	struct loop_timer timeout;
	bool open;
};

struct vfio_user_server {
	struct event_loop *loop;
	const struct vfio_user_ops *ops;
	void *device;
	struct unix_listener socket;
	struct loop_fd listener;
	struct loop_timer retry; /* accepting failed for want of something */
	struct connection connection;
	bool negotiated; /* VERSION was answered */
	struct refused_client refused[VFIO_USER_REFUSED];
};

/* Carries @message out and answers it. */
void vfio_user_handle(struct vfio_user_server *server, struct message *message);

#endif
