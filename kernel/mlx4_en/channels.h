/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that build, poll and exchange channels share. */
#ifndef MLX4_EN_CHANNELS_H
#define MLX4_EN_CHANNELS_H

#include "mlx4_en/en.h"

/* channel_poll.c */
void en_channel_event(struct en_channel *channel);
int en_channel_poll(struct napi_struct *napi, int budget);

/* channels.c */
struct en_tx_ring *en_tx_ring_build(struct en_channels *channels,
				    struct en_channel *channel,
				    struct netdev_queue *queue, u16 index);
void en_tx_ring_demolish(struct en_tx_ring *ring);
void en_channels_drain(struct en_channels *channels);

/* reconfigure.c */
void en_channels_activate(struct en_netdev *en, struct en_channels *channels);
struct en_channels *en_channels_deactivate(struct en_netdev *en);

/* channels.c; arfs.c too */
int en_rss_start(struct en_channels *channels, struct cx_qp *qp, u16 first,
		 u16 queues);
void en_rss_stop(struct cx_qp *qp);

#endif
