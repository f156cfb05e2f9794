// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of rings: read whole, summed over the rings that are, those that
 * drain, and those that were.
 */
#include "mlx4_en/port_stats.h"

/* All members of the ring's counters are u64: sums need not name them */
#define EN_COUNTERS(stats) (sizeof(*(stats)) / sizeof(u64))

static void en_add_counters(void *sum, const void *part, size_t count)
{
	const u64 *from = part;
	u64 *to = sum;

	while (count--)
		*to++ += *from++;
}

/*
 * Counted while they are read: a host of 64 bits, the only kind that the drivers
 * run on (cx_cq_arm()), reads and writes each in one piece.
 */
void en_read_rx_stats(const struct en_rx_ring *ring, struct en_rx_stats *stats)
{
	*stats = ring->stats;
}

void en_read_tx_stats(const struct en_tx_ring *ring, struct en_tx_stats *stats)
{
	*stats = ring->stats;
}

static void en_add_tx_ring(struct en_tx_stats *sum,
			   const struct en_tx_ring *ring)
{
	struct en_tx_stats part;

	if (!ring)
		return;
	en_read_tx_stats(ring, &part);
	en_add_counters(sum, &part, EN_COUNTERS(sum));
}

static void en_add_channels(const struct en_channels *channels,
			    struct en_rx_stats *rx, struct en_tx_stats *tx)
{
	struct en_rx_stats part;
	int i;

	if (!channels)
		return;
	for (i = 0; i < channels->count; i++) {
		const struct en_channel *channel = channels->channel[i];

		if (channel->rx) {
			en_read_rx_stats(channel->rx, &part);
			en_add_counters(rx, &part, EN_COUNTERS(rx));
		}
		en_add_tx_ring(tx, channel->xdp_tx);
	}
	for (i = 0; i < channels->tx_count; i++)
		en_add_tx_ring(tx, channels->tx[i]);
}

void en_ring_totals(struct en_netdev *en, struct en_rx_stats *rx,
		    struct en_tx_stats *tx)
{
	spin_lock_bh(&en->stats_lock);
	*rx = en->rx_before;
	*tx = en->tx_before;
	en_add_channels(en->draining, rx, tx);
	en_add_channels(en->channels, rx, tx);
	spin_unlock_bh(&en->stats_lock);
}

/**
 * en_stats_swap - put channels in the place of others, for counting too
 * @en: the device. Under rtnl.
 * @channels: the new ones, or NULL when the device closes
 */
void en_stats_swap(struct en_netdev *en, struct en_channels *channels)
{
	spin_lock_bh(&en->stats_lock);
	en->draining = en->channels;
	WRITE_ONCE(en->channels, channels);
	spin_unlock_bh(&en->stats_lock);
}

/**
 * en_stats_retire - count those that drained among the ones before
 * @en: the device. Under rtnl; en->draining may be destroyed afterwards.
 */
void en_stats_retire(struct en_netdev *en)
{
	spin_lock_bh(&en->stats_lock);
	en_add_channels(en->draining, &en->rx_before, &en->tx_before);
	en->draining = NULL;
	spin_unlock_bh(&en->stats_lock);
}

/**
 * en_stats_retire_tx - count one ring among the ones before
 * @en: the device. Under rtnl.
 * @ring: it counts no more; it begins at 0 if it is used again
 */
void en_stats_retire_tx(struct en_netdev *en, struct en_tx_ring *ring)
{
	spin_lock_bh(&en->stats_lock);
	en_add_tx_ring(&en->tx_before, ring);
	memset(&ring->stats, 0, sizeof(ring->stats));
	spin_unlock_bh(&en->stats_lock);
}
