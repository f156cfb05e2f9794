// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/net/segment_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int segment_queue_start(struct segment_queue *queue,
			const struct net_frame *frame, uint32_t piece_max)
{
	uint32_t piece = frame->mss;
	int error;

	if (frame->header_length > frame->length ||
	    frame->length > NET_FRAME_MAX)
		return -EINVAL;
	if (piece_max > frame->header_length + piece)
		piece = (piece_max - frame->header_length) / piece * piece;
	error = segmenter_init(&queue->segmenter, frame->data,
			       frame->header_length,
			       frame->length - frame->header_length, piece);
	if (error)
		return error;
	if (piece_max)
		queue->segmenter.id_step = (uint16_t)(piece / frame->mss);
	queue->payload = frame->data + frame->header_length;
	queue->mss = frame->mss;
	queue->next = 0;
	queue->active = true;
	return 0;
}

int segment_queue_keep(struct segment_queue *queue)
{
	struct segmenter *s = &queue->segmenter;

	if (!queue->active || s->header == queue->copy)
		return 0;
	if (!queue->copy)
		queue->copy = malloc(NET_FRAME_MAX);
	if (!queue->copy) {
		queue->active = false;
		return -ENOMEM;
	}
	memcpy(queue->copy, s->header, s->header_length + s->payload_length);
	s->header = queue->copy;
	queue->payload = queue->copy + s->header_length;
	return 0;
}

uint32_t segment_queue_size(const struct segment_queue *queue)
{
	const struct segmenter *s = &queue->segmenter;
	uint32_t slice = s->payload_length < s->mss ?
				 (uint32_t)s->payload_length :
				 s->mss;
	uint32_t size = s->header_length + slice;

	return size < ETHERNET_MINIMUM ? ETHERNET_MINIMUM : size;
}

void segment_queue_advance(struct segment_queue *queue)
{
	if (++queue->next == queue->segmenter.count)
		queue->active = false;
}

void segment_queue_reset(struct segment_queue *queue)
{
	queue->active = false;
}

void segment_queue_destroy(struct segment_queue *queue)
{
	free(queue->copy);
	queue->copy = NULL;
	queue->active = false;
}
