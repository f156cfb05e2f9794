/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One connection: bytes and descriptors in, whole messages out of them, and
 * replies back. Knows the header and nothing of the commands.
 */
#ifndef EMULATOR_TRANSPORT_CONNECTION_H
#define EMULATOR_TRANSPORT_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emulator/loop/event_loop.h"
#include "emulator/transport/protocol.h"

/* What one read asks for at most */
#define CONNECTION_READ 65536u
/* The kernel passes at most 253 descriptors with one read (SCM_MAX_FD). */
#define CONNECTION_READ_FDS 253u
#define CONNECTION_FDS (CONNECTION_READ_FDS + 2 * VFIO_USER_MAX_FDS)
/* Messages handled before deferred work gets its turn */
#define CONNECTION_BUDGET 256u
/* Replies that may wait, in bytes, before nothing more is handled */
#define CONNECTION_QUEUE (256u << 10)
#define CONNECTION_ALIGN 16u
/* How long a client may leave its replies unread */
#define CONNECTION_STALL_NS 5000000000ULL

struct message {
	struct vfio_user_header header;
	const uint8_t *payload;
	size_t length; /* of @payload */
	/* the handler keeps one by setting its entry to -1 */
	int fds[VFIO_USER_MAX_FDS];
	unsigned int fd_count;
	bool fds_lost; /* there were more than fit */
};

struct connection {
	struct loop_fd watch;
	struct event_loop *loop;
	struct loop_work more; /* whole messages left when the budget ended */
	struct loop_timer stalled;
	bool open;
	bool close_when_sent;
	bool waiting; /* in connection_request() or connection_wait() */
	bool close_after_wait; /* what waits cannot be closed under it */

	uint8_t *in; /* VFIO_USER_MAX_MESSAGE + CONNECTION_READ bytes */
	size_t in_start, in_end;
	uint64_t stream_end; /* bytes received so far: the place of @in_end */
	struct {
		uint64_t position; /* of the last byte it came with */
		int fd;
	} fds[CONNECTION_FDS];
	unsigned int fd_count;

	/*
	 * Replies, each at a multiple of CONNECTION_ALIGN; all have gone when
	 * the two are equal. The next is made at @out_length.
	 */
	uint8_t *out; /* CONNECTION_QUEUE + VFIO_USER_MAX_MESSAGE bytes */
	size_t out_sent, out_length;
	size_t out_left; /* of the reply that is being sent */

	void (*handle)(struct connection *self, struct message *message);
	void (*closed)(struct connection *self);
};

/* Closes the descriptors that the handler has not kept. */
void message_close_fds(struct message *message);

/* Return: 0 or -ENOMEM. @handle and @closed are the caller's to set. */
int connection_init(struct connection *connection, struct event_loop *loop);
void connection_release(struct connection *connection);

/* Takes over a connected stream socket. Return: 0 (owns @fd) or -errno. */
int connection_open(struct connection *connection, int fd);
/* Calls @closed, unless the connection is closed already. */
void connection_close(struct connection *connection);
/* True if the other end has closed: what it sent last may still be unread. */
bool connection_hung_up(const struct connection *connection);

/* Where the payload of the reply that is being made goes */
static inline void *connection_payload(struct connection *connection)
{
	return connection->out + connection->out_length +
	       sizeof(struct vfio_user_header);
}

/*
 * Answers @message with the first @length bytes of connection_payload(), or
 * with an error; not if the client asked for no reply.
 */
void connection_reply(struct connection *connection,
		      const struct message *message, size_t length);
void connection_fail(struct connection *connection,
		     const struct message *message, int error);
/*
 * True if another message may be handled, or a request sent: the connection is
 * open, and its queue has room.
 */
bool connection_has_room(const struct connection *connection);
/*
 * Sends a request of the server's own, with the first @length bytes of
 * connection_payload(), where connection_has_room(). connection_wait() must
 * follow: a connection that cannot be sent to any more is closed behind it.
 */
void connection_request(struct connection *connection, uint16_t id,
			uint16_t command, size_t length);

/**
 * connection_wait - handle messages while something waits for one of them
 * @done: ends the wait when a handler sets it
 * @deadline: CLOCK_MONOTONIC nanoseconds
 * @defers: true for a message that must not be handled before the wait has
 *	ended: it ends it, and is handled from the event loop
 *
 * Not to be called from a handler of messages. A connection that ends
 * meanwhile is closed from the event loop, too.
 *
 * Return: 0 with *@done set, -ETIMEDOUT, or -ECANCELED (a message that must
 * wait, or the end of the connection).
 */
int connection_wait(struct connection *connection, const bool *done,
		    uint64_t deadline,
		    bool (*defers)(struct connection *connection,
				   const struct message *message));

/* Closes as soon as the last reply is out. */
void connection_finish(struct connection *connection);

#endif
