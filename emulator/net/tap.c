// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames through a tap of the kernel. Large TCP packets and packets whose
 * checksum is still to be computed pass as they are, the virtio header in
 * front says so.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "emulator/loop/log.h"
#include "emulator/net/backends.h"
#include "emulator/net/segment_queue.h"
#include "emulator/net/tap_open.h"
#include "emulator/net/virtio_net_header.h"
#include "emulator/loop/container_of.h"

/* The headers of any packet worth an offload; longer ones go without */
#define HEADERS_MAX 512
/* An IP packet ends here, and so does a large one that the kernel takes. */
#define LARGE_MAX 65535

struct tap {
	struct net_backend base;
	struct loop_fd watch;
	struct loop_work work; /* a kept frame; the rest of a large one */
	struct tap_descriptor descriptor;
	bool paused;
	bool blocked; /* the kernel took no more: wait for EPOLLOUT */
	bool sender_waits;
	bool gone; /* the interface was deleted */
	size_t kept; /* bytes of an unaccepted frame in rx, 0 = none */
	struct segment_queue segments;
	bool whole; /* pieces of the queue are large frames themselves */
	uint8_t rx[VIRTIO_NET_HEADER_MERGEABLE + NET_FRAME_MAX];
	uint8_t scratch[NET_FRAME_MAX];
};

static void set_events(struct tap *tap)
{
	uint32_t events = 0;

	if (!tap->gone && !tap->paused && !tap->kept)
		events |= EPOLLIN;
	if (!tap->gone && tap->blocked)
		events |= EPOLLOUT;
	loop_fd_set_events(&tap->watch, events);
}

static void lose_interface(struct tap *tap)
{
	if (!tap->gone)
		log_line("tap: the interface is gone");
	tap->gone = true;
	loop_work_queue(tap->base.loop, &tap->work);
}

/* Return: 0 or -errno; -EAGAIN has armed the wait for room */
static int write_frame(struct tap *tap, const struct virtio_net_header *header,
		       struct iovec *iov, int count)
{
	uint8_t bytes[VIRTIO_NET_HEADER_MERGEABLE];
	ssize_t done;

	/* iov[0] is left free for the header */
	virtio_net_header_write(header, bytes);
	iov[0].iov_base = bytes;
	iov[0].iov_len = tap->descriptor.header;
	do {
		done = writev(tap->watch.fd, iov, count);
	} while (done < 0 && errno == EINTR);
	if (done >= 0)
		return 0;
	if (errno == EAGAIN) {
		tap->blocked = true;
		set_events(tap);
		return -EAGAIN;
	}
	if (errno == EBADFD) {
		lose_interface(tap);
		return -ENETDOWN;
	}
	/* the kernel's word for an interface that is not up */
	return errno == EIO ? -ENETDOWN : -errno;
}

static int write_plain(struct tap *tap, const uint8_t *data, size_t length)
{
	struct virtio_net_header header = { 0 };
	struct iovec iov[2] = { { 0 }, { (void *)data, length } };

	return write_frame(tap, &header, iov, 2);
}

/* A piece of the queue that is a large frame: its payload is not copied. */
static int write_large_piece(struct tap *tap, struct segment_queue *q)
{
	const struct segmenter *s = &q->segmenter;
	struct virtio_net_header header = { 0 };
	uint8_t bytes[HEADERS_MAX];
	struct iovec iov[3] = { { 0 }, { bytes, s->header_length } };
	uint32_t slice;

	segmenter_header(s, q->next, bytes, &slice);
	virtio_net_header_offload(&header, bytes, &s->info,
				  slice > q->mss ? q->mss : 0);
	iov[2].iov_base = (void *)(q->payload + (uint64_t)q->next * s->mss);
	iov[2].iov_len = slice;
	return write_frame(tap, &header, iov, 3);
}

static int write_piece(struct tap *tap, struct segment_queue *q)
{
	if (tap->whole)
		return write_large_piece(tap, q);
	return write_plain(tap, tap->scratch,
			   segmenter_frame(&q->segmenter, q->next, q->payload,
					   tap->scratch));
}

/* Sends pieces until all are sent, the kernel is full, or the slice is over. */
static void send_pieces(struct tap *tap)
{
	struct segment_queue *q = &tap->segments;
	uint32_t size = segment_queue_size(q);
	uint32_t bytes = 0;

	for (int i = 0; q->active && i < NET_SLICE_FRAMES; i++) {
		if (bytes > NET_SLICE_BYTES)
			break;
		/* any other failure costs this piece only */
		if (write_piece(tap, q) == -EAGAIN)
			break;
		segment_queue_advance(q);
		bytes += size;
	}
}

static int send_large(struct tap *tap, const struct net_frame *frame)
{
	struct segment_queue *q = &tap->segments;
	int error;

	tap->whole = tap->descriptor.offloads &&
		     frame->header_length <= HEADERS_MAX;
	error = segment_queue_start(q, frame, tap->whole ? LARGE_MAX : 0);
	if (!error && tap->whole &&
	    (q->segmenter.tunnel || q->segmenter.info.vlan_tags > 1)) {
		/* the header cannot tell of packets in packets; one tag the
		 * kernel takes out, of more it keeps the rest in the frame
		 */
		tap->whole = false;
		error = segment_queue_start(q, frame, 0);
	}
	if (error)
		return error;
	send_pieces(tap);
	if (!q->active)
		return 0;
	if (!q->next) {
		segment_queue_reset(q);
		return -EAGAIN;
	}
	error = segment_queue_keep(q);
	if (!error && !tap->blocked)
		loop_work_queue(tap->base.loop, &tap->work);
	return error;
}

static int send_without_checksum(struct tap *tap, const struct net_frame *frame)
{
	struct virtio_net_header header = { 0 };
	struct packet_info info;
	size_t head;

	packet_parse(frame->data, frame->length, &info);
	head = info.payload_offset;
	if (info.truncated || !(info.tcp || info.udp))
		return write_plain(tap, frame->data, frame->length);
	/* the kernel would sum up to the end of the frame, padding included */
	if (!tap->descriptor.offloads || head > HEADERS_MAX ||
	    info.l3_end != frame->length) {
		memcpy(tap->scratch, frame->data, frame->length);
		packet_fill_l4_checksum(tap->scratch, &info);
		return write_plain(tap, tap->scratch, frame->length);
	}
	memcpy(tap->scratch, frame->data, head);
	packet_seed_l4_checksum(tap->scratch, &info);
	virtio_net_header_offload(&header, tap->scratch, &info, 0);
	return write_frame(tap, &header,
			   (struct iovec[]){ { 0 },
					     { tap->scratch, head },
					     { (void *)(frame->data + head),
					       frame->length - head } },
			   3);
}

static int tap_send(struct net_backend *base, const struct net_frame *frame)
{
	struct tap *tap = (struct tap *)base;
	int error;

	if (tap->gone)
		return -ENETDOWN;
	if (frame->length > NET_FRAME_MAX)
		return -EMSGSIZE;
	if (tap->segments.active || tap->blocked)
		error = -EAGAIN;
	else if (frame->mss)
		error = send_large(tap, frame);
	else if (frame->checksums_wanted)
		error = send_without_checksum(tap, frame);
	else
		error = write_plain(tap, frame->data, frame->length);
	if (error == -EAGAIN)
		tap->sender_waits = true;
	return error;
}

/* Return: false if the frame is kept */
static bool deliver(struct tap *tap, size_t size)
{
	size_t skip = tap->descriptor.header;
	struct virtio_net_header header = { 0 };
	struct net_frame frame;

	if (size < skip + ETHERNET_HEADER)
		return true;
	if (skip)
		virtio_net_header_read(tap->rx, &header);
	if (virtio_net_header_apply(&header, tap->rx + skip, size - skip,
				    &frame))
		return true;
	if (net_deliver(&tap->base, &frame))
		return true;
	/* a checksum that apply() computed must not be computed again */
	if (!frame.checksums_wanted && skip)
		memset(tap->rx, 0, skip);
	tap->kept = size;
	tap->paused = true;
	return false;
}

static void receive(struct tap *tap)
{
	size_t bytes = 0;

	for (int i = 0; i < NET_SLICE_FRAMES && !tap->paused; i++) {
		ssize_t count = read(tap->watch.fd, tap->rx, sizeof(tap->rx));

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN)
			break;
		if (count <= 0) {
			lose_interface(tap);
			break;
		}
		if (!deliver(tap, (size_t)count))
			break;
		bytes += (size_t)count;
		if (bytes >= NET_SLICE_BYTES)
			break;
	}
}

static void tap_ready(struct loop_fd *watch, uint32_t events)
{
	struct tap *tap = container_of(watch, struct tap, watch);

	if (events & EPOLLOUT) {
		tap->blocked = false;
		loop_work_queue(tap->base.loop, &tap->work);
	}
	if (events & EPOLLIN)
		receive(tap);
	else if (events & (EPOLLERR | EPOLLHUP))
		lose_interface(tap);
	set_events(tap);
}

static bool tap_work(struct loop_work *work)
{
	struct tap *tap = container_of(work, struct tap, work);
	size_t kept = tap->kept;

	if (tap->gone)
		segment_queue_reset(&tap->segments);
	if (kept && !tap->paused) {
		tap->kept = 0;
		deliver(tap, kept);
	}
	if (tap->segments.active && !tap->blocked)
		send_pieces(tap);
	if (tap->sender_waits && !tap->segments.active && !tap->blocked) {
		tap->sender_waits = false;
		net_notify_writable(&tap->base);
	}
	set_events(tap);
	if (tap->gone)
		net_notify_link(&tap->base, false);
	return tap->segments.active && !tap->blocked;
}

static void tap_pause(struct net_backend *base, bool paused)
{
	struct tap *tap = (struct tap *)base;

	tap->paused = paused;
	if (!paused && tap->kept)
		loop_work_queue(tap->base.loop, &tap->work);
	set_events(tap);
}

static void tap_destroy(struct net_backend *base)
{
	struct tap *tap = (struct tap *)base;

	loop_work_cancel(&tap->work);
	loop_fd_remove(&tap->watch);
	close(tap->watch.fd);
	segment_queue_destroy(&tap->segments);
	free(tap);
}

static const struct net_backend_ops tap_ops = {
	.send = tap_send,
	.pause = tap_pause,
	.destroy = tap_destroy,
};

struct net_backend *net_tap_open(struct event_loop *loop, const char *name,
				 bool gso, const char **error)
{
	struct tap *tap = calloc(1, sizeof(*tap));
	int status;

	if (!tap) {
		*error = "out of memory";
		return NULL;
	}
	status = tap_open(name, gso, &tap->descriptor, error);
	if (status) {
		free(tap);
		errno = -status;
		return NULL;
	}
	tap->base.ops = &tap_ops;
	tap->base.loop = loop;
	tap->base.up = true;
	tap->work.run = tap_work;
	tap->watch = (struct loop_fd){ .fd = tap->descriptor.fd,
				       .events = EPOLLIN,
				       .ready = tap_ready };
	status = loop_fd_add(loop, &tap->watch);
	if (status) {
		*error = "tap: cannot watch the descriptor";
		close(tap->watch.fd);
		free(tap);
		errno = -status;
		return NULL;
	}
	return &tap->base;
}
