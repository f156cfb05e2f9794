/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames: what stands in them, their checksums, their segmentation, their
 * hash. Pure functions over bytes; nothing here knows of queues or backends.
 */
#ifndef EMULATOR_PACKET_PACKET_H
#define EMULATOR_PACKET_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectx/context.h"

#define ETHERNET_HEADER 14
#define ETHERNET_MINIMUM 60 /* without FCS */
#define VLAN_TAG 4
#define VLAN_TAGS_MAX 4
#define VXLAN_HEADER 8

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_CVLAN 0x8100
#define ETHERTYPE_SVLAN 0x88a8
#define ETHERTYPE_IPV6 0x86dd

/* What a parser found. Offsets count from the first byte of the frame. */
struct packet_info {
	uint16_t ethertype; /* behind all VLAN tags */
	uint8_t vlan_tags; /* how many tags stand in the frame */
	uint16_t vlan_tpid, vlan_tci; /* outermost tag, if any */
	uint16_t l3_offset; /* 0 if not IPv4 or IPv6 */
	uint16_t l4_offset; /* 0 if the L4 header is not in this frame */
	uint16_t l4_header; /* length of the TCP or UDP header */
	uint16_t payload_offset; /* behind L4, or L3 if there is none */
	uint16_t destination_offset; /* final destination address: in the
				      * header, or in an IPv6 routing header
				      */
	uint32_t l3_end; /* where the IP packet ends: padding starts here;
			  * never behind the frame's end
			  */
	uint8_t l4_protocol; /* IPPROTO_*, of the last header */
	bool ipv4, ipv6;
	bool tcp, udp; /* never set for a fragment */
	bool llc, snap; /* 802.3 with a length; snap includes llc */
	bool ipv4_options, fragment;
	bool ipv6_extensions;
	bool truncated; /* an IP length points behind the frame's end */
};

/* Never reads behind @length, whatever the bytes say. */
void packet_parse(const uint8_t *frame, size_t length,
		  struct packet_info *info);
/*
 * The same for headers whose payload is elsewhere (LSO): the lengths in the IP
 * headers are not believed, the packet ends with @length.
 */
void packet_parse_headers(const uint8_t *frame, size_t length,
			  struct packet_info *info);

/*
 * Offset of the Ethernet frame inside of a VXLAN packet to UDP port @port, 0
 * if the packet is no such packet. The inner frame ends at @info->l3_end.
 */
uint16_t packet_vxlan_inner(const uint8_t *frame,
			    const struct packet_info *info, uint16_t port);

/*
 * A VLAN tag behind the source address. Both return where the frame now
 * starts: push needs VLAN_TAG writable bytes in front of the frame, pop frees
 * as many. Only the addresses move.
 */
uint8_t *packet_vlan_push(uint8_t *frame, uint16_t tpid, uint16_t tci);
uint8_t *packet_vlan_pop(uint8_t *frame);

/*
 * One's complement sum, not inverted, folded to 16 bits; @sum is the start.
 * The value is the big-endian one: stored by its high byte first.
 */
uint16_t checksum_add(const uint8_t *data, size_t length, uint32_t sum);
/* The pseudo header's sum for the L4 part of a parsed IPv4 or IPv6 packet. */
uint16_t checksum_pseudo_header(const uint8_t *frame,
				const struct packet_info *info,
				uint32_t l4_length);

bool packet_ipv4_header_good(const uint8_t *frame,
			     const struct packet_info *info);
/*
 * Sum over pseudo header and L4 segment: 0xffff for a good TCP or UDP packet,
 * and for UDP over IPv4 without a checksum (docs/hardware/choices.md); 0 where
 * there is nothing to sum: no TCP or UDP, a fragment, a truncated packet.
 */
uint16_t packet_l4_sum(const uint8_t *frame, const struct packet_info *info);

/* Computes and stores checksums; leaves non-IP and fragments as they are. */
void packet_fill_ipv4_checksum(uint8_t *frame, const struct packet_info *info);
void packet_fill_l4_checksum(uint8_t *frame, const struct packet_info *info);
/*
 * Stores the pseudo header's sum where the L4 checksum goes: what a kernel
 * wants to find there if it is to compute the checksum.
 */
void packet_seed_l4_checksum(uint8_t *frame, const struct packet_info *info);

/* The FCS of the frame; it goes onto the wire lowest byte first. */
uint32_t crc32_ethernet(const uint8_t *frame, size_t length);

/*
 * Segmentation of a TCP packet: a header template, and a payload that may be
 * of any length. The n-th frame is header + slice, with lengths, IPv4
 * identification, sequence number, flags and checksums as docs/hardware say.
 */
struct segmenter {
	const uint8_t *header; /* the caller's, must stay */
	uint32_t header_length, mss;
	uint64_t payload_length;
	uint32_t count; /* frames that result, at least 1 */
	uint16_t id_step; /* IPv4 identification a frame, 1 */
	struct packet_info info; /* of the outermost headers */
	bool tunnel; /* VXLAN: inner headers are segmented too */
	struct packet_info inner;
	uint16_t inner_offset;
};

/*
 * Return: 0, or -EINVAL if the header is not TCP over IP (or that in VXLAN),
 * mss is 0, or a frame would be longer than an IP packet can be.
 */
int segmenter_init(struct segmenter *segmenter, const uint8_t *header,
		   uint32_t header_length, uint64_t payload_length,
		   uint32_t mss);
/**
 * segmenter_frame - make one frame
 * @index: 0 to count - 1
 * @payload: the whole payload, contiguous
 * @frame: where to, at least header_length + mss bytes, and not less than
 *	ETHERNET_MINIMUM: shorter frames are padded
 *
 * Return: the frame's length.
 */
uint32_t segmenter_frame(const struct segmenter *segmenter, uint32_t index,
			 const uint8_t *payload, uint8_t *frame);

/**
 * segmenter_header - the header of one frame, without its payload
 * @header: where to, at least header_length bytes
 * @slice: number of payload bytes that belong behind it
 *
 * For somebody who computes the L4 checksum himself: its field holds the
 * pseudo header's sum. Not for tunnels, whose outer checksum needs all bytes.
 *
 * Return: 0, -EINVAL for a tunnel or an index that does not exist.
 */
int segmenter_header(const struct segmenter *segmenter, uint32_t index,
		     uint8_t *header, uint32_t *slice);

/* A key expanded for speed; made once a key. */
struct toeplitz_key {
	uint32_t table[36][256];
};

void toeplitz_key_expand(struct toeplitz_key *key,
			 const uint8_t bytes[CX_RSS_KEY_SIZE]);
uint32_t toeplitz_hash(const struct toeplitz_key *key, const uint8_t *input,
		       size_t length);

/**
 * packet_rss_input - the bytes that the hash runs over
 * @flags: CX_RSS_FIELDS_... that the queue enables
 * @hash_fragments: fragments are hashed on their addresses
 * @input: 36 bytes at least
 * @used: the one flag that selected the fields
 *
 * Return: number of bytes in @input, 0 if the packet is not hashed.
 */
size_t packet_rss_input(const uint8_t *frame, const struct packet_info *info,
			unsigned int flags, bool hash_fragments, uint8_t *input,
			unsigned int *used);
/* XOR of the input's 32-bit big-endian words */
uint32_t rss_xor_hash(const uint8_t *input, size_t length);

#endif
