/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DUMP_ETH_STATS and QUERY_IF_STAT (docs/hardware/statistics.md).
 *
 * The dump is rows of columns: a column a priority, one for untagged frames,
 * and, on transmit, one for frames that looped back.
 */
#ifndef CONNECTX_STATISTICS_H
#define CONNECTX_STATISTICS_H

#include "connectx/field.h"

/* DUMP_ETH_STATS' input modifier */
#define CX_ETH_STATS_PORT_MASK 0xffu
#define CX_ETH_STATS_RESET (1u << 8)
#define CX_ETH_STATS_FLOW_CONTROL (1u << 12)

#define CX_ETH_STATS_SIZE 0xbac
#define CX_ETH_STATS_RX_COLUMNS 9
#define CX_ETH_STATS_TX_COLUMNS 10
#define CX_ETH_STATS_UNTAGGED 8
#define CX_ETH_STATS_LOOPBACK 9

/* Rows of one 64-bit counter a column, receive and transmit alike */
enum cx_eth_stats_row {
	CX_ETH_STATS_64,
	CX_ETH_STATS_127,
	CX_ETH_STATS_255,
	CX_ETH_STATS_511,
	CX_ETH_STATS_1023,
	CX_ETH_STATS_1518,
	CX_ETH_STATS_1522,
	CX_ETH_STATS_1548,
	CX_ETH_STATS_TO_MTU,
	CX_ETH_STATS_GIANT,
	CX_ETH_STATS_BROADCAST,
	CX_ETH_STATS_MULTICAST,
	CX_ETH_STATS_UNICAST,
	CX_ETH_STATS_ROWS,
};
#define CX_ETH_STATS_SIZE_ROWS CX_ETH_STATS_BROADCAST

/* Behind them two groups of three 64-bit counters a column */
enum cx_eth_stats_octets {
	CX_ETH_STATS_OCTETS_FRAMED, /* with preamble, gap and FCS */
	CX_ETH_STATS_OCTETS_UNFRAMED,
	CX_ETH_STATS_OCTETS, /* of good frames */
};
enum cx_eth_stats_totals {
	CX_ETH_STATS_FRAMES,
	CX_ETH_STATS_TAGGED,
};

#define CX_ETH_STATS_RX_OFFSET(row, column) \
	(((row)*CX_ETH_STATS_RX_COLUMNS + (column)) * 8)
#define CX_ETH_STATS_RX_OCTETS CX_ETH_STATS_RX_OFFSET(CX_ETH_STATS_ROWS, 0)
#define CX_ETH_STATS_RX_TOTALS \
	(CX_ETH_STATS_RX_OCTETS + CX_ETH_STATS_RX_COLUMNS * 24)
#define CX_ETH_STATS_RX_SINGLES \
	(CX_ETH_STATS_RX_TOTALS + CX_ETH_STATS_RX_COLUMNS * 24)
#define CX_ETH_STATS_TX (CX_ETH_STATS_RX_SINGLES + 8 * 8)
#define CX_ETH_STATS_TX_OFFSET(row, column) \
	(CX_ETH_STATS_TX + ((row)*CX_ETH_STATS_TX_COLUMNS + (column)) * 8)
#define CX_ETH_STATS_TX_OCTETS CX_ETH_STATS_TX_OFFSET(CX_ETH_STATS_ROWS, 0)
#define CX_ETH_STATS_TX_TOTALS \
	(CX_ETH_STATS_TX_OCTETS + CX_ETH_STATS_TX_COLUMNS * 24)
#define CX_ETH_STATS_SINGLES \
	(CX_ETH_STATS_TX_TOTALS + CX_ETH_STATS_TX_COLUMNS * 24)
/* Counter @item of a column's group of three that begins at @group */
#define CX_ETH_STATS_TRIPLE(group, column, item) \
	((group) + (column)*24 + (item)*8)

/* Counters without columns: four of 64 bits, nine of 32 bits */
#define CX_ETH_STATS_FIELDS(F)                                               \
	F(ETH_STATS, RX_CONTROL, CX_ETH_STATS_RX_SINGLES, 0, 64)             \
	F(ETH_STATS, RX_IN_RANGE_LENGTH, CX_ETH_STATS_RX_SINGLES + 0x20, 0,  \
	  64)                                                                \
	F(ETH_STATS, RX_OUT_RANGE_LENGTH, CX_ETH_STATS_RX_SINGLES + 0x28, 0, \
	  64)                                                                \
	F(ETH_STATS, RX_TOO_LONG, CX_ETH_STATS_RX_SINGLES + 0x30, 0, 64)     \
	F(ETH_STATS, RX_PCS, CX_ETH_STATS_RX_SINGLES + 0x38, 0, 64)          \
	F(ETH_STATS, RX_JABBER, CX_ETH_STATS_SINGLES, 0, 32)                 \
	F(ETH_STATS, RX_CRC, CX_ETH_STATS_SINGLES + 0x04, 0, 32)             \
	F(ETH_STATS, RX_RUNT, CX_ETH_STATS_SINGLES + 0x08, 0, 32)            \
	F(ETH_STATS, RX_SHORT, CX_ETH_STATS_SINGLES + 0x0c, 0, 32)           \
	F(ETH_STATS, RX_DROP, CX_ETH_STATS_SINGLES + 0x10, 0, 32)            \
	F(ETH_STATS, RX_DROP_OVERFLOW, CX_ETH_STATS_SINGLES + 0x14, 0, 32)   \
	F(ETH_STATS, RX_DROP_LENGTH, CX_ETH_STATS_SINGLES + 0x18, 0, 32)     \
	F(ETH_STATS, RX_GOOD_FRAMES, CX_ETH_STATS_SINGLES + 0x1c, 0, 32)     \
	F(ETH_STATS, TX_DROP, CX_ETH_STATS_SINGLES + 0x20, 0, 32)
enum { CX_ETH_STATS_FIELDS(CX_FIELD_CONSTANT) };

/* The flow-control page: an entry a priority */
#define CX_FLOW_STATS_ENTRY_SIZE 64
#define CX_FLOW_STATS_SIZE (8 * CX_FLOW_STATS_ENTRY_SIZE)
#define CX_FLOW_STATS_FIELDS(F)                   \
	F(FLOW_STATS, RX_PAUSE, 0x00, 0, 64)      \
	F(FLOW_STATS, RX_DURATION, 0x08, 0, 64)   \
	F(FLOW_STATS, RX_TRANSITION, 0x10, 0, 64) \
	F(FLOW_STATS, TX_PAUSE, 0x18, 0, 64)      \
	F(FLOW_STATS, TX_DURATION, 0x20, 0, 64)   \
	F(FLOW_STATS, TX_TRANSITION, 0x28, 0, 64)
enum { CX_FLOW_STATS_FIELDS(CX_FIELD_CONSTANT) };

/* DIAG_RPRT: counters of InfiniBand transport */
#define CX_DIAG_RPRT_SIZE 0x100

/* QUERY_IF_STAT: input modifier and output */
#define CX_IF_STAT_RESET (1u << 31)
#define CX_IF_STAT_COUNTER_MASK 0x7fffffffu
#define CX_IF_STAT_SIZE 48
#define CX_IF_STAT_FIELDS(F)                \
	F(IF_STAT, MODE, 0x00, 0, 8)        \
	F(IF_STAT, INTERFACES, 0x04, 0, 32) \
	F(IF_STAT, RX_FRAMES, 0x10, 0, 64)  \
	F(IF_STAT, RX_BYTES, 0x18, 0, 64)   \
	F(IF_STAT, TX_FRAMES, 0x20, 0, 64)  \
	F(IF_STAT, TX_BYTES, 0x28, 0, 64)
enum { CX_IF_STAT_FIELDS(CX_FIELD_CONSTANT) };
#define CX_IF_STAT_MODE_BASIC 0

#endif
