// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP segmentation: one header template and a payload become frames.
 *
 * docs/hardware and the reference's rules of LSO: the IPv4 identification
 * grows by one a frame, FIN and PSH stay in the last frame, CWR in the first,
 * lengths and checksums are made anew, what else is in the template (VLAN
 * tags, options) is repeated.
 */
#include <errno.h>
#include <string.h>

#include "emulator/packet/bytes.h"
#include "emulator/packet/headers.h"
#include "emulator/packet/packet.h"

/* Whether the length fields of @info's headers can hold @frame_length. */
static bool length_fits(const struct packet_info *info, uint64_t frame_length)
{
	uint64_t start = info->l3_offset + (info->ipv6 ? IPV6_HEADER : 0);

	return frame_length - start <= UINT16_MAX;
}

static int find_tcp(struct segmenter *s)
{
	packet_parse_headers(s->header, s->header_length, &s->info);
	s->tunnel = false;
	if (s->info.tcp)
		return 0;
	if (!s->info.udp ||
	    s->header_length - s->info.payload_offset < VXLAN_HEADER)
		return -EINVAL;
	s->inner_offset = (uint16_t)(s->info.payload_offset + VXLAN_HEADER);
	packet_parse_headers(s->header + s->inner_offset,
			     s->header_length - s->inner_offset, &s->inner);
	if (!s->inner.tcp)
		return -EINVAL;
	s->tunnel = true;
	return 0;
}

int segmenter_init(struct segmenter *segmenter, const uint8_t *header,
		   uint32_t header_length, uint64_t payload_length,
		   uint32_t mss)
{
	struct segmenter *s = segmenter;
	uint64_t slice = payload_length < mss ? payload_length : mss;
	uint64_t count;

	if (!mss)
		return -EINVAL;
	count = payload_length ? (payload_length - 1) / mss + 1 : 1;
	if (count > UINT32_MAX)
		return -EINVAL;
	*s = (struct segmenter){
		.header = header,
		.header_length = header_length,
		.mss = mss,
		.payload_length = payload_length,
		.count = (uint32_t)count,
		.id_step = 1,
	};
	if (find_tcp(s))
		return -EINVAL;
	/* The outermost IP packet is the longest one. */
	if (!length_fits(&s->info, header_length + slice))
		return -EINVAL;
	return 0;
}

/* @packet begins with Ethernet and ends at @length. */
static void fix_l3(uint8_t *packet, const struct packet_info *info,
		   uint32_t length, uint16_t id_delta)
{
	uint8_t *l3 = packet + info->l3_offset;

	if (info->ipv6) {
		be16_put(l3 + IPV6_PAYLOAD_LENGTH,
			 (uint16_t)(length - info->l3_offset - IPV6_HEADER));
		return;
	}
	be16_put(l3 + IPV4_TOTAL_LENGTH, (uint16_t)(length - info->l3_offset));
	be16_put(l3 + IPV4_IDENTIFICATION,
		 (uint16_t)(be16_get(l3 + IPV4_IDENTIFICATION) + id_delta));
	packet_fill_ipv4_checksum(packet, info);
}

static void fix_tcp(uint8_t *tcp, uint32_t offset, bool first, bool last)
{
	uint8_t drop = 0;

	be32_put(tcp + TCP_SEQUENCE, be32_get(tcp + TCP_SEQUENCE) + offset);
	if (!first)
		drop |= TCP_FLAG_CWR;
	if (!last)
		drop |= TCP_FLAG_FIN | TCP_FLAG_PSH;
	tcp[TCP_FLAGS] &= (uint8_t)~drop;
}

/* The outer UDP header of a tunnel; inner checksums are in place already. */
static void fix_outer_udp(uint8_t *frame, const struct packet_info *template,
			  uint32_t length)
{
	struct packet_info info = *template;
	uint8_t *udp = frame + info.l4_offset;

	be16_put(udp + UDP_LENGTH, (uint16_t)(length - info.l4_offset));
	info.l3_end = length;
	/* none in the template: none is wanted */
	if (be16_get(udp + UDP_CHECKSUM))
		packet_fill_l4_checksum(frame, &info);
}

/* Lengths, numbers and flags of the @index-th frame of @length bytes. */
static void fix_packet(const struct segmenter *s, uint32_t index,
		       uint8_t *packet, struct packet_info *info,
		       uint32_t length)
{
	fix_l3(packet, info, length, (uint16_t)(index * s->id_step));
	fix_tcp(packet + info->l4_offset, index * s->mss, !index,
		index == s->count - 1);
	info->l3_end = length;
}

static uint32_t slice_length(const struct segmenter *s, uint32_t index)
{
	if (index < s->count - 1)
		return s->mss;
	return (uint32_t)(s->payload_length - (uint64_t)index * s->mss);
}

uint32_t segmenter_frame(const struct segmenter *segmenter, uint32_t index,
			 const uint8_t *payload, uint8_t *frame)
{
	const struct segmenter *s = segmenter;
	struct packet_info info = s->tunnel ? s->inner : s->info;
	uint8_t *packet = frame + s->inner_offset;
	uint32_t slice, length;

	if (index >= s->count)
		return 0;
	slice = slice_length(s, index);
	length = s->header_length + slice;
	memcpy(frame, s->header, s->header_length);
	if (slice)
		memcpy(frame + s->header_length,
		       payload + (uint64_t)index * s->mss, slice);
	fix_packet(s, index, packet, &info, length - s->inner_offset);
	packet_fill_l4_checksum(packet, &info);
	if (s->tunnel) {
		fix_l3(frame, &s->info, length, (uint16_t)(index * s->id_step));
		fix_outer_udp(frame, &s->info, length);
	}
	if (length < ETHERNET_MINIMUM) {
		memset(frame + length, 0, ETHERNET_MINIMUM - length);
		length = ETHERNET_MINIMUM;
	}
	return length;
}

int segmenter_header(const struct segmenter *segmenter, uint32_t index,
		     uint8_t *header, uint32_t *slice)
{
	const struct segmenter *s = segmenter;
	struct packet_info info = s->info;

	if (s->tunnel || index >= s->count)
		return -EINVAL;
	*slice = slice_length(s, index);
	memcpy(header, s->header, s->header_length);
	fix_packet(s, index, header, &info, s->header_length + *slice);
	packet_seed_l4_checksum(header, &info);
	return 0;
}
