/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The port's own counters (DUMP_ETH_STATS), as port_stats.c keeps them for
 * ndo_get_stats64 and ethtool.
 */
#ifndef MLX4_EN_PORT_STATS_H
#define MLX4_EN_PORT_STATS_H

#include "mlx4_en/en.h"

/* 64-bit counters of the dump, then its 32-bit ones */
#define EN_PORT_WIDE (CX_ETH_STATS_SINGLES / 8)
#define EN_PORT_NARROW ((CX_ETH_STATS_SIZE - CX_ETH_STATS_SINGLES) / 4)
#define EN_FLOW_COUNTERS (CX_FLOW_STATS_SIZE / 8)

/* What was counted since the driver came, through resets of the adapter */
struct en_port_counters {
	u64 wide[EN_PORT_WIDE];
	u64 narrow[EN_PORT_NARROW];
	u64 flow[EN_FLOW_COUNTERS];
};

/*
 * A copy of the counters, read from the adapter just now if it is there.
 * NULL without memory; the caller frees it. May sleep.
 */
struct en_port_counters *en_port_stats_snapshot(struct en_netdev *en);

/* The counter at @offset of the dump: one of the CX_ETH_STATS_* offsets */
static inline u64 en_port_counter(const struct en_port_counters *counters,
				  u32 offset)
{
	if (offset >= CX_ETH_STATS_SINGLES)
		return counters->narrow[(offset - CX_ETH_STATS_SINGLES) / 4];
	return counters->wide[offset / 8];
}

/* The counter of a CX_ETH_STATS_* field */
static inline u64 en_port_field(const struct en_port_counters *counters,
				u32 field)
{
	return en_port_counter(counters, CX_FIELD_OFFSET(field));
}

/* A counter of the flow-control page: a CX_FLOW_STATS_* field of @priority */
static inline u64 en_flow_counter(const struct en_port_counters *counters,
				  u8 priority, u32 field)
{
	return counters->flow[(priority * CX_FLOW_STATS_ENTRY_SIZE +
			       CX_FIELD_OFFSET(field)) /
			      8];
}

/* Sums over priorities and untagged frames; looped-back ones are left out */
u64 en_port_rx_sum(const struct en_port_counters *counters,
		   enum cx_eth_stats_row row);
u64 en_port_tx_sum(const struct en_port_counters *counters,
		   enum cx_eth_stats_row row);
/* The same for the groups of three; @group is a CX_ETH_STATS_?X_... offset */
u64 en_port_triple_sum(const struct en_port_counters *counters, u32 group,
		       u32 item);

u64 en_port_rx_errors(const struct en_port_counters *counters);
u64 en_port_tx_errors(const struct en_port_counters *counters);

/* Sums of the rings' counters, of those before too; any context */
void en_ring_totals(struct en_netdev *en, struct en_rx_stats *rx,
		    struct en_tx_stats *tx);
void en_read_rx_stats(const struct en_rx_ring *ring, struct en_rx_stats *stats);
void en_read_tx_stats(const struct en_tx_ring *ring, struct en_tx_stats *stats);

#endif
