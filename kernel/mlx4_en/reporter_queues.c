// SPDX-License-Identifier: GPL-2.0-only
/*
 * What devlink's reporters show of the queues. They run meanwhile: what is
 * shown of two counters need not be of one moment.
 */
#include "mlx4_en/reporter.h"
#include "mlx4_en/tx_ring.h"

static void en_tell_cq(struct devlink_fmsg *fmsg, const struct cx_cq *cq,
		       bool deep)
{
	u32 consumer = READ_ONCE(cq->consumer);

	devlink_fmsg_u32_pair_put(fmsg, "CQ", cq->number);
	devlink_fmsg_u32_pair_put(fmsg, "vector", cq->vector);
	devlink_fmsg_u32_pair_put(fmsg, "completions taken", consumer);
	devlink_fmsg_bool_pair_put(fmsg, "completions waiting",
				   cx_cq_next(cq, consumer));
	if (deep)
		devlink_fmsg_binary_pair_put(fmsg, "next completion",
					     cx_cq_entry(cq, consumer),
					     CX_CQE_SIZE);
}

static void en_tell_tx_ring(struct devlink_fmsg *fmsg, struct en_tx_ring *ring,
			    bool deep)
{
	u32 consumer = READ_ONCE(ring->consumer);

	devlink_fmsg_obj_nest_start(fmsg);
	devlink_fmsg_u32_pair_put(fmsg, "queue", ring->index);
	devlink_fmsg_bool_pair_put(fmsg, "XDP", en_is_xdp(ring));
	devlink_fmsg_u32_pair_put(fmsg, "QP", ring->qp.number);
	devlink_fmsg_u32_pair_put(fmsg, "descriptors", ring->entries);
	devlink_fmsg_u32_pair_put(fmsg, "in flight",
				  READ_ONCE(ring->producer) - consumer);
	if (!en_is_xdp(ring)) {
		struct en_netdev *en = ring->channel->en;

		devlink_fmsg_bool_pair_put(
			fmsg, "stopped",
			netif_tx_queue_stopped(
				netdev_get_tx_queue(en->dev, ring->index)));
		devlink_fmsg_bool_pair_put(
			fmsg, "hangs", test_bit(ring->index, en->tx_timeouts));
	}
	devlink_fmsg_bool_pair_put(fmsg, "broken", ring->broken);
	devlink_fmsg_bool_pair_put(fmsg, "armed", READ_ONCE(ring->armed));
	en_tell_cq(fmsg, &ring->cq, deep);
	if (deep)
		devlink_fmsg_binary_pair_put(fmsg, "oldest descriptor",
					     en_block(ring, consumer),
					     EN_BLOCK);
	devlink_fmsg_obj_nest_end(fmsg);
}

void en_tell_tx(struct en_netdev *en, struct devlink_fmsg *fmsg, bool deep)
{
	struct en_channels *channels = en->channels;
	u16 i;

	devlink_fmsg_arr_pair_nest_start(fmsg, "queues");
	for (i = 0; channels && i < channels->tx_count; i++)
		en_tell_tx_ring(fmsg, channels->tx[i], deep);
	for (i = 0; channels && i < channels->count; i++)
		if (channels->channel[i]->xdp_tx)
			en_tell_tx_ring(fmsg, channels->channel[i]->xdp_tx,
					deep);
	devlink_fmsg_arr_pair_nest_end(fmsg);
}

static void en_tell_rx_ring(struct devlink_fmsg *fmsg, struct en_rx_ring *ring,
			    bool deep)
{
	devlink_fmsg_obj_nest_start(fmsg);
	devlink_fmsg_u32_pair_put(fmsg, "queue", ring->index);
	devlink_fmsg_u32_pair_put(fmsg, "QP", ring->qp.number);
	devlink_fmsg_u32_pair_put(fmsg, "descriptors", ring->entries);
	devlink_fmsg_u32_pair_put(
		fmsg, "posted", be32_to_cpu(READ_ONCE(*ring->record.address)));
	devlink_fmsg_bool_pair_put(fmsg, "broken", ring->broken);
	devlink_fmsg_bool_pair_put(fmsg, "armed", READ_ONCE(ring->armed));
	en_tell_cq(fmsg, &ring->cq, deep);
	devlink_fmsg_obj_nest_end(fmsg);
}

void en_tell_rx(struct en_netdev *en, struct devlink_fmsg *fmsg, bool deep)
{
	struct en_channels *channels = en->channels;
	u16 i;

	devlink_fmsg_arr_pair_nest_start(fmsg, "queues");
	for (i = 0; channels && i < channels->config.rx_channels; i++)
		en_tell_rx_ring(fmsg, channels->channel[i]->rx, deep);
	devlink_fmsg_arr_pair_nest_end(fmsg);
}
