/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of a port (DUMP_ETH_STATS) and of the interface counters that
 * queue pairs name (QUERY_IF_STAT).
 */
#ifndef EMULATOR_ADAPTER_PORT_STATISTICS_H
#define EMULATOR_ADAPTER_PORT_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "emulator/packet/packet.h"

struct adapter;
struct port;

/* Columns 0 to 7 are the priorities of the outer tag. */
enum statistics_column_index {
	STATISTICS_UNTAGGED = 8,
	STATISTICS_LOOPBACK = 9, /* transmit only */
	STATISTICS_RX_COLUMNS = 9,
	STATISTICS_TX_COLUMNS = 10,
};

#define STATISTICS_SIZES 10

enum statistics_cast {
	CAST_UNICAST,
	CAST_MULTICAST,
	CAST_BROADCAST,
};

struct statistics_column {
	uint64_t size[STATISTICS_SIZES];
	uint64_t broadcast, multicast, unicast;
	uint64_t octets_framed, octets_unframed, octets;
	uint64_t frames, tagged;
};

struct port_statistics {
	struct statistics_column rx[STATISTICS_RX_COLUMNS];
	struct statistics_column tx[STATISTICS_TX_COLUMNS];
	uint64_t rx_control, in_range_length_errors, out_range_length_errors;
	uint64_t too_long, pcs_errors;
	uint32_t jabbers, crc_errors, runts, short_frames;
	uint32_t dropped, dropped_overflow, dropped_length;
	uint32_t good_frames, tx_dropped;
	/* Not on the wire of any command: why steering refused frames */
	uint64_t filtered_vlan, filtered_multicast, unmatched;
};

struct interface_counter {
	uint64_t rx_frames, rx_bytes, tx_frames, tx_bytes;
};

/* Return: the column that a parsed frame is counted in, 0 to 8. */
static inline unsigned int statistics_column_of(const struct packet_info *info)
{
	return info->vlan_tags ? info->vlan_tci >> 13 : STATISTICS_UNTAGGED;
}

/* Return: the cast of a frame by its first six bytes. */
static inline enum statistics_cast statistics_cast_of(const uint8_t *dmac)
{
	static const uint8_t ones[6] = { 255, 255, 255, 255, 255, 255 };

	if (!(dmac[0] & 1))
		return CAST_UNICAST;
	return memcmp(dmac, ones, sizeof(ones)) ? CAST_MULTICAST :
						  CAST_BROADCAST;
}

/**
 * statistics_receive - count frames that came in from the wire
 * @length: bytes of one frame without FCS; shorter ones count as padded
 * @column: statistics_column_of()
 * @count: frames of this length and kind
 */
void statistics_receive(struct port *port, uint32_t length, unsigned int column,
			enum statistics_cast cast, uint32_t count);
/* Errors that one received frame's length field shows. */
void statistics_check_length(struct port *port, const uint8_t *frame,
			     uint32_t length, const struct packet_info *info);
/* As statistics_receive(); @column may be STATISTICS_LOOPBACK. */
void statistics_transmit(struct port *port, uint32_t length,
			 unsigned int column, enum statistics_cast cast,
			 uint32_t count);

/* Received frames lost: no receive WQE or slow queue; too long for the WQE. */
void statistics_drop_overflow(struct port *port, uint32_t count);
void statistics_drop_length(struct port *port, uint32_t count);
/* Frames given to the port for transmit that did not leave it. */
void statistics_drop_transmit(struct port *port, uint32_t count);

/**
 * statistics_counter_receive - count for the queue pair's counter index
 * @index: QPC counter_index; out of range counts nowhere
 * @bytes: of all @count frames together, without FCS
 */
void statistics_counter_receive(struct adapter *adapter, unsigned int index,
				uint32_t count, uint64_t bytes);
void statistics_counter_transmit(struct adapter *adapter, unsigned int index,
				 uint32_t count, uint64_t bytes);

#endif
