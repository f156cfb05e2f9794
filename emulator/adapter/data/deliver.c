// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatters a frame over the buffers of a receive WQE and writes the
 * completion (docs/hardware/datapath.md).
 */
#include "connectx/device.h"
#include "emulator/adapter/data/deliver.h"
#include "emulator/adapter/data/transmit.h"

#define RQ_STRIDE_MAX 2048
#define MAC_BYTES 6
#define FCS_BYTES 4
#define SUM_GOOD 0xffff
#define RECORD_MASK 0xffffu
#define PIECES_MAX 3

struct piece {
	const u8 *data;
	u32 length;
};

/* What the guest gets: the frame, maybe without its tag, maybe with FCS */
struct outgoing {
	struct piece piece[PIECES_MAX];
	unsigned int count;
	u32 length;
	bool stripped;
	u8 fcs[FCS_BYTES];
};

static void add_piece(struct outgoing *out, const u8 *data, u32 length)
{
	out->piece[out->count++] = (struct piece){ data, length };
	out->length += length;
}

static void arrange(const struct queue_pair *qp, const struct inbound *inbound,
		    struct outgoing *out)
{
	out->count = 0;
	out->length = 0;
	out->stripped = inbound->info.vlan_tags &&
			!cx_get(qp->context, CX_QPC_VLAN_STRIP_OFF);
	if (out->stripped) {
		add_piece(out, inbound->frame, 2 * MAC_BYTES);
		add_piece(out, inbound->frame + 2 * MAC_BYTES + VLAN_TAG,
			  inbound->length - 2 * MAC_BYTES - VLAN_TAG);
	} else {
		add_piece(out, inbound->frame, inbound->length);
	}
	if (cx_get(qp->context, CX_QPC_FCS_KEEP)) {
		u32 fcs = crc32_ethernet(inbound->frame, inbound->length);

		if (inbound->bad_fcs)
			fcs = ~fcs;
		/* On the wire the FCS goes out least significant byte first */
		for (unsigned int i = 0; i < FCS_BYTES; i++)
			out->fcs[i] = fcs >> 8 * i;
		add_piece(out, out->fcs, FCS_BYTES);
	}
}

/* Buffers that are posted and not used yet; -1 if the record is nonsense */
static int posted(struct adapter *adapter, const struct queue_pair *qp)
{
	u8 record[4];
	u32 ready;

	if (guest_memory_read(adapter->memory, qp->record, record,
			      sizeof(record)))
		return adapter_memory_settling(adapter) ? 0 : -1;
	ready = (cx_get(record, CX_RQ_RECORD_POSTED) - qp->rq_head) &
		RECORD_MASK;
	return ready > 1u << qp->log_rq_size ? -1 : (int)ready;
}

static int read_wqe(struct adapter *adapter, struct queue_pair *qp, u8 *wqe)
{
	u64 slot = qp->rq_head & ((1u << qp->log_rq_size) - 1);

	return ring_read(adapter, &qp->ring,
			 qp->rq_offset + (slot << qp->log_rq_stride), wqe,
			 1u << qp->log_rq_stride);
}

static bool entry_ends_list(const u8 *entry)
{
	return !cx_get(entry, CX_DATA_LENGTH) ||
	       cx_get(entry, CX_DATA_LKEY) == CX_LKEY_INVALID;
}

static u64 capacity(const u8 *wqe, u32 stride)
{
	u64 bytes = 0;

	for (u32 at = 0; at < stride && !entry_ends_list(wqe + at);
	     at += CX_DATA_SIZE)
		bytes += cx_get(wqe + at, CX_DATA_LENGTH);
	return bytes;
}

/* Return: false on a protection error. The list is long enough. */
static bool scatter(struct adapter *adapter, struct queue_pair *qp,
		    const u8 *wqe, const struct outgoing *out)
{
	const struct piece *piece = out->piece;
	u32 done = 0;

	for (;; wqe += CX_DATA_SIZE) {
		u64 address = cx_get(wqe, CX_DATA_ADDRESS);
		u32 room = cx_get(wqe, CX_DATA_LENGTH);

		while (room) {
			u32 part = piece->length - done;

			if (part > room)
				part = room;
			if (memory_region_copy(
				    adapter, cx_get(wqe, CX_DATA_LKEY), qp->pd,
				    address, (u8 *)piece->data + done, part,
				    true))
				return false;
			address += part;
			room -= part;
			done += part;
			if (done < piece->length)
				continue;
			done = 0;
			if (++piece == out->piece + out->count)
				return true;
		}
	}
}

/*
 * The sum for packets that are neither TCP nor UDP, as ports whose checksum
 * mode is "also others" report it (docs/hardware/offloads.md).
 */
static u16 other_sum(const u8 *frame, u32 length,
		     const struct packet_info *info)
{
	const u8 *l3 = frame + info->l3_offset;
	u32 header, bytes;

	if (info->truncated || info->l3_end > length)
		return 0;
	bytes = info->l3_end - info->l3_offset;
	if (info->ipv6) {
		/* Addresses and everything behind the header, and the length
		 * field; not the first dword, next header or hop limit
		 */
		u16 sum = checksum_add(l3 + 4, 2, 0);

		return checksum_add(l3 + 8, bytes - 8, sum);
	}
	header = (l3[0] & 0xf) * 4;
	return checksum_add(l3 + header, bytes - header,
			    checksum_pseudo_header(frame, info,
						   bytes - header));
}

static bool sums_other_packets(const struct adapter *adapter)
{
	u8 mode = adapter->ethernet.rx_checksum_mode;

	return mode == CX_RX_CHECKSUM_ANY_IP ||
	       mode == CX_RX_CHECKSUM_ANY_IP_L4_OK;
}

static void describe_ip(struct adapter *adapter, const u8 *frame, u32 length,
			const struct packet_info *info, bool known, u8 *cqe)
{
	bool l4 = (info->tcp || info->udp) && !info->fragment;
	bool ip_good = info->ipv6;
	u16 sum = 0;

	if (!info->ipv4 && !info->ipv6)
		return;
	if (info->ipv4)
		ip_good = packet_ipv4_header_good(frame, info);
	if (l4)
		sum = known ? SUM_GOOD : packet_l4_sum(frame, info);
	else if (sums_other_packets(adapter))
		sum = other_sum(frame, length, info);
	cx_set(cqe, CX_CQE_IP_GOOD, ip_good);
	cx_set(cqe, CX_CQE_IPV4, info->ipv4);
	cx_set(cqe, CX_CQE_IPV6, info->ipv6);
	cx_set(cqe, CX_CQE_IPV4_OPTIONS, info->ipv4 && info->ipv4_options);
	cx_set(cqe, CX_CQE_IPV4_FRAGMENT, info->ipv4 && info->fragment);
	/* The fragment header's bit (docs/hardware/datapath.md) */
	cx_set(cqe, CX_CQE_IPV6_EXTENSIONS,
	       info->ipv6 && info->fragment ? 4 : 0);
	cx_set(cqe, CX_CQE_TCP, l4 && info->tcp);
	cx_set(cqe, CX_CQE_UDP, l4 && info->udp);
	cx_set(cqe, CX_CQE_L4_CHECKSUM_GOOD, l4 && sum == SUM_GOOD);
	cx_set(cqe, CX_CQE_CHECKSUM, sum);
}

/* In a tunnel the bits speak of the inner packet; the outer has its own. */
static void describe_packet(struct adapter *adapter,
			    const struct queue_pair *qp,
			    const struct inbound *inbound, u8 *cqe)
{
	const struct packet_info *info = &inbound->info;
	u16 inner = inbound->inner_offset;

	if (!inner || !cx_get(qp->context, CX_QPC_TUNNEL)) {
		describe_ip(adapter, inbound->frame, inbound->length, info,
			    inbound->checksums_known, cqe);
		return;
	}
	cx_set(cqe, CX_CQE_L2_TUNNEL, 1);
	cx_set(cqe, CX_CQE_OUTER_IPV4, info->ipv4);
	cx_set(cqe, CX_CQE_OUTER_IP_GOOD,
	       info->ipv6 || packet_ipv4_header_good(inbound->frame, info));
	describe_ip(adapter, inbound->frame + inner, info->l3_end - inner,
		    &inbound->inner, false, cqe);
	cx_set(cqe, CX_CQE_TUNNEL_L4_CHECKED,
	       cx_get(cqe, CX_CQE_L4_CHECKSUM_GOOD));
}

static void describe(struct adapter *adapter, const struct queue_pair *qp,
		     const struct completion_queue *cq,
		     const struct inbound *inbound, u32 bytes, u8 *cqe)
{
	const struct packet_info *info = &inbound->info;

	cx_set(cqe, CX_CQE_QPN, qp->number);
	cx_set(cqe, CX_CQE_BAD_FCS, inbound->bad_fcs);
	if (info->vlan_tags && info->vlan_tpid == ETHERTYPE_SVLAN)
		cx_set(cqe, CX_CQE_SVLAN, 1);
	else if (info->vlan_tags)
		cx_set(cqe, CX_CQE_CVLAN, 1);
	cx_set(cqe, CX_CQE_RSS_HASH, inbound->hash);
	cx_set(cqe, CX_CQE_MAC_INDEX,
	       port_cqe_mac_index(&adapter->ports[inbound->port - 1],
				  inbound->frame));
	cx_set(cqe, CX_CQE_VLAN_TCI, info->vlan_tci);
	describe_packet(adapter, qp, inbound, cqe);
	cx_set(cqe, CX_CQE_BYTE_COUNT, bytes);
	cx_set(cqe, CX_CQE_WQE_INDEX, qp->rq_head);
	cx_set(cqe, CX_CQE_OPCODE, CX_CQE_OP_RECEIVED);
	if (cq->timestamp)
		cqe_set_timestamp(cqe, adapter_clock(adapter));
}

static enum delivery fail_receive(struct adapter *adapter,
				  struct queue_pair *qp,
				  struct completion_queue *cq, u8 syndrome)
{
	u16 index = qp->rq_head++;

	cq_write_error(adapter, cq, qp->number, index, false, syndrome, 0);
	return DELIVERY_DROPPED;
}

enum delivery deliver(struct adapter *adapter, struct queue_pair *qp,
		      struct inbound *inbound)
{
	struct completion_queue *cq = cq_find(adapter, qp->receive_cqn);
	u32 stride = 1u << qp->log_rq_stride;
	u8 cqe[CX_CQE_SIZE] = { 0 };
	u8 wqe[RQ_STRIDE_MAX];
	struct outgoing out;
	int ready;

	if (!cq || stride > RQ_STRIDE_MAX)
		return DELIVERY_DROPPED;
	ready = posted(adapter, qp);
	if (ready <= 0)
		return ready ? DELIVERY_DROPPED : DELIVERY_NO_BUFFER;
	if (read_wqe(adapter, qp, wqe))
		return adapter_memory_settling(adapter) ? DELIVERY_NO_BUFFER :
							  DELIVERY_DROPPED;
	if (faults_strike(&adapter->faults, DATA_FAULT_RECEIVE_ERROR))
		return fail_receive(adapter, qp, cq, CX_SYNDROME_LOCAL_LENGTH);
	arrange(qp, inbound, &out);
	if (capacity(wqe, stride) < out.length) {
		statistics_drop_length(&adapter->ports[inbound->port - 1], 1);
		return DELIVERY_DROPPED;
	}
	if (!scatter(adapter, qp, wqe, &out)) {
		if (adapter_memory_settling(adapter))
			return DELIVERY_NO_BUFFER;
		fail_receive(adapter, qp, cq, CX_SYNDROME_LOCAL_PROTECTION);
		qp_fail(adapter, qp);
		return DELIVERY_DROPPED;
	}
	describe(adapter, qp, cq, inbound, out.length, cqe);
	qp->rq_head++;
	statistics_counter_receive(adapter, qp->counter_index, 1,
				   inbound->length);
	if (cq_write(adapter, cq, cqe, true)) {
		qp_fail(adapter, qp);
		return DELIVERY_DROPPED;
	}
	return DELIVERY_DONE;
}

void receive_flush(struct adapter *adapter, struct queue_pair *qp)
{
	struct completion_queue *cq = cq_find(adapter, qp->receive_cqn);
	int ready;

	if (qp->rss_parent || !cq)
		return;
	for (ready = posted(adapter, qp); ready > 0; ready--) {
		u16 index = qp->rq_head++;

		cq_write_error(adapter, cq, qp->number, index, false,
			       CX_SYNDROME_FLUSHED, 0);
	}
}
