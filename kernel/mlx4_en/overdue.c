// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of completion queues that never come: a queue that owes one would rest
 * for good, with what completed in it. mlx4_core sees to interrupts that get
 * lost on their way (event_watch.c); an event that was never written it cannot
 * see. Each queue is looked at once a second, in memory alone. If an entry waits at
 * two looks in a row, and the event was owed at both, the event's place is taken.
 * An event that was written has been found by then: mlx4_core looks more often.
 */
#include "mlx4_en/en.h"

/*
 * No moderation delays an event for as long as lies between two looks: its
 * longest period has 16 bits of microseconds (docs/hardware/queues.md, Q4.8).
 */
static bool en_is_overdue(struct en_overdue *seen, const struct cx_cq *cq,
			  bool owed)
{
	u32 consumer = READ_ONCE(cq->consumer);
	bool waiting = owed && cx_cq_next(cq, consumer);
	bool overdue = waiting && seen->waiting && seen->consumer == consumer;

	seen->waiting = waiting && !overdue;
	seen->consumer = consumer;
	return overdue;
}

static bool en_take_event(struct en_overdue *seen, struct cx_cq *cq, bool owed)
{
	if (likely(!en_is_overdue(seen, cq, owed)))
		return false;
	cx_cq_take_event(cq);
	return true;
}

static bool en_look_at_tx(struct en_tx_ring *ring)
{
	return en_take_event(&ring->overdue, &ring->cq,
			     READ_ONCE(ring->armed) && !ring->broken);
}

static bool en_look_at_rx(struct en_rx_ring *ring)
{
	return en_take_event(&ring->overdue, &ring->cq,
			     READ_ONCE(ring->armed) && !ring->broken);
}

static unsigned int en_look_at_channel(struct en_channel *channel)
{
	unsigned int taken = 0;
	u16 i;

	for (i = 0; i < channel->tx_count; i++)
		taken += en_look_at_tx(channel->tx[i]);
	if (channel->xdp_tx)
		taken += en_look_at_tx(channel->xdp_tx);
	if (channel->rx)
		taken += en_look_at_rx(channel->rx);
	return taken;
}

/**
 * en_overdue_tick - take the place of events that have not come
 * @en: the device, from its service work; once a second
 */
void en_overdue_tick(struct en_netdev *en)
{
	unsigned int taken = 0;
	u16 i;

	if (cx_adapter_failed(en->adapter))
		return;
	/* Rings stay as long as it is held (struct en_netdev) */
	spin_lock_bh(&en->stats_lock);
	for (i = 0; en->channels && i < en->channels->count; i++)
		taken += en_look_at_channel(en->channels->channel[i]);
	spin_unlock_bh(&en->stats_lock);
	if (taken && net_ratelimit())
		netdev_warn(en->dev, "no event came for completions (%u)\n",
			    taken);
}
