// SPDX-License-Identifier: GPL-2.0-only
/*
 * One NAPI instance a vector: sends that have completed, then what has been
 * received. Events are asked for once a poll has found everything empty
 * (docs/hardware/datapath.md, Q8.2), and only from queues that owe none.
 */
#include "mlx4_en/channels.h"

static void en_arm_tx(struct en_tx_ring *ring)
{
	if (READ_ONCE(ring->armed) || unlikely(ring->broken))
		return;
	/* Before: the event may come at once, on another processor */
	WRITE_ONCE(ring->armed, true);
	cx_cq_arm(&ring->cq);
}

static void en_arm_rx(struct en_rx_ring *ring)
{
	if (READ_ONCE(ring->armed) || unlikely(ring->broken))
		return;
	if (ring->adaptive)
		en_dim_sample(ring);
	WRITE_ONCE(ring->armed, true);
	cx_cq_arm(&ring->cq);
}

static void en_arm(struct en_channel *channel)
{
	u16 i;

	for (i = 0; i < channel->tx_count; i++)
		en_arm_tx(channel->tx[i]);
	if (channel->xdp_tx)
		en_arm_tx(channel->xdp_tx);
	if (channel->rx)
		en_arm_rx(channel->rx);
}

/**
 * en_channel_event - one of a channel's queues has sent the event it owed
 * @channel: the queue's; @armed of the queue's ring is false by now
 *
 * An event during a poll is left to the end of that poll: it arms the queue,
 * and an adapter that is ahead of the arming sends the next event at once
 * (docs/hardware/datapath.md, Q8.2). NAPI would poll once more for nothing. A
 * NAPI instance that is disabled or polled by a program counts as polling: both
 * end in a poll.
 */
void en_channel_event(struct en_channel *channel)
{
	/* After "not armed", which en_arm() reads once NAPI is complete */
	smp_mb();
	if (!test_bit(NAPI_STATE_SCHED, &channel->napi.state))
		napi_schedule_irqoff(&channel->napi);
}

/**
 * en_channel_poll - NAPI's poll
 * @napi: of a channel
 * @budget: packets that may be received; 0 when netpoll asks
 *
 * Return: packets received, or @budget if there is more to do.
 */
int en_channel_poll(struct napi_struct *napi, int budget)
{
	struct en_channel *channel =
		container_of(napi, struct en_channel, napi);
	bool done = true;
	int work = 0;
	u16 i;

	for (i = 0; i < channel->tx_count; i++)
		done &= en_tx_poll(channel->tx[i], budget);
	if (channel->xdp_tx)
		done &= en_xdp_tx_poll(channel->xdp_tx, budget);
	if (unlikely(!budget))
		return 0;
	if (channel->rx)
		work = en_rx_poll(channel->rx, budget);
	if (!done || work == budget)
		return budget;
	if (napi_complete_done(napi, work))
		en_arm(channel);
	return work;
}
