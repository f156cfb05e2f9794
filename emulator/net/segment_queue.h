/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A large frame that goes out in pieces, and may have to wait between two of
 * them.
 */
#ifndef EMULATOR_NET_SEGMENT_QUEUE_H
#define EMULATOR_NET_SEGMENT_QUEUE_H

#include "emulator/net/net_backend.h"
#include "emulator/packet/packet.h"

struct segment_queue {
	struct segmenter segmenter;
	const uint8_t *payload;
	uint32_t next; /* the piece that is due */
	uint32_t mss; /* of the frame; a piece may be a multiple */
	bool active;
	uint8_t *copy; /* NET_FRAME_MAX bytes, or NULL until needed */
};

/**
 * segment_queue_start - begin with @frame, whose bytes are only borrowed
 * @piece_max: if not 0, a piece is as many segments as fit into a frame
 *	of that size, instead of one
 *
 * Return: 0, or -EINVAL if it is not TCP that can be segmented.
 */
int segment_queue_start(struct segment_queue *queue,
			const struct net_frame *frame, uint32_t piece_max);
/*
 * What is left is sent later: takes the bytes over. Return: 0, or -ENOMEM, and
 * the queue is empty.
 */
int segment_queue_keep(struct segment_queue *queue);
/* The size that the next piece has at most */
uint32_t segment_queue_size(const struct segment_queue *queue);
/* Takes note that the piece that was due is sent. */
void segment_queue_advance(struct segment_queue *queue);
void segment_queue_reset(struct segment_queue *queue);
/* Frees what it holds. */
void segment_queue_destroy(struct segment_queue *queue);

#endif
