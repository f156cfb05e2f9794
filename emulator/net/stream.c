// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames over a unix stream socket, each behind its length in four big-endian
 * bytes: what QEMU's "-netdev stream" and passt speak. One peer at a time; when
 * it goes the link is down until the next.
 *
 * Out: frames are collected in a buffer that is written when the loop comes
 * round, so that a burst is one system call. In: one read takes what is there,
 * its frames are delivered in slices.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "emulator/loop/log.h"
#include "emulator/net/backends.h"
#include "emulator/net/segment_queue.h"
#include "emulator/packet/bytes.h"
#include "emulator/loop/container_of.h"

#define LENGTH_PREFIX 4
#define STREAM_BUFFER (512 * 1024)
#define RETRY_NS 100000000ull

struct stream {
	struct net_backend base;
	struct sockaddr_un address;
	bool listening; /* we are the side that waits */
	struct loop_fd listener; /* fd -1: none */
	struct loop_fd peer; /* fd -1: none */
	struct loop_timer retry;
	struct loop_work work; /* deliver, send, take note of a lost peer */
	bool broken; /* the peer is lost, work cleans up */
	bool paused;
	bool leftover; /* whole frames wait in rx for the next slice */
	bool blocked; /* the socket took no more: wait for EPOLLOUT */
	bool sender_waits; /* send() returned -EAGAIN */
	struct segment_queue segments;
	size_t rx_start, rx_end, tx_start, tx_end;
	uint8_t rx[STREAM_BUFFER], tx[STREAM_BUFFER];
};

static struct stream *of_base(struct net_backend *base)
{
	return (struct stream *)base;
}

static void set_events(struct stream *s)
{
	uint32_t events = EPOLLRDHUP;

	if (!s->paused && !s->leftover)
		events |= EPOLLIN;
	if (s->blocked)
		events |= EPOLLOUT;
	if (s->peer.fd >= 0)
		loop_fd_set_events(&s->peer, events);
}

static void wake(struct stream *s)
{
	loop_work_queue(s->base.loop, &s->work);
}

static void lose_peer(struct stream *s)
{
	s->broken = true;
	wake(s);
}

/* Return: the length of the first frame that is here whole, or -1 */
static ssize_t whole_frame(struct stream *s)
{
	size_t have = s->rx_end - s->rx_start;
	uint32_t length;

	if (have < LENGTH_PREFIX)
		return -1;
	length = be32_get(s->rx + s->rx_start);
	if (length > NET_FRAME_MAX) {
		log_limited("%s: the peer announced a frame of %u bytes: "
			    "not the framing of QEMU's stream netdev",
			    s->address.sun_path, length);
		s->broken = true;
		return -1;
	}
	return have - LENGTH_PREFIX >= length ? (ssize_t)length : -1;
}

/* Return: true if there are whole frames left that may be delivered */
static bool deliver(struct stream *s)
{
	size_t bytes = 0;
	ssize_t length;

	for (int i = 0; !s->paused && !s->broken; i++) {
		struct net_frame frame = { .data = s->rx + s->rx_start +
						   LENGTH_PREFIX };

		length = whole_frame(s);
		if (length < 0)
			return false;
		if (i == NET_SLICE_FRAMES || bytes >= NET_SLICE_BYTES)
			return true;
		frame.length = (size_t)length;
		if (length && !net_deliver(&s->base, &frame)) {
			s->paused = true;
			return false;
		}
		s->rx_start += LENGTH_PREFIX + frame.length;
		bytes += frame.length;
	}
	return false;
}

static void receive(struct stream *s)
{
	ssize_t count;

	memmove(s->rx, s->rx + s->rx_start, s->rx_end - s->rx_start);
	s->rx_end -= s->rx_start;
	s->rx_start = 0;
	if (s->rx_end == sizeof(s->rx))
		return;
	count = recv(s->peer.fd, s->rx + s->rx_end, sizeof(s->rx) - s->rx_end,
		     MSG_DONTWAIT);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {
		lose_peer(s);
		return;
	}
	s->rx_end += (size_t)count;
	s->leftover = deliver(s);
	if (s->leftover || s->broken)
		wake(s);
}

/* Writes what is in the buffer, as far as the socket takes it. */
static void flush(struct stream *s)
{
	while (s->tx_start < s->tx_end) {
		ssize_t count = send(s->peer.fd, s->tx + s->tx_start,
				     s->tx_end - s->tx_start,
				     MSG_DONTWAIT | MSG_NOSIGNAL);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN) {
			s->blocked = true;
			break;
		}
		if (count < 0) {
			lose_peer(s);
			break;
		}
		s->tx_start += (size_t)count;
	}
	if (s->tx_start == s->tx_end)
		s->tx_start = s->tx_end = 0;
}

/* Room for a frame at the end of the buffer; NULL if there is none. */
static uint8_t *reserve(struct stream *s, size_t length)
{
	size_t size = LENGTH_PREFIX + length;

	if (sizeof(s->tx) - s->tx_end < size) {
		memmove(s->tx, s->tx + s->tx_start, s->tx_end - s->tx_start);
		s->tx_end -= s->tx_start;
		s->tx_start = 0;
	}
	if (sizeof(s->tx) - s->tx_end < size)
		return NULL;
	return s->tx + s->tx_end + LENGTH_PREFIX;
}

static void commit(struct stream *s, size_t length)
{
	be32_put(s->tx + s->tx_end, (uint32_t)length);
	s->tx_end += LENGTH_PREFIX + length;
}

/* Moves pieces of a large frame into the buffer until it is full. */
static void move_segments(struct stream *s)
{
	struct segment_queue *q = &s->segments;

	while (q->active) {
		uint8_t *place = reserve(s, segment_queue_size(q));

		if (!place)
			break;
		commit(s, segmenter_frame(&q->segmenter, q->next, q->payload,
					  place));
		segment_queue_advance(q);
	}
}

static int send_large(struct stream *s, const struct net_frame *frame)
{
	int error = segment_queue_start(&s->segments, frame, 0);

	if (error)
		return error;
	move_segments(s);
	if (s->segments.active) {
		/* more than a buffer of small segments */
		flush(s);
		move_segments(s);
	}
	error = segment_queue_keep(&s->segments);
	wake(s);
	return error;
}

static int stream_send(struct net_backend *base, const struct net_frame *frame)
{
	struct stream *s = of_base(base);
	uint8_t *place;

	if (!base->up || s->broken)
		return -ENETDOWN;
	if (frame->length > NET_FRAME_MAX)
		return -EMSGSIZE;
	/* A large frame is cut into a buffer that is at most half full. */
	place = s->segments.active ||
				(frame->mss &&
				 s->tx_end - s->tx_start > STREAM_BUFFER / 2) ?
			NULL :
			reserve(s, frame->length);
	if (!place) {
		s->sender_waits = true;
		wake(s);
		return -EAGAIN;
	}
	if (frame->mss)
		return send_large(s, frame);
	memcpy(place, frame->data, frame->length);
	if (frame->checksums_wanted) {
		struct packet_info info;

		packet_parse(place, frame->length, &info);
		packet_fill_l4_checksum(place, &info);
	}
	commit(s, frame->length);
	wake(s);
	return 0;
}

static void stream_pause(struct net_backend *base, bool paused)
{
	struct stream *s = of_base(base);

	s->paused = paused;
	if (paused)
		set_events(s);
	else
		wake(s);
}

static void close_peer(struct stream *s)
{
	if (s->peer.fd < 0)
		return;
	loop_fd_remove(&s->peer);
	close(s->peer.fd);
	s->peer.fd = -1;
	s->rx_start = s->rx_end = s->tx_start = s->tx_end = 0;
	s->blocked = s->broken = s->leftover = false;
	segment_queue_reset(&s->segments);
}

/* Return: whether we watch the peer now; @fd is ours to close */
static bool adopt_peer(struct stream *s, int fd)
{
	s->peer.fd = fd;
	s->peer.events = EPOLLRDHUP | (s->paused ? 0u : EPOLLIN);
	if (!loop_fd_add(s->base.loop, &s->peer))
		return true;
	close(fd);
	s->peer.fd = -1;
	return false;
}

static bool connect_peer(struct stream *s)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	if (connect(fd, (struct sockaddr *)&s->address, sizeof(s->address)) <
	    0) {
		close(fd);
		return false;
	}
	return adopt_peer(s, fd);
}

static void wait_for_peer(struct stream *s)
{
	if (s->listening)
		loop_fd_set_events(&s->listener, EPOLLIN);
	else
		loop_timer_start(s->base.loop, &s->retry, RETRY_NS);
}

static void stream_retry(struct loop_timer *timer)
{
	struct stream *s = container_of(timer, struct stream, retry);

	if (s->listening)
		loop_fd_set_events(&s->listener, EPOLLIN);
	else if (connect_peer(s))
		net_notify_link(&s->base, true);
	else
		wait_for_peer(s);
}

static void stream_accept(struct loop_fd *watch, uint32_t events)
{
	struct stream *s = container_of(watch, struct stream, listener);
	int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	/* the next one waits until this one goes */
	loop_fd_set_events(watch, 0);
	if (fd >= 0 && adopt_peer(s, fd))
		net_notify_link(&s->base, true);
	else
		/* out of descriptors, perhaps: not at once again */
		loop_timer_start(s->base.loop, &s->retry, RETRY_NS);
}

static void stream_ready(struct loop_fd *watch, uint32_t events)
{
	struct stream *s = container_of(watch, struct stream, peer);

	if (events & EPOLLOUT) {
		s->blocked = false;
		wake(s);
	}
	if (events & EPOLLIN)
		receive(s);
	else if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		lose_peer(s);
	set_events(s);
}

static bool stream_work(struct loop_work *work)
{
	struct stream *s = container_of(work, struct stream, work);
	bool more = false;

	if (s->peer.fd >= 0 && !s->broken) {
		s->leftover = more = deliver(s);
		if (!s->blocked) {
			flush(s);
			move_segments(s);
			if (s->tx_end && !s->blocked)
				more = true;
		}
	}
	if (s->broken) {
		close_peer(s);
		net_notify_link(&s->base, false);
		wait_for_peer(s);
		more = false;
	}
	/* half empty is enough: one call for each frame would be none saved */
	if (s->sender_waits && !s->segments.active &&
	    s->tx_end - s->tx_start <= STREAM_BUFFER / 2) {
		s->sender_waits = false;
		net_notify_writable(&s->base);
	}
	set_events(s);
	return more;
}

static void stream_destroy(struct net_backend *base)
{
	struct stream *s = of_base(base);

	if (s->peer.fd >= 0 && !s->broken)
		flush(s);
	close_peer(s);
	loop_work_cancel(&s->work);
	loop_timer_stop(&s->retry);
	if (s->listener.fd >= 0) {
		loop_fd_remove(&s->listener);
		close(s->listener.fd);
		unlink(s->address.sun_path);
	}
	segment_queue_destroy(&s->segments);
	free(s);
}

static const struct net_backend_ops stream_ops = {
	.send = stream_send,
	.pause = stream_pause,
	.destroy = stream_destroy,
};

/* True if the path is a socket that nobody listens on any more. */
static bool stale(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool refused;

	if (fd < 0)
		return false;
	refused = connect(fd, (const struct sockaddr *)address,
			  sizeof(*address)) < 0 &&
		  errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static int listen_here(struct stream *s)
{
	const struct sockaddr *address = (struct sockaddr *)&s->address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	error = bind(fd, address, sizeof(s->address)) ? -errno : 0;
	if (error == -EADDRINUSE && stale(&s->address)) {
		unlink(s->address.sun_path);
		error = bind(fd, address, sizeof(s->address)) ? -errno : 0;
	}
	if (!error && listen(fd, 4) < 0)
		error = -errno;
	s->listener.fd = fd;
	s->listener.events = EPOLLIN;
	if (!error)
		error = loop_fd_add(s->base.loop, &s->listener);
	if (error) {
		close(fd);
		s->listener.fd = -1;
	}
	return error;
}

struct net_backend *net_stream_open(struct event_loop *loop, const char *path,
				    bool listening, const char **error)
{
	struct stream *s = calloc(1, sizeof(*s));
	int status;

	if (!s) {
		*error = "out of memory";
		return NULL;
	}
	s->base.ops = &stream_ops;
	s->base.loop = loop;
	s->address.sun_family = AF_UNIX;
	s->listening = listening;
	s->listener = (struct loop_fd){ .fd = -1, .ready = stream_accept };
	s->peer = (struct loop_fd){ .fd = -1, .ready = stream_ready };
	s->retry.expired = stream_retry;
	s->work.run = stream_work;
	if (!*path || strlen(path) >= sizeof(s->address.sun_path)) {
		*error = "stream: the socket's path is empty or longer than "
			 "107 characters";
		free(s);
		errno = EINVAL;
		return NULL;
	}
	memcpy(s->address.sun_path, path, strlen(path));
	status = listening ? listen_here(s) : 0;
	if (status) {
		*error = "stream: cannot listen on the socket";
		free(s);
		errno = -status;
		return NULL;
	}
	if (!listening) {
		s->base.up = connect_peer(s);
		if (!s->base.up)
			wait_for_peer(s);
	}
	return &s->base;
}
