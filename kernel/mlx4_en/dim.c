// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adaptive moderation of receive queues, by the kernel's DIM. The adapter's
 * period counts from the first completion after an event, which DIM calls
 * starting from EQE.
 */
#include "mlx4_en/en.h"

static void en_dim_work(struct work_struct *work)
{
	struct dim *dim = container_of(work, struct dim, work);
	struct en_rx_ring *ring = container_of(dim, struct en_rx_ring, dim);
	struct dim_cq_moder moderation;

	moderation = net_dim_get_rx_moderation(dim->mode, dim->profile_ix);
	if (READ_ONCE(ring->adaptive))
		cx_cq_moderate(&ring->cq, moderation.usec, moderation.pkts);
	dim->state = DIM_START_MEASURE;
}

/**
 * en_dim_start - begin to measure
 * @channels: new ones, before their NAPI runs
 */
void en_dim_start(struct en_channels *channels)
{
	int i;

	for (i = 0; i < channels->count; i++) {
		struct en_rx_ring *ring = channels->channel[i]->rx;

		if (!ring)
			continue;
		memset(&ring->dim, 0, sizeof(ring->dim));
		ring->dim.mode = DIM_CQ_PERIOD_MODE_START_FROM_EQE;
		INIT_WORK(&ring->dim.work, en_dim_work);
	}
}

/**
 * en_dim_stop - end the works
 * @channels: channels whose NAPI does not run, since an RCU period
 */
void en_dim_stop(struct en_channels *channels)
{
	int i;

	for (i = 0; i < channels->count; i++)
		if (channels->channel[i]->rx)
			cancel_work_sync(&channels->channel[i]->rx->dim.work);
}

/**
 * en_dim_sample - measure once more
 * @ring: a receive ring; its channel's NAPI is about to arm
 */
void en_dim_sample(struct en_rx_ring *ring)
{
	struct dim_sample sample = {};

	dim_update_sample(ring->events, ring->stats.packets, ring->stats.bytes,
			  &sample);
	net_dim(&ring->dim, &sample);
}
