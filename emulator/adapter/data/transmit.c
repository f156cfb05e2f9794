// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gathers a WQE's segments into a frame, finishes it (VLAN tag, checksums,
 * padding) and gives it to the port (docs/hardware/offloads.md).
 */
#include <errno.h>

#include "emulator/adapter/data/transmit.h"

/*
 * Linux never goes below 48 bytes a segment; a guest that asks for more frames
 * than this would keep the adapter from its socket (docs/hardware/choices.md).
 */
#define SEGMENTS_MAX 4096

struct gather {
	struct adapter *adapter;
	struct queue_pair *qp;
	u8 *frame;
	u32 length;
	u8 *syndrome;
};

static bool gather_inline(struct gather *gather, const u8 *segment, u32 room,
			  u32 *consumed)
{
	u32 length = cx_get(segment, CX_DATA_INLINE_LENGTH);

	if (CX_INLINE_HEADER + length > room ||
	    length > NET_FRAME_MAX - gather->length) {
		*gather->syndrome = CX_SYNDROME_LOCAL_LENGTH;
		return false;
	}
	memcpy(gather->frame + gather->length, segment + CX_INLINE_HEADER,
	       length);
	gather->length += length;
	*consumed = (CX_INLINE_HEADER + length + CX_WQE_UNIT - 1) &
		    ~(CX_WQE_UNIT - 1);
	return true;
}

static bool gather_pointer(struct gather *gather, const u8 *segment)
{
	u64 address = cx_get(segment, CX_DATA_ADDRESS);
	u32 left = cx_get(segment, CX_DATA_LENGTH);
	u32 lkey = cx_get(segment, CX_DATA_LKEY);

	if (left > NET_FRAME_MAX - gather->length) {
		*gather->syndrome = CX_SYNDROME_LOCAL_LENGTH;
		return false;
	}
	if (memory_region_copy(gather->adapter, lkey, gather->qp->pd, address,
			       gather->frame + gather->length, left, false)) {
		*gather->syndrome = CX_SYNDROME_LOCAL_PROTECTION;
		return false;
	}
	gather->length += left;
	return true;
}

static bool gather_segments(struct gather *gather, const u8 *wqe, u32 offset,
			    u32 length)
{
	while (offset + CX_WQE_UNIT <= length) {
		const u8 *segment = wqe + offset;
		u32 consumed = CX_DATA_SIZE;

		if (cx_get(segment, CX_DATA_INLINE)) {
			if (!gather_inline(gather, segment, length - offset,
					   &consumed))
				return false;
		} else if (!gather_pointer(gather, segment)) {
			return false;
		}
		offset += consumed;
	}
	return true;
}

/* The frame's buffer has room in front. */
static u8 *insert_tag(u8 *frame, u32 *length, const u8 *wqe)
{
	u16 tpid;

	if (cx_get(wqe, CX_SEND_INSERT_CVLAN))
		tpid = ETHERTYPE_CVLAN;
	else if (cx_get(wqe, CX_SEND_INSERT_SVLAN))
		tpid = ETHERTYPE_SVLAN;
	else
		return frame;
	*length += VLAN_TAG;
	return packet_vlan_push(frame, tpid, cx_get(wqe, CX_SEND_VLAN_TCI));
}

/* Inner checksums come first: the outer UDP checksum is left as given. */
static void fill_inner_checksums(struct adapter *adapter, u8 *frame,
				 const struct packet_info *info, const u8 *wqe)
{
	u16 inner =
		packet_vxlan_inner(frame, info, adapter->ethernet.vxlan_port);
	struct packet_info inner_info;

	if (!inner)
		return;
	packet_parse(frame + inner, info->l3_end - inner, &inner_info);
	if (cx_get(wqe, CX_SEND_INNER_L4_CHECKSUM))
		packet_fill_l4_checksum(frame + inner, &inner_info);
	if (cx_get(wqe, CX_SEND_INNER_IP_CHECKSUM))
		packet_fill_ipv4_checksum(frame + inner, &inner_info);
}

static void fill_checksums(struct adapter *adapter, u8 *frame,
			   const struct packet_info *info, const u8 *wqe)
{
	if (cx_get(wqe, CX_SEND_INNER_L4_CHECKSUM) ||
	    cx_get(wqe, CX_SEND_INNER_IP_CHECKSUM))
		fill_inner_checksums(adapter, frame, info, wqe);
	if (cx_get(wqe, CX_SEND_L4_CHECKSUM))
		packet_fill_l4_checksum(frame, info);
	if (cx_get(wqe, CX_SEND_IP_CHECKSUM))
		packet_fill_ipv4_checksum(frame, info);
}

static void count(struct adapter *adapter, struct queue_pair *qp,
		  const struct net_frame *frame, const struct packet_info *info,
		  bool loopback)
{
	struct port *port = &adapter->ports[qp->port - 1];
	unsigned int column = loopback ? STATISTICS_LOOPBACK :
					 statistics_column_of(info);
	enum statistics_cast cast = statistics_cast_of(frame->data);
	u32 full = 0, last = frame->length;
	u64 bytes = frame->length;

	if (frame->mss) {
		u64 payload = frame->length - frame->header_length;

		full = payload ? (payload - 1) / frame->mss : 0;
		last = frame->header_length + payload - (u64)full * frame->mss;
		statistics_transmit(port, frame->header_length + frame->mss,
				    column, cast, full);
		bytes += (u64)full * frame->header_length;
	}
	statistics_transmit(port, last, column, cast, 1);
	statistics_counter_transmit(adapter, qp->counter_index, full + 1,
				    bytes);
}

static bool loops_back(struct adapter *adapter, struct queue_pair *qp,
		       const u8 *wqe)
{
	u8 dmac[8];

	if (cx_get(wqe, CX_SEND_FORCE_LOOPBACK))
		return true;
	cx_store_be64(dmac, cx_get(wqe, CX_SEND_DMAC_HIGH) << 32 |
				    cx_get(wqe, CX_SEND_DMAC_LOW));
	if (!cx_load_be64(dmac))
		return false;
	return steering_is_local(adapter, qp->port, dmac + 2);
}

static int to_port(struct adapter *adapter, struct queue_pair *qp,
		   const u8 *wqe, const struct net_frame *frame,
		   const struct packet_info *info)
{
	struct port *port = &adapter->ports[qp->port - 1];
	struct net_backend *backend = adapter->backends[qp->port - 1];
	bool loopback = port->open && loops_back(adapter, qp, wqe);
	int error = 0;

	if (faults_strike(&adapter->faults, DATA_FAULT_TX_DROP)) {
		statistics_drop_transmit(port, 1);
		return 0;
	}
	if (loopback) {
		count(adapter, qp, frame, info, true);
		adapter_receive_loopback(adapter, qp, frame);
		return 0;
	}
	/* A port without link swallows the frame and completes it. */
	if (!port->link_up || !backend) {
		statistics_drop_transmit(port, 1);
		return 0;
	}
	error = backend->ops->send(backend, frame);
	if (error == -EAGAIN)
		return error;
	if (error) {
		statistics_drop_transmit(port, 1);
		return 0;
	}
	if (adapter->capture)
		net_capture_frame(adapter->capture, frame);
	count(adapter, qp, frame, info, false);
	return 0;
}

/* Return: where the gather list starts; 0 and a syndrome if it is nonsense. */
static u32 take_lso_header(struct gather *gather, const u8 *wqe, u32 length,
			   u32 *mss)
{
	const u8 *lso = wqe + CX_WQE_UNIT;
	u32 header, end;

	if (length < 2 * CX_WQE_UNIT)
		goto bad;
	header = cx_get(lso, CX_LSO_HEADER_LENGTH);
	*mss = cx_get(lso, CX_LSO_MSS);
	end = (CX_LSO_HEADER_BYTES + header + CX_WQE_UNIT - 1) &
	      ~(CX_WQE_UNIT - 1);
	if (CX_WQE_UNIT + end > length || !*mss)
		goto bad;
	memcpy(gather->frame, lso + CX_LSO_HEADER_BYTES, header);
	gather->length = header;
	return CX_WQE_UNIT + end;
bad:
	*gather->syndrome = CX_SYNDROME_LOCAL_LENGTH;
	return 0;
}

int transmit_wqe(struct adapter *adapter, struct queue_pair *qp, const u8 *wqe,
		 u32 length, u8 *syndrome, u32 *bytes)
{
	struct gather gather = { adapter, qp, adapter->tx_frame, 0, syndrome };
	bool lso = cx_get(wqe, CX_SEND_OPCODE) == CX_SEND_OP_LSO;
	struct net_frame frame = { 0 };
	struct segmenter segmenter;
	struct packet_info info;
	u32 start = CX_WQE_UNIT, mss = 0;
	u8 *data;

	if (lso) {
		start = take_lso_header(&gather, wqe, length, &mss);
		if (!start)
			return 0;
		frame.header_length = gather.length;
	}
	if (!gather_segments(&gather, wqe, start, length))
		return adapter_memory_settling(adapter) ? -EAGAIN : 0;
	if (gather.length < ETHERNET_HEADER)
		return 0;
	frame.length = gather.length;
	data = insert_tag(gather.frame, &gather.length, wqe);
	if (lso)
		frame.header_length += gather.length - frame.length;
	/* Segments are padded one by one: here it would become payload */
	if (!lso && gather.length < ETHERNET_MINIMUM) {
		memset(data + gather.length, 0,
		       ETHERNET_MINIMUM - gather.length);
		gather.length = ETHERNET_MINIMUM;
	}
	frame.data = data;
	frame.length = gather.length;
	frame.mss = lso ? mss : 0;
	if (lso)
		packet_parse_headers(data, frame.header_length, &info);
	else
		packet_parse(data, frame.length, &info);
	if (lso && (segmenter_init(&segmenter, data, frame.header_length,
				   frame.length - frame.header_length, mss) ||
		    segmenter.count > SEGMENTS_MAX)) {
		*syndrome = CX_SYNDROME_LOCAL_QP_OPERATION;
		return 0;
	}
	if (!lso)
		fill_checksums(adapter, data, &info, wqe);
	*bytes += frame.length;
	return to_port(adapter, qp, wqe, &frame, &info);
}
