// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way of a frame from a port to a receive queue: limits, steering, hash,
 * and holding it back while the guest has no buffers
 * (docs/hardware/datapath.md).
 */
#include "emulator/adapter/data/deliver.h"
#include "emulator/adapter/data/transmit.h"

/*
 * A real wire would drop what finds no buffer. A guest under software
 * emulation is slower than any wire, so a frame waits this long.
 */
#define HOLD_NS 10000000ULL
#define RETRY_NS 100000ULL
#define QPNS_MAX STEERING_MEMBERS_MAX

/* Hash a frame for a parent and pick its child (docs/hardware/steering.md). */
static struct queue_pair *pick_child(struct adapter *adapter,
				     struct queue_pair *parent,
				     struct inbound *inbound)
{
	bool fragments =
		cx_get(adapter->init_hca, CX_INIT_HCA_RSS_IP_FRAGMENTS);
	const struct packet_info *info = &inbound->info;
	const u8 *frame = inbound->frame;
	unsigned int used = 0;
	u32 base = parent->base_qpn;
	u8 input[36];
	size_t length;

	if (parent->hash_inner && inbound->inner_offset) {
		frame += inbound->inner_offset;
		info = &inbound->inner;
	}
	length = packet_rss_input(frame, info, parent->hash_fields, fragments,
				  input, &used);
	if (!length)
		return qp_find(adapter, parent->default_qpn);
	if (parent->hash_function == CX_RSS_HASH_TOEPLITZ)
		inbound->hash = toeplitz_hash(parent->key, input, length);
	else
		inbound->hash = rss_xor_hash(input, length);
	if (used & (CX_RSS_FIELDS_UDP_IPV4 | CX_RSS_FIELDS_UDP_IPV6))
		base = parent->base_qpn_udp;
	return qp_find(adapter, base + (inbound->hash &
					((1u << parent->log_queues) - 1)));
}

static bool may_receive(const struct queue_pair *qp)
{
	return qp->state == CX_QP_RTR || qp->state == CX_QP_RTS ||
	       qp->state == CX_QP_SQD;
}

static enum delivery to_queue_pair(struct adapter *adapter, u32 qpn,
				   struct inbound *inbound)
{
	struct queue_pair *qp = qp_find(adapter, qpn);

	inbound->hash = 0;
	if (!qp || !may_receive(qp))
		return DELIVERY_DROPPED;
	if (qp->rss_parent)
		qp = pick_child(adapter, qp, inbound);
	if (!qp || qp->rss_parent || !may_receive(qp))
		return DELIVERY_DROPPED;
	inbound->queue_pair = qp;
	return deliver(adapter, qp, inbound);
}

/* A looped multicast frame does not return to who sent it, if so asked. */
static bool source_check_drops(struct adapter *adapter, u32 qpn,
			       const struct inbound *inbound)
{
	const struct queue_pair *qp = qp_find(adapter, qpn);
	const u8 *path;

	if (!inbound->sender || !qp)
		return false;
	path = qp->context + CX_QPC_PRIMARY_PATH;
	if (qp->counter_index != inbound->sender->counter_index)
		return false;
	return cx_get(path, inbound->frame[0] & 1 ?
				    CX_PATH_MULTICAST_SOURCE_CHECK :
				    CX_PATH_UNICAST_SOURCE_CHECK);
}

static enum delivery steer(struct adapter *adapter, struct inbound *inbound)
{
	enum delivery result = DELIVERY_DROPPED;
	u32 qpns[QPNS_MAX];
	unsigned int count;

	count = inbound->sender ?
			steering_lookup_loopback(adapter, inbound->port,
						 inbound->frame, &inbound->info,
						 qpns, QPNS_MAX) :
			steering_lookup(adapter, inbound->port, inbound->frame,
					&inbound->info, qpns, QPNS_MAX);
	for (unsigned int i = 0; i < count; i++) {
		enum delivery one;

		if (source_check_drops(adapter, qpns[i], inbound))
			continue;
		one = to_queue_pair(adapter, qpns[i], inbound);
		/* Only a frame for one queue can wait: no copy comes twice. */
		if (one == DELIVERY_NO_BUFFER && count == 1 && !inbound->sender)
			return one;
		if (one == DELIVERY_NO_BUFFER)
			statistics_drop_overflow(
				&adapter->ports[inbound->port - 1], 1);
		if (one == DELIVERY_DONE)
			result = one;
	}
	return result;
}

static void count_received(struct adapter *adapter,
			   const struct inbound *inbound)
{
	struct port *port = &adapter->ports[inbound->port - 1];

	if (inbound->sender)
		return;
	statistics_receive(port, inbound->length,
			   statistics_column_of(&inbound->info),
			   statistics_cast_of(inbound->frame), 1);
	statistics_check_length(port, inbound->frame, inbound->length,
				&inbound->info);
}

/* A port with VXLAN on looks into packets to the configured UDP port. */
static void look_inside(struct adapter *adapter, struct inbound *inbound)
{
	u16 inner = 0;

	if (adapter->ports[inbound->port - 1].vxlan_enabled)
		inner = packet_vxlan_inner(inbound->frame, &inbound->info,
					   adapter->ethernet.vxlan_port);
	inbound->inner_offset = inner;
	if (inner)
		packet_parse(inbound->frame + inner,
			     inbound->info.l3_end - inner, &inbound->inner);
}

/* One frame as it is on the wire. Return: false if it should wait. */
static bool receive_one(struct adapter *adapter, struct inbound *inbound,
			bool may_wait)
{
	struct port *port = &adapter->ports[inbound->port - 1];
	enum delivery result;

	packet_parse(inbound->frame, inbound->length, &inbound->info);
	look_inside(adapter, inbound);
	if (!port_frame_fits(port, inbound->length)) {
		count_received(adapter, inbound);
		return true;
	}
	inbound->queue_pair = NULL;
	result = steer(adapter, inbound);
	if (result == DELIVERY_NO_BUFFER) {
		struct queue_pair *qp = inbound->queue_pair;

		if (may_wait && !qp->stalled)
			return false;
		qp->stalled = true;
		statistics_drop_overflow(port, 1);
	} else if (result == DELIVERY_DONE) {
		inbound->queue_pair->stalled = false;
	}
	count_received(adapter, inbound);
	return true;
}

/* Makes the n-th frame on the wire out of what the backend gave. */
static void make_frame(struct adapter *adapter, const struct net_frame *frame,
		       const struct segmenter *segmenter, u32 index,
		       struct inbound *inbound)
{
	struct packet_info info;

	inbound->checksums_known = true;
	inbound->frame = adapter->rx_frame;
	if (segmenter) {
		inbound->length = segmenter_frame(
			segmenter, index, frame->data + frame->header_length,
			adapter->rx_frame);
		return;
	}
	inbound->length = frame->length;
	if (!frame->checksums_wanted && frame->length >= ETHERNET_MINIMUM) {
		inbound->frame = frame->data;
		inbound->checksums_known = false;
		return;
	}
	memcpy(adapter->rx_frame, frame->data, frame->length);
	if (frame->length < ETHERNET_MINIMUM) {
		memset(adapter->rx_frame + frame->length, 0,
		       ETHERNET_MINIMUM - frame->length);
		inbound->length = ETHERNET_MINIMUM;
	}
	inbound->checksums_known = frame->checksums_wanted;
	if (!frame->checksums_wanted)
		return;
	packet_parse(adapter->rx_frame, inbound->length, &info);
	packet_fill_l4_checksum(adapter->rx_frame, &info);
}

/*
 * Damage behind the wire's FCS check: in the last byte of what IP carries, or
 * of the frame, so that steering and lengths stay as they were.
 */
static void corrupt(struct adapter *adapter, struct inbound *inbound)
{
	struct packet_info info;
	u32 end;

	packet_parse(inbound->frame, inbound->length, &info);
	end = info.l3_offset && info.l3_end > info.l3_offset ? info.l3_end :
							       inbound->length;
	if (inbound->frame != adapter->rx_frame)
		memcpy(adapter->rx_frame, inbound->frame, inbound->length);
	adapter->rx_frame[end - 1] ^= 0x10;
	inbound->frame = adapter->rx_frame;
	inbound->checksums_known = false;
}

/* Faults of the wire. Return: true if the frame is lost. */
static bool lost_on_wire(struct adapter *adapter, unsigned int port,
			 bool *bad_fcs)
{
	if (faults_strike(&adapter->faults, DATA_FAULT_RX_DROP))
		return true;
	*bad_fcs = faults_strike(&adapter->faults, DATA_FAULT_RX_CRC);
	if (!*bad_fcs)
		return false;
	adapter->ports[port - 1].statistics.crc_errors++;
	return !adapter->ports[port - 1].ignore_fcs;
}

static bool hold_on(struct adapter *adapter, struct receive_hold *hold,
		    u32 segment)
{
	u64 now = loop_now();

	if (!hold->since)
		hold->since = now;
	if (now - hold->since >= HOLD_NS)
		return false;
	hold->segment = segment;
	hold->paused = true;
	adapter_retry_later(adapter);
	return true;
}

bool adapter_receive(struct adapter *adapter, unsigned int port,
		     const struct net_frame *frame)
{
	struct receive_hold *hold = &adapter->hold[port - 1];
	struct inbound inbound = { .port = port };
	struct segmenter segmenter;
	u32 index = hold->segment, count = 1;

	hold->segment = 0;
	if (!adapter->ports[port - 1].link_up || !adapter->hca_up ||
	    frame->length < ETHERNET_HEADER || frame->length > NET_FRAME_MAX ||
	    lost_on_wire(adapter, port, &inbound.bad_fcs))
		return true;
	if (frame->mss) {
		if (segmenter_init(
			    &segmenter, frame->data, frame->header_length,
			    frame->length - frame->header_length, frame->mss))
			return true;
		count = segmenter.count;
	}
	for (; index < count; index++) {
		make_frame(adapter, frame, frame->mss ? &segmenter : NULL,
			   index, &inbound);
		if (faults_strike(&adapter->faults, DATA_FAULT_RX_CORRUPT))
			corrupt(adapter, &inbound);
		if (!receive_one(adapter, &inbound, true)) {
			if (hold_on(adapter, hold, index))
				return false;
			receive_one(adapter, &inbound, false);
		}
		hold->since = 0;
		if (adapter->capture) {
			struct net_frame wire = { .data = inbound.frame,
						  .length = inbound.length };

			net_capture_frame(adapter->capture, &wire);
		}
	}
	return true;
}

void adapter_receive_loopback(struct adapter *adapter,
			      const struct queue_pair *sender,
			      const struct net_frame *frame)
{
	struct inbound inbound = { .port = sender->port, .sender = sender };
	struct segmenter segmenter;
	u32 count = 1;

	if (frame->mss) {
		if (segmenter_init(
			    &segmenter, frame->data, frame->header_length,
			    frame->length - frame->header_length, frame->mss))
			return;
		count = segmenter.count;
	}
	for (u32 index = 0; index < count; index++) {
		make_frame(adapter, frame, frame->mss ? &segmenter : NULL,
			   index, &inbound);
		receive_one(adapter, &inbound, false);
	}
}

void adapter_receive_resume(struct adapter *adapter)
{
	for (unsigned int i = 0; i < ADAPTER_PORTS; i++) {
		struct net_backend *backend = adapter->backends[i];

		if (!adapter->hold[i].paused)
			continue;
		adapter->hold[i].paused = false;
		if (backend)
			backend->ops->pause(backend, false);
	}
	if (adapter->queues.send_first)
		loop_work_queue(adapter->loop, &adapter->queues.send_work);
}

void adapter_retry_later(struct adapter *adapter)
{
	if (!loop_timer_running(&adapter->queues.resume_timer))
		loop_timer_start(adapter->loop, &adapter->queues.resume_timer,
				 RETRY_NS);
}
