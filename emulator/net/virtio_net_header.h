/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands in front of a frame on a tap with IFF_VNET_HDR: the header of
 * the virtio specification (1.2, section 5.1.6), little-endian.
 */
#ifndef EMULATOR_NET_VIRTIO_NET_HEADER_H
#define EMULATOR_NET_VIRTIO_NET_HEADER_H

#include <stdint.h>

#include "emulator/net/net_backend.h"
#include "emulator/packet/packet.h"

#define VIRTIO_NET_HEADER 10
#define VIRTIO_NET_HEADER_MERGEABLE 12 /* two bytes more, unused here */

#define VIRTIO_NET_NEEDS_CSUM 1
#define VIRTIO_NET_GSO_NONE 0
#define VIRTIO_NET_GSO_TCPV4 1
#define VIRTIO_NET_GSO_TCPV6 4
#define VIRTIO_NET_GSO_ECN 0x80

struct virtio_net_header {
	uint8_t flags, gso_type;
	uint16_t header_length, gso_size, csum_start, csum_offset;
};

void virtio_net_header_read(const uint8_t *bytes,
			    struct virtio_net_header *header);
void virtio_net_header_write(const struct virtio_net_header *header,
			     uint8_t bytes[VIRTIO_NET_HEADER_MERGEABLE]);

/*
 * Says in @header that the L4 checksum of the packet @info is to be computed,
 * and with @mss that it is to be segmented.
 */
void virtio_net_header_offload(struct virtio_net_header *header,
			       const uint8_t *frame,
			       const struct packet_info *info, uint32_t mss);

/**
 * virtio_net_header_apply - what @header says of a frame that arrived
 * @data: the frame; a checksum that only @header can locate is computed here
 *
 * Return: 0 and *frame filled in, or -EINVAL if @header does not fit the frame.
 */
int virtio_net_header_apply(const struct virtio_net_header *header,
			    uint8_t *data, size_t length,
			    struct net_frame *frame);

#endif
