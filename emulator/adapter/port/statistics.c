// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counting frames, and the commands that read the counters.
 */
#include <string.h>

#include "connectx/device.h"
#include "connectx/field.h"
#include "connectx/statistics.h"
#include "emulator/adapter/ethernet_commands.h"

_Static_assert(CX_ETH_STATS_SINGLES + 9 * 4 == CX_ETH_STATS_SIZE,
	       "the dump's parts add up");
_Static_assert(STATISTICS_SIZES == CX_ETH_STATS_SIZE_ROWS, "size bins");
_Static_assert(STATISTICS_UNTAGGED == CX_ETH_STATS_UNTAGGED, "columns");
_Static_assert(STATISTICS_LOOPBACK == CX_ETH_STATS_LOOPBACK, "columns");

#define FCS 4
#define PREAMBLE_AND_GAP 20

/* Return: the row of a frame of @wire bytes with FCS. */
static unsigned int size_row(const struct port *port, uint32_t wire)
{
	static const uint16_t limits[] = { 64,	 127,  255,  511,
					   1023, 1518, 1522, 1548 };

	for (unsigned int i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (wire <= limits[i])
			return CX_ETH_STATS_64 + i;
	return wire <= port->frame_limit ? CX_ETH_STATS_TO_MTU :
					   CX_ETH_STATS_GIANT;
}

static void count_frames(const struct port *port,
			 struct statistics_column *column, uint32_t length,
			 bool tagged, enum statistics_cast cast, uint32_t count)
{
	uint32_t padded = length < ETHERNET_MINIMUM ? ETHERNET_MINIMUM : length;
	uint32_t wire = padded + FCS;

	column->size[size_row(port, wire)] += count;
	column->frames += count;
	if (tagged)
		column->tagged += count;
	column->octets += (uint64_t)wire * count;
	column->octets_unframed += (uint64_t)padded * count;
	column->octets_framed += (uint64_t)(wire + PREAMBLE_AND_GAP) * count;
	switch (cast) {
	case CAST_UNICAST:
		column->unicast += count;
		break;
	case CAST_MULTICAST:
		column->multicast += count;
		break;
	case CAST_BROADCAST:
		column->broadcast += count;
		break;
	}
}

void statistics_receive(struct port *port, uint32_t length, unsigned int column,
			enum statistics_cast cast, uint32_t count)
{
	struct port_statistics *statistics = &port->statistics;

	count_frames(port, &statistics->rx[column], length,
		     column < STATISTICS_UNTAGGED, cast, count);
	statistics->good_frames += count;
	if (length + FCS > port->frame_limit)
		statistics->too_long += count;
}

void statistics_check_length(struct port *port, const uint8_t *frame,
			     uint32_t length, const struct packet_info *info)
{
	unsigned int header = ETHERNET_HEADER + VLAN_TAG * info->vlan_tags;
	/* A shorter field is padded to the minimum and not an error */
	unsigned int minimum = ETHERNET_MINIMUM - header;

	if (info->ethertype > 1535 || length < header)
		return;
	if (info->ethertype > 1500)
		port->statistics.out_range_length_errors++;
	else if (info->ethertype >= minimum &&
		 info->ethertype != length - header)
		port->statistics.in_range_length_errors++;
}

void statistics_transmit(struct port *port, uint32_t length,
			 unsigned int column, enum statistics_cast cast,
			 uint32_t count)
{
	count_frames(port, &port->statistics.tx[column], length,
		     column < STATISTICS_UNTAGGED, cast, count);
}

void statistics_drop_overflow(struct port *port, uint32_t count)
{
	port->statistics.dropped += count;
	port->statistics.dropped_overflow += count;
}

void statistics_drop_length(struct port *port, uint32_t count)
{
	port->statistics.dropped += count;
	port->statistics.dropped_length += count;
}

void statistics_drop_transmit(struct port *port, uint32_t count)
{
	port->statistics.tx_dropped += count;
}

void statistics_counter_receive(struct adapter *adapter, unsigned int index,
				uint32_t count, uint64_t bytes)
{
	struct ethernet *ethernet = &adapter->ethernet;

	if (!ethernet->counters_enabled || index >= ethernet->counter_count)
		return;
	ethernet->counters[index].rx_frames += count;
	ethernet->counters[index].rx_bytes += bytes;
}

void statistics_counter_transmit(struct adapter *adapter, unsigned int index,
				 uint32_t count, uint64_t bytes)
{
	struct ethernet *ethernet = &adapter->ethernet;

	if (!ethernet->counters_enabled || index >= ethernet->counter_count)
		return;
	ethernet->counters[index].tx_frames += count;
	ethernet->counters[index].tx_bytes += bytes;
}

static void dump_rows(u8 *at, unsigned int columns, unsigned int column,
		      const struct statistics_column *from)
{
	unsigned int stride = columns * 8;

	at += column * 8;
	for (unsigned int row = 0; row < CX_ETH_STATS_SIZE_ROWS; row++)
		cx_store_be64(at + row * stride, from->size[row]);
	cx_store_be64(at + CX_ETH_STATS_BROADCAST * stride, from->broadcast);
	cx_store_be64(at + CX_ETH_STATS_MULTICAST * stride, from->multicast);
	cx_store_be64(at + CX_ETH_STATS_UNICAST * stride, from->unicast);
}

static void dump_triples(u8 *out, unsigned int octets, unsigned int totals,
			 unsigned int column,
			 const struct statistics_column *from)
{
#define PUT(group, item, value) \
	cx_store_be64(out + CX_ETH_STATS_TRIPLE(group, column, item), value)
	PUT(octets, CX_ETH_STATS_OCTETS_FRAMED, from->octets_framed);
	PUT(octets, CX_ETH_STATS_OCTETS_UNFRAMED, from->octets_unframed);
	PUT(octets, CX_ETH_STATS_OCTETS, from->octets);
	PUT(totals, CX_ETH_STATS_FRAMES, from->frames);
	PUT(totals, CX_ETH_STATS_TAGGED, from->tagged);
#undef PUT
}

static void dump_main(const struct port_statistics *from, u8 *out)
{
	for (unsigned int i = 0; i < STATISTICS_RX_COLUMNS; i++) {
		dump_rows(out, CX_ETH_STATS_RX_COLUMNS, i, &from->rx[i]);
		dump_triples(out, CX_ETH_STATS_RX_OCTETS,
			     CX_ETH_STATS_RX_TOTALS, i, &from->rx[i]);
	}
	for (unsigned int i = 0; i < STATISTICS_TX_COLUMNS; i++) {
		dump_rows(out + CX_ETH_STATS_TX, CX_ETH_STATS_TX_COLUMNS, i,
			  &from->tx[i]);
		dump_triples(out, CX_ETH_STATS_TX_OCTETS,
			     CX_ETH_STATS_TX_TOTALS, i, &from->tx[i]);
	}
	cx_set(out, CX_ETH_STATS_RX_CONTROL, from->rx_control);
	cx_set(out, CX_ETH_STATS_RX_IN_RANGE_LENGTH,
	       from->in_range_length_errors);
	cx_set(out, CX_ETH_STATS_RX_OUT_RANGE_LENGTH,
	       from->out_range_length_errors);
	cx_set(out, CX_ETH_STATS_RX_TOO_LONG, from->too_long);
	cx_set(out, CX_ETH_STATS_RX_PCS, from->pcs_errors);
	cx_set(out, CX_ETH_STATS_RX_JABBER, from->jabbers);
	cx_set(out, CX_ETH_STATS_RX_CRC, from->crc_errors);
	cx_set(out, CX_ETH_STATS_RX_RUNT, from->runts);
	cx_set(out, CX_ETH_STATS_RX_SHORT, from->short_frames);
	cx_set(out, CX_ETH_STATS_RX_DROP, from->dropped);
	cx_set(out, CX_ETH_STATS_RX_DROP_OVERFLOW, from->dropped_overflow);
	cx_set(out, CX_ETH_STATS_RX_DROP_LENGTH, from->dropped_length);
	cx_set(out, CX_ETH_STATS_RX_GOOD_FRAMES, from->good_frames);
	cx_set(out, CX_ETH_STATS_TX_DROP, from->tx_dropped);
}

static u8 dump_eth_stats(struct adapter *adapter, struct command *command)
{
	struct port *port =
		port_find(adapter, command->in_mod & CX_ETH_STATS_PORT_MASK);

	if (!port)
		return CX_STATUS_BAD_INDEX;
	if (command->in_mod & CX_ETH_STATS_FLOW_CONTROL) {
		/* A virtual link never pauses: all counters are 0 */
		if (!profile_cap(&adapter->ethernet.profile,
				 CX_DEV_CAP_FLOW_STATISTICS))
			return CX_STATUS_BAD_PARAM;
		command->out_length = CX_FLOW_STATS_SIZE;
		return CX_STATUS_OK;
	}
	dump_main(&port->statistics, command->out);
	command->out_length = CX_ETH_STATS_SIZE;
	if (command->in_mod & CX_ETH_STATS_RESET)
		memset(&port->statistics, 0, sizeof(port->statistics));
	return CX_STATUS_OK;
}

static u8 query_if_stat(struct adapter *adapter, struct command *command)
{
	struct ethernet *ethernet = &adapter->ethernet;
	u32 index = command->in_mod & CX_IF_STAT_COUNTER_MASK;
	u8 *out = command->out;
	struct interface_counter *counter;

	if (!ethernet->counter_count)
		return CX_STATUS_BAD_OP;
	if (index >= ethernet->counter_count)
		return CX_STATUS_BAD_INDEX;
	counter = &ethernet->counters[index];
	cx_set(out, CX_IF_STAT_MODE, CX_IF_STAT_MODE_BASIC);
	cx_set(out, CX_IF_STAT_INTERFACES, 1);
	cx_set(out, CX_IF_STAT_RX_FRAMES, counter->rx_frames);
	cx_set(out, CX_IF_STAT_RX_BYTES, counter->rx_bytes);
	cx_set(out, CX_IF_STAT_TX_FRAMES, counter->tx_frames);
	cx_set(out, CX_IF_STAT_TX_BYTES, counter->tx_bytes);
	command->out_length = CX_IF_STAT_SIZE;
	if (command->in_mod & CX_IF_STAT_RESET)
		memset(counter, 0, sizeof(*counter));
	return CX_STATUS_OK;
}

/* InfiniBand's transport counters: this card has no such traffic. */
static u8 diag_rprt(struct adapter *adapter, struct command *command)
{
	command->out_length = CX_DIAG_RPRT_SIZE;
	return CX_STATUS_OK;
}

const struct command_binding statistics_commands[] = {
	{ CX_CMD_DUMP_ETH_STATS, dump_eth_stats },
	{ CX_CMD_QUERY_IF_STAT, query_if_stat },
	{ CX_CMD_DIAG_RPRT, diag_rprt },
	{ 0, NULL },
};
