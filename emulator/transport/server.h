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

/*
 * A request of the server's own; one at a time. It waits for its answer while
 * the connection is @waiting.
 */
struct vfio_user_dma {
	bool done;
	/* the client owes the answer to a request that was given up */
	bool unanswered;
	/* what comes next must wait until all that waits has ended */
	bool cancelled;
	uint16_t id;
	uint16_t command;
	uint64_t address;
	size_t count;
	uint8_t *to; /* of a read */
	int result;
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
	bool handling; /* a message: nothing may wait for the client now */
	uint32_t max_data; /* what the client takes with one message */
	struct vfio_user_dma dma;
	struct refused_client refused[VFIO_USER_REFUSED];
};

/* Carries @message out and answers it. */
void vfio_user_handle(struct vfio_user_server *server, struct message *message);

/* dma.c: a reply has come. Return: false if nobody waited for it. */
bool vfio_user_dma_reply(struct vfio_user_server *server,
			 const struct message *message);

#endif
