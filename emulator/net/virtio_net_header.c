// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/net/virtio_net_header.h"

#include <errno.h>
#include <string.h>

#include "emulator/packet/bytes.h"
#include "emulator/packet/headers.h"

static uint16_t le16_get(const uint8_t *p)
{
	return (uint16_t)(p[1] << 8 | p[0]);
}

static void le16_put(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

void virtio_net_header_read(const uint8_t *bytes,
			    struct virtio_net_header *header)
{
	header->flags = bytes[0];
	header->gso_type = bytes[1];
	header->header_length = le16_get(bytes + 2);
	header->gso_size = le16_get(bytes + 4);
	header->csum_start = le16_get(bytes + 6);
	header->csum_offset = le16_get(bytes + 8);
}

void virtio_net_header_write(const struct virtio_net_header *header,
			     uint8_t bytes[VIRTIO_NET_HEADER_MERGEABLE])
{
	bytes[0] = header->flags;
	bytes[1] = header->gso_type;
	le16_put(bytes + 2, header->header_length);
	le16_put(bytes + 4, header->gso_size);
	le16_put(bytes + 6, header->csum_start);
	le16_put(bytes + 8, header->csum_offset);
	le16_put(bytes + 10, 0);
}

void virtio_net_header_offload(struct virtio_net_header *header,
			       const uint8_t *frame,
			       const struct packet_info *info, uint32_t mss)
{
	header->flags = VIRTIO_NET_NEEDS_CSUM;
	header->csum_start = info->l4_offset;
	header->csum_offset = info->tcp ? TCP_CHECKSUM : UDP_CHECKSUM;
	if (!mss)
		return;
	header->gso_type = info->ipv6 ? VIRTIO_NET_GSO_TCPV6 :
					VIRTIO_NET_GSO_TCPV4;
	/* CWR belongs into the first segment only: the receiver must know */
	if (frame[info->l4_offset + TCP_FLAGS] & TCP_FLAG_CWR)
		header->gso_type |= VIRTIO_NET_GSO_ECN;
	header->header_length = info->payload_offset;
	header->gso_size = (uint16_t)mss;
}

/*
 * A checksum at any place: that of a packet inside of a tunnel, say. What is
 * there already is the pseudo header's sum.
 */
static int fill_at(uint8_t *data, size_t length, size_t start, size_t offset)
{
	uint16_t checksum;

	if (start + offset + 2 > length)
		return -EINVAL;
	checksum = (uint16_t)~checksum_add(data + start, length - start, 0);
	if (!checksum && offset == UDP_CHECKSUM)
		checksum = UINT16_MAX;
	be16_put(data + start + offset, checksum);
	return 0;
}

static bool locates_l4(const struct virtio_net_header *header,
		       const struct packet_info *info)
{
	uint16_t offset = info->tcp ? TCP_CHECKSUM : UDP_CHECKSUM;

	return (info->tcp || info->udp) && !info->truncated &&
	       header->csum_start == info->l4_offset &&
	       header->csum_offset == offset;
}

int virtio_net_header_apply(const struct virtio_net_header *header,
			    uint8_t *data, size_t length,
			    struct net_frame *frame)
{
	struct packet_info info;

	*frame = (struct net_frame){ .data = data, .length = length };
	switch (header->gso_type & ~VIRTIO_NET_GSO_ECN) {
	case VIRTIO_NET_GSO_NONE:
		break;
	case VIRTIO_NET_GSO_TCPV4:
	case VIRTIO_NET_GSO_TCPV6:
		packet_parse_headers(data, length, &info);
		if (!info.tcp || !header->gso_size)
			return -EINVAL;
		frame->mss = header->gso_size;
		frame->header_length = info.payload_offset;
		frame->checksums_wanted = true;
		return 0;
	default:
		return -EINVAL;
	}
	if (!(header->flags & VIRTIO_NET_NEEDS_CSUM))
		return 0;
	packet_parse(data, length, &info);
	if (!locates_l4(header, &info))
		return fill_at(data, length, header->csum_start,
			       header->csum_offset);
	frame->checksums_wanted = true;
	return 0;
}
