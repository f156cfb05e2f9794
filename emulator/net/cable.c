// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two ports back to back: what one sends waits in a queue for the other, and
 * is delivered by the loop, so that two ports never call into each other.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/net/backends.h"
#include "emulator/loop/container_of.h"

#define CABLE_QUEUE (1024 * 1024)

/* In front of each frame in the queue */
struct cable_record {
	uint32_t size; /* of record and frame, aligned; 0 = go to the start */
	uint32_t length, mss, header_length;
	bool checksums_wanted;
};

#define CABLE_ALIGN 32

struct cable {
	struct cable_end {
		struct net_backend base;
		struct cable *cable;
		struct loop_work work;
		bool open, paused;
		bool sender_waits; /* the other end got -EAGAIN */
		/* what comes to this end: a ring of records */
		uint8_t *queue;
		uint32_t head, tail; /* read at head, written at tail */
	} ends[2];
};

static struct cable_end *other_end(struct cable_end *end)
{
	struct cable *cable = end->cable;

	return end == &cable->ends[0] ? &cable->ends[1] : &cable->ends[0];
}

static uint32_t record_size(size_t length)
{
	size_t size = sizeof(struct cable_record) + length;

	return (uint32_t)((size + CABLE_ALIGN - 1) & ~(CABLE_ALIGN - 1ul));
}

/* Return: the place for @size bytes, NULL if the queue is full */
static uint8_t *reserve(struct cable_end *end, uint32_t size)
{
	/* head == tail means empty, so that tail never catches up */
	if (end->tail < end->head)
		return end->head - end->tail > size ? end->queue + end->tail :
						      NULL;
	if (CABLE_QUEUE - end->tail >= size + CABLE_ALIGN)
		return end->queue + end->tail;
	if (end->head <= size)
		return NULL;
	memset(end->queue + end->tail, 0, sizeof(struct cable_record));
	end->tail = 0;
	return end->queue;
}

static int cable_send(struct net_backend *backend,
		      const struct net_frame *frame)
{
	struct cable_end *self = (struct cable_end *)backend;
	struct cable_end *peer = other_end(self);
	struct cable_record record = {
		.size = record_size(frame->length),
		.length = (uint32_t)frame->length,
		.mss = frame->mss,
		.header_length = frame->header_length,
		.checksums_wanted = frame->checksums_wanted,
	};
	uint8_t *place;

	if (!peer->open)
		return -ENETDOWN;
	if (frame->length > NET_FRAME_MAX)
		return -EMSGSIZE;
	place = reserve(peer, record.size);
	if (!place) {
		peer->sender_waits = true;
		return -EAGAIN;
	}
	memcpy(place, &record, sizeof(record));
	memcpy(place + sizeof(record), frame->data, frame->length);
	peer->tail += record.size;
	if (!peer->paused)
		loop_work_queue(peer->base.loop, &peer->work);
	return 0;
}

/* Return: false if the frame cannot be taken now */
static bool deliver_one(struct cable_end *self, size_t *bytes)
{
	struct cable_record record;
	struct net_frame frame;

	memcpy(&record, self->queue + self->head, sizeof(record));
	if (!record.size) {
		self->head = 0;
		return true;
	}
	frame = (struct net_frame){
		.data = self->queue + self->head + sizeof(record),
		.length = record.length,
		.mss = record.mss,
		.header_length = record.header_length,
		.checksums_wanted = record.checksums_wanted,
	};
	if (!net_deliver(&self->base, &frame)) {
		self->paused = true;
		return false;
	}
	self->head += record.size;
	*bytes += record.length;
	return true;
}

static bool cable_work(struct loop_work *work)
{
	struct cable_end *self = container_of(work, struct cable_end, work);
	size_t bytes = 0;

	if (!other_end(self)->open)
		net_notify_link(&self->base, false);
	for (int i = 0; i < NET_SLICE_FRAMES && bytes < NET_SLICE_BYTES; i++) {
		if (self->paused || self->head == self->tail)
			break;
		if (!deliver_one(self, &bytes))
			break;
	}
	if (bytes && self->sender_waits && other_end(self)->open) {
		self->sender_waits = false;
		net_notify_writable(&other_end(self)->base);
	}
	return !self->paused && self->head != self->tail;
}

static void cable_pause(struct net_backend *backend, bool paused)
{
	struct cable_end *self = (struct cable_end *)backend;

	self->paused = paused;
	if (!paused && self->head != self->tail)
		loop_work_queue(self->base.loop, &self->work);
}

static void cable_destroy(struct net_backend *backend)
{
	struct cable_end *self = (struct cable_end *)backend;
	struct cable_end *peer = other_end(self);

	loop_work_cancel(&self->work);
	free(self->queue);
	self->queue = NULL;
	self->open = false;
	if (peer->open)
		/* it learns that the link is down */
		loop_work_queue(peer->base.loop, &peer->work);
	else
		free(self->cable);
}

static const struct net_backend_ops cable_ops = {
	.send = cable_send,
	.pause = cable_pause,
	.destroy = cable_destroy,
};

int net_cable_create(struct event_loop *loop, struct net_backend *ends[2])
{
	struct cable *cable = calloc(1, sizeof(*cable));

	if (!cable)
		return -ENOMEM;
	for (int i = 0; i < 2; i++) {
		struct cable_end *end = &cable->ends[i];

		end->base.ops = &cable_ops;
		end->base.loop = loop;
		end->base.up = true;
		end->cable = cable;
		end->work.run = cable_work;
		end->open = true;
		end->queue = malloc(CABLE_QUEUE);
		ends[i] = &end->base;
	}
	if (!cable->ends[0].queue || !cable->ends[1].queue) {
		free(cable->ends[0].queue);
		free(cable->ends[1].queue);
		free(cable);
		return -ENOMEM;
	}
	return 0;
}
