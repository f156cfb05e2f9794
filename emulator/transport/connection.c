// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/transport/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emulator/loop/container_of.h"
#include "emulator/loop/log.h"

#define NS_PER_MS 1000000u

#define IN_SIZE (VFIO_USER_MAX_MESSAGE + CONNECTION_READ)

#define OUT_SIZE (CONNECTION_QUEUE + VFIO_USER_MAX_MESSAGE + CONNECTION_ALIGN)

static size_t align(size_t size)
{
	return (size + CONNECTION_ALIGN - 1) & ~(size_t)(CONNECTION_ALIGN - 1);
}

static bool sending(const struct connection *connection)
{
	return connection->out_sent != connection->out_length;
}

bool connection_has_room(const struct connection *connection)
{
	return connection->open && connection->out_length <= CONNECTION_QUEUE;
}

/* What there is to wait for: room for replies, messages, or neither */
static void update_events(struct connection *connection)
{
	uint32_t events = 0;

	if (!connection->open)
		return;
	if (sending(connection))
		events |= EPOLLOUT;
	if (connection_has_room(connection) && !connection->more.queued)
		events |= EPOLLIN;
	loop_fd_set_events(&connection->watch, events);
}

/* Closes the descriptors that came with bytes before @position. */
static void close_fds(struct connection *connection, uint64_t position)
{
	unsigned int count = 0;

	while (count < connection->fd_count &&
	       connection->fds[count].position < position)
		close(connection->fds[count++].fd);
	connection->fd_count -= count;
	memmove(connection->fds, connection->fds + count,
		connection->fd_count * sizeof(connection->fds[0]));
}

/* Moves what came with @message's bytes, which end at @position, into it. */
static void take_fds(struct connection *connection, struct message *message,
		     uint64_t position)
{
	unsigned int count = 0;

	while (count < connection->fd_count &&
	       connection->fds[count].position < position) {
		if (count < VFIO_USER_MAX_FDS) {
			message->fds[count] = connection->fds[count].fd;
			message->fd_count++;
		} else {
			close(connection->fds[count].fd);
			message->fds_lost = true;
		}
		count++;
	}
	connection->fd_count -= count;
	memmove(connection->fds, connection->fds + count,
		connection->fd_count * sizeof(connection->fds[0]));
}

void message_close_fds(struct message *message)
{
	for (unsigned int i = 0; i < message->fd_count; i++)
		if (message->fds[i] >= 0)
			close(message->fds[i]);
	message->fd_count = 0;
}

/*
 * Sends what it can of the replies that wait. Each begins with a send of its
 * own, so that a header never meets the end of a full socket buffer half way.
 */
static void send_replies(struct connection *connection)
{
	while (sending(connection)) {
		const uint8_t *bytes = connection->out + connection->out_sent;
		ssize_t sent;

		if (!connection->out_left) {
			struct vfio_user_header header;

			memcpy(&header, bytes, sizeof(header));
			connection->out_left = header.size;
		}
		sent = send(connection->watch.fd, bytes, connection->out_left,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN) {
			if (!loop_timer_running(&connection->stalled))
				loop_timer_start(connection->loop,
						 &connection->stalled,
						 CONNECTION_STALL_NS);
			return;
		}
		if (sent < 0) {
			connection_close(connection);
			return;
		}
		if (loop_timer_running(&connection->stalled))
			loop_timer_stop(&connection->stalled);
		connection->out_left -= (size_t)sent;
		connection->out_sent += (size_t)sent;
		if (!connection->out_left)
			connection->out_sent = align(connection->out_sent);
	}
	connection->out_sent = 0;
	connection->out_length = 0;
	if (connection->close_when_sent)
		connection_close(connection);
}

static void queue_message(struct connection *connection,
			  const struct vfio_user_header *header)
{
	bool first = !sending(connection);

	memcpy(connection->out + connection->out_length, header,
	       sizeof(*header));
	connection->out_length = align(connection->out_length + header->size);
	/* behind others it waits until the socket has room again */
	if (first)
		send_replies(connection);
}

static void queue_reply(struct connection *connection,
			const struct message *message, size_t length,
			uint32_t flags, int error)
{
	struct vfio_user_header header = {
		.id = message->header.id,
		.command = message->header.command,
		.size = (uint32_t)(sizeof(header) + length),
		.flags = VFIO_USER_TYPE_REPLY | flags,
		.error = (uint32_t)error,
	};

	if (connection->open && !(message->header.flags & VFIO_USER_NO_REPLY))
		queue_message(connection, &header);
}

void connection_request(struct connection *connection, uint16_t id,
			uint16_t command, size_t length)
{
	struct vfio_user_header header = {
		.id = id,
		.command = command,
		.size = (uint32_t)(sizeof(header) + length),
		.flags = VFIO_USER_TYPE_REQUEST,
	};

	/* not closed under the caller, who is at work: its wait does that */
	connection->waiting = true;
	queue_message(connection, &header);
	connection->waiting = false;
}

void connection_reply(struct connection *connection,
		      const struct message *message, size_t length)
{
	queue_reply(connection, message, length, 0, 0);
}

void connection_fail(struct connection *connection,
		     const struct message *message, int error)
{
	queue_reply(connection, message, 0, VFIO_USER_ERROR, error);
}

void connection_finish(struct connection *connection)
{
	connection->close_when_sent = true;
	if (connection->open && !sending(connection))
		connection_close(connection);
}

/*
 * The first message of what was received, if it is whole, without its
 * descriptors. Its payload stands in the buffer until the next read.
 */
static bool peek_message(struct connection *connection, struct message *message)
{
	size_t have = connection->in_end - connection->in_start;
	const uint8_t *bytes = connection->in + connection->in_start;
	struct vfio_user_header *header = &message->header;

	if (have < sizeof(*header))
		return false;
	memcpy(header, bytes, sizeof(*header));
	if (header->size < sizeof(*header) ||
	    header->size > VFIO_USER_MAX_MESSAGE ||
	    (header->flags & VFIO_USER_TYPE_MASK) > VFIO_USER_TYPE_REPLY) {
		/* where the next message begins cannot be known any more */
		log_limited(
			"vfio-user: closing: header with size %u, flags 0x%x",
			header->size, header->flags);
		connection_close(connection);
		return false;
	}
	message->payload = bytes + sizeof(*header);
	message->length = header->size - sizeof(*header);
	message->fd_count = 0;
	message->fds_lost = false;
	return have >= header->size;
}

/* Takes what was peeked at out of the buffer and hands it on. */
static void handle_message(struct connection *connection,
			   struct message *message)
{
	connection->in_start += message->header.size;
	if (connection->fd_count)
		take_fds(connection, message,
			 connection->stream_end -
				 (connection->in_end - connection->in_start));
	connection->handle(connection, message);
	message_close_fds(message);
}

/* True if whole messages may be left for the next turn. */
static bool handle_messages(struct connection *connection)
{
	struct message message;
	unsigned int budget = CONNECTION_BUDGET;

	while (connection_has_room(connection) && budget &&
	       peek_message(connection, &message)) {
		budget--;
		handle_message(connection, &message);
	}
	return connection_has_room(connection) && !budget;
}

static bool run_more(struct loop_work *work)
{
	struct connection *connection =
		container_of(work, struct connection, more);
	bool more;

	if (connection->close_after_wait) {
		connection_close(connection);
		return false;
	}
	more = handle_messages(connection);
	if (!more)
		update_events(connection);
	return more;
}

/*
 * Descriptors belong to the message that holds the last byte of the read they
 * came with: a read ends behind the segment that carried them.
 */
static bool store_fds(struct connection *connection, struct msghdr *header)
{
	bool fit = !(header->msg_flags & MSG_CTRUNC);

	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part;
	     part = CMSG_NXTHDR(header, part)) {
		size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (part->cmsg_level != SOL_SOCKET ||
		    part->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(part) + i * sizeof(int),
			       sizeof(fd));
			if (connection->fd_count == CONNECTION_FDS) {
				close(fd);
				fit = false;
				continue;
			}
			connection->fds[connection->fd_count].position =
				connection->stream_end - 1;
			connection->fds[connection->fd_count].fd = fd;
			connection->fd_count++;
		}
	}
	return fit;
}

/* Returns what was read; 0 if there is nothing now or the end was reached. */
static size_t receive(struct connection *connection)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(CONNECTION_READ_FDS * sizeof(int))];
	} control;
	struct iovec vector;
	struct msghdr header = { .msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control) };
	ssize_t count;

	if (IN_SIZE - connection->in_end < CONNECTION_READ ||
	    connection->in_start == connection->in_end) {
		memmove(connection->in, connection->in + connection->in_start,
			connection->in_end - connection->in_start);
		connection->in_end -= connection->in_start;
		connection->in_start = 0;
	}
	vector.iov_base = connection->in + connection->in_end;
	/* always CONNECTION_READ: at most one message, cut short, is left */
	vector.iov_len = IN_SIZE - connection->in_end;
	if (vector.iov_len > CONNECTION_READ)
		vector.iov_len = CONNECTION_READ;
	count = recvmsg(connection->watch.fd, &header,
			MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (count <= 0) {
		connection_close(connection);
		return 0;
	}
	connection->in_end += (size_t)count;
	connection->stream_end += (uint64_t)count;
	if (header.msg_controllen || header.msg_flags & MSG_CTRUNC) {
		if (!store_fds(connection, &header)) {
			log_limited(
				"vfio-user: closing: more descriptors than can be taken");
			connection_close(connection);
			return 0;
		}
	}
	return (size_t)count;
}

static void ready(struct loop_fd *watch, uint32_t events)
{
	struct connection *connection =
		container_of(watch, struct connection, watch);
	/* whole messages may be left: read no more before they are handled */
	bool left = !connection_has_room(connection) || connection->more.queued;

	if (sending(connection))
		send_replies(connection);
	if (!left && events & ~(uint32_t)EPOLLOUT && connection->open)
		receive(connection);
	if (!connection->more.queued && handle_messages(connection))
		loop_work_queue(connection->loop, &connection->more);
	update_events(connection);
}

/* Handles what is here, then looks for more. */
static int wait_turn(struct connection *connection, const bool *done,
		     uint64_t deadline,
		     bool (*defers)(struct connection *connection,
				    const struct message *message))
{
	struct pollfd poll_fd = { .fd = connection->watch.fd };
	struct message message;
	uint64_t now = loop_now();

	while (connection_has_room(connection) && !*done &&
	       !connection->close_after_wait &&
	       peek_message(connection, &message)) {
		if (defers(connection, &message))
			return -ECANCELED;
		handle_message(connection, &message);
		now = loop_now();
		if (now >= deadline)
			break;
	}
	if (*done)
		return 0;
	if (connection->close_after_wait)
		return -ECANCELED;
	if (now >= deadline)
		return -ETIMEDOUT;
	if (connection_has_room(connection))
		poll_fd.events |= POLLIN;
	if (sending(connection))
		poll_fd.events |= POLLOUT;
	/* rounded up: in its last millisecond it would not sleep at all */
	if (poll(&poll_fd, 1, (int)((deadline - now) / NS_PER_MS + 1)) <= 0)
		return 0;
	if (sending(connection))
		send_replies(connection);
	if (connection_has_room(connection) && !connection->close_after_wait &&
	    poll_fd.revents & ~POLLOUT)
		receive(connection);
	return 0;
}

int connection_wait(struct connection *connection, const bool *done,
		    uint64_t deadline,
		    bool (*defers)(struct connection *connection,
				   const struct message *message))
{
	int error = 0;

	if (!connection->open)
		return -ECANCELED;
	connection->waiting = true;
	while (!*done && !error)
		error = wait_turn(connection, done, deadline, defers);
	connection->waiting = false;
	/* messages that are in the buffer already wake nobody */
	if (connection->in_start != connection->in_end ||
	    connection->close_after_wait)
		loop_work_queue(connection->loop, &connection->more);
	update_events(connection);
	return error;
}

static void stalled(struct loop_timer *timer)
{
	struct connection *connection =
		container_of(timer, struct connection, stalled);

	log_limited("vfio-user: closing: the client does not read replies");
	connection_close(connection);
}

int connection_init(struct connection *connection, struct event_loop *loop)
{
	connection->loop = loop;
	connection->watch.ready = ready;
	connection->watch.fd = -1;
	connection->more.run = run_more;
	connection->stalled.expired = stalled;
	connection->in = malloc(IN_SIZE);
	connection->out = malloc(OUT_SIZE);
	if (!connection->in || !connection->out) {
		connection_release(connection);
		return -ENOMEM;
	}
	return 0;
}

void connection_release(struct connection *connection)
{
	free(connection->in);
	free(connection->out);
	connection->in = NULL;
	connection->out = NULL;
}

int connection_open(struct connection *connection, int fd)
{
	int error;

	connection->in_start = 0;
	connection->in_end = 0;
	connection->stream_end = 0;
	connection->fd_count = 0;
	connection->out_sent = 0;
	connection->out_length = 0;
	connection->out_left = 0;
	connection->close_when_sent = false;
	connection->close_after_wait = false;
	connection->watch.fd = fd;
	connection->watch.events = EPOLLIN;
	error = loop_fd_add(connection->loop, &connection->watch);
	if (error) {
		connection->watch.fd = -1;
		return error;
	}
	connection->open = true;
	return 0;
}

void connection_close(struct connection *connection)
{
	if (!connection->open)
		return;
	if (connection->waiting) {
		connection->close_after_wait = true;
		return;
	}
	connection->open = false;
	loop_work_cancel(&connection->more);
	loop_timer_stop(&connection->stalled);
	loop_fd_remove(&connection->watch);
	close(connection->watch.fd);
	connection->watch.fd = -1;
	close_fds(connection, UINT64_MAX);
	connection->closed(connection);
}

bool connection_hung_up(const struct connection *connection)
{
	struct pollfd poll_fd = { .fd = connection->watch.fd };

	return poll(&poll_fd, 1, 0) == 1 && poll_fd.revents & POLLHUP;
}
