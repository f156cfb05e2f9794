// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stands in a frame: Ethernet, VLAN tags, IPv4, IPv6, TCP, UDP.
 */
#include <netinet/in.h>
#include <string.h>

#include "emulator/packet/bytes.h"
#include "emulator/packet/headers.h"
#include "emulator/packet/packet.h"

/* More extension headers than that in one packet are an attack, not use. */
#define IPV6_EXTENSIONS_MAX 16
/* offsets are 16 bits wide, and the longest L4 header is 60 bytes */
#define L4_OFFSET_MAX (UINT16_MAX - 60)

static void parse_l4(const uint8_t *frame, struct packet_info *info,
		     uint32_t offset)
{
	uint32_t left = info->l3_end - offset;
	uint32_t header;

	if (info->l4_protocol == IPPROTO_TCP) {
		if (left < TCP_HEADER)
			return;
		header = (frame[offset + TCP_DATA_OFFSET] >> 4) * 4u;
		if (header < TCP_HEADER || header > left)
			return;
		info->tcp = true;
	} else if (info->l4_protocol == IPPROTO_UDP) {
		if (left < UDP_HEADER)
			return;
		header = UDP_HEADER;
		info->udp = true;
	} else {
		return;
	}
	info->l4_offset = (uint16_t)offset;
	info->l4_header = (uint16_t)header;
	info->payload_offset = (uint16_t)(offset + header);
}

/* Cuts the packet at the end that its header gives, or at the frame's. */
static void set_l3_end(struct packet_info *info, size_t length, size_t end)
{
	info->truncated = end > length;
	info->l3_end = (uint32_t)(end < length ? end : length);
}

static void parse_ipv4(const uint8_t *frame, size_t length, uint32_t offset,
		       bool believe_lengths, struct packet_info *info)
{
	const uint8_t *header = frame + offset;
	uint32_t size, total;

	if (length - offset < IPV4_HEADER || header[0] >> 4 != 4)
		return;
	size = (header[0] & 0xf) * 4u;
	if (size < IPV4_HEADER || size > length - offset)
		return;
	total = be16_get(header + IPV4_TOTAL_LENGTH);
	if (!believe_lengths)
		total = (uint32_t)length - offset;
	if (total < size)
		return;
	info->ipv4 = true;
	info->l3_offset = (uint16_t)offset;
	info->ipv4_options = size > IPV4_HEADER;
	info->l4_protocol = header[IPV4_PROTOCOL];
	info->destination_offset = (uint16_t)(offset + IPV4_DESTINATION);
	info->payload_offset = (uint16_t)(offset + size);
	set_l3_end(info, length, (size_t)offset + total);
	if (be16_get(header + IPV4_FRAGMENT) & IPV4_FRAGMENT_MASK) {
		info->fragment = true;
		return;
	}
	parse_l4(frame, info, offset + size);
}

/*
 * The checksum of a packet that is still on its way through a routing header
 * is over its final destination (RFC 8200, 8.1).
 */
static void note_routing_header(const uint8_t *frame, uint32_t offset,
				uint32_t size, struct packet_info *info)
{
	const uint8_t *header = frame + offset;
	uint32_t address;

	if (!header[IPV6_ROUTING_LEFT] ||
	    size < IPV6_ROUTING_ADDRESSES + IPV6_ADDRESS_SIZE)
		return;
	switch (header[IPV6_ROUTING_TYPE]) {
	case IPV6_ROUTING_SOURCE:
	case IPV6_ROUTING_MOBILE:
		address = size - IPV6_ADDRESS_SIZE;
		break;
	case IPV6_ROUTING_SEGMENT:
		address = IPV6_ROUTING_ADDRESSES;
		break;
	default:
		return;
	}
	info->destination_offset = (uint16_t)(offset + address);
}

/* Return: the length of the extension header at @offset, 0 if it is none */
static uint32_t extension_size(const uint8_t *frame, uint32_t offset,
			       const struct packet_info *info)
{
	uint32_t size;

	switch (info->l4_protocol) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_FRAGMENT:
	case IPPROTO_AH:
		break;
	default:
		return 0;
	}
	if (info->l3_end - offset < 8)
		return 0;
	if (info->l4_protocol == IPPROTO_FRAGMENT)
		size = 8;
	else if (info->l4_protocol == IPPROTO_AH)
		size = (frame[offset + 1] + 2u) * 4;
	else
		size = (frame[offset + 1] + 1u) * 8;
	return size <= info->l3_end - offset ? size : 0;
}

static void parse_ipv6(const uint8_t *frame, size_t length, uint32_t offset,
		       bool believe_lengths, struct packet_info *info)
{
	const uint8_t *header = frame + offset;
	uint32_t size, payload, at;

	if (length - offset < IPV6_HEADER || header[0] >> 4 != 6)
		return;
	payload = be16_get(header + IPV6_PAYLOAD_LENGTH);
	if (!believe_lengths)
		payload = (uint32_t)length - offset - IPV6_HEADER;
	info->ipv6 = true;
	info->l3_offset = (uint16_t)offset;
	info->l4_protocol = header[IPV6_NEXT_HEADER];
	info->destination_offset = (uint16_t)(offset + IPV6_DESTINATION);
	set_l3_end(info, length, (size_t)offset + IPV6_HEADER + payload);

	at = offset + IPV6_HEADER;
	info->payload_offset = (uint16_t)at;
	for (int i = 0; i < IPV6_EXTENSIONS_MAX; i++) {
		size = extension_size(frame, at, info);
		if (!size || at + size > L4_OFFSET_MAX)
			break;
		info->ipv6_extensions = true;
		if (info->l4_protocol == IPPROTO_ROUTING)
			note_routing_header(frame, at, size, info);
		if (info->l4_protocol == IPPROTO_FRAGMENT)
			info->fragment = true;
		info->l4_protocol = frame[at];
		at += size;
		info->payload_offset = (uint16_t)at;
		/* what follows is a part of something */
		if (info->fragment)
			return;
	}
	parse_l4(frame, info, at);
}

static bool is_vlan(uint16_t type)
{
	return type == ETHERTYPE_CVLAN || type == ETHERTYPE_SVLAN;
}

static void parse_llc(const uint8_t *frame, size_t length, uint32_t offset,
		      struct packet_info *info)
{
	static const uint8_t snap[] = { 0xaa, 0xaa, 0x03 };

	if (length - offset < LLC_HEADER)
		return;
	info->llc = true;
	info->snap = length - offset >= SNAP_HEADER &&
		     !memcmp(frame + offset, snap, sizeof(snap));
}

static void parse(const uint8_t *frame, size_t length, bool believe_lengths,
		  struct packet_info *info)
{
	uint32_t offset = ETHERNET_HEADER;

	memset(info, 0, sizeof(*info));
	/* keeps sums of a length and an offset inside of 32 bits */
	if (length > INT32_MAX)
		length = INT32_MAX;
	info->l3_end = (uint32_t)length;
	if (length < ETHERNET_HEADER)
		return;
	info->ethertype = be16_get(frame + ETHERNET_TYPE);
	info->payload_offset = ETHERNET_HEADER;
	while (is_vlan(info->ethertype) && info->vlan_tags < VLAN_TAGS_MAX &&
	       length - offset >= VLAN_TAG) {
		if (!info->vlan_tags) {
			info->vlan_tpid = info->ethertype;
			info->vlan_tci = be16_get(frame + offset);
		}
		info->vlan_tags++;
		info->ethertype = be16_get(frame + offset + 2);
		offset += VLAN_TAG;
		info->payload_offset = (uint16_t)offset;
	}
	if (info->ethertype == ETHERTYPE_IPV4)
		parse_ipv4(frame, length, offset, believe_lengths, info);
	else if (info->ethertype == ETHERTYPE_IPV6)
		parse_ipv6(frame, length, offset, believe_lengths, info);
	else if (info->ethertype < ETHERNET_TYPE_MINIMUM)
		parse_llc(frame, length, offset, info);
}

void packet_parse(const uint8_t *frame, size_t length, struct packet_info *info)
{
	parse(frame, length, true, info);
}

void packet_parse_headers(const uint8_t *frame, size_t length,
			  struct packet_info *info)
{
	parse(frame, length, false, info);
}

uint16_t packet_vxlan_inner(const uint8_t *frame,
			    const struct packet_info *info, uint16_t port)
{
	uint32_t inner = info->payload_offset + VXLAN_HEADER;

	/* the destination port is the second field of UDP */
	if (!info->udp || be16_get(frame + info->l4_offset + 2) != port ||
	    info->l3_end < inner + ETHERNET_HEADER || inner > UINT16_MAX)
		return 0;
	if (!(frame[info->payload_offset + VXLAN_FLAGS] & VXLAN_FLAG_VNI))
		return 0;
	return (uint16_t)inner;
}

uint8_t *packet_vlan_push(uint8_t *frame, uint16_t tpid, uint16_t tci)
{
	uint8_t *start = frame - VLAN_TAG;

	memmove(start, frame, ETHERNET_ADDRESSES);
	be16_put(start + ETHERNET_TYPE, tpid);
	be16_put(start + ETHERNET_TYPE + 2, tci);
	return start;
}

uint8_t *packet_vlan_pop(uint8_t *frame)
{
	memmove(frame + VLAN_TAG, frame, ETHERNET_ADDRESSES);
	return frame + VLAN_TAG;
}
