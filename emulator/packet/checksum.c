// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Internet checksum (RFC 1071) and the frame check sequence.
 */
#include <netinet/in.h>
#include <string.h>

#include "emulator/packet/bytes.h"
#include "emulator/packet/headers.h"
#include "emulator/packet/packet.h"

static uint64_t add_with_carry(uint64_t sum, uint64_t value)
{
	sum += value;
	return sum + (sum < value);
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static uint16_t fold64(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t)sum;
}

/* The sum of the words in this machine's byte order. */
static uint64_t sum_native(const uint8_t *data, size_t length)
{
	uint64_t a = 0, b = 0, c = 0, d = 0;

	/* four sums, so that no addition waits for the carry of the last */
	for (; length >= 32; data += 32, length -= 32) {
		a = add_with_carry(a, load64(data));
		b = add_with_carry(b, load64(data + 8));
		c = add_with_carry(c, load64(data + 16));
		d = add_with_carry(d, load64(data + 24));
	}
	a = add_with_carry(add_with_carry(a, b), add_with_carry(c, d));
	for (; length >= 8; data += 8, length -= 8)
		a = add_with_carry(a, load64(data));
	if (length) {
		uint64_t last = 0;

		memcpy(&last, data, length);
		a = add_with_carry(a, last);
	}
	return a;
}

uint16_t checksum_add(const uint8_t *data, size_t length, uint32_t sum)
{
	uint16_t native = fold64(sum_native(data, length));

	/* a one's complement sum may be swapped after it was made */
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		native = __builtin_bswap16(native);
	return fold64((uint64_t)sum + native);
}

uint16_t checksum_pseudo_header(const uint8_t *frame,
				const struct packet_info *info,
				uint32_t l4_length)
{
	const uint8_t *l3 = frame + info->l3_offset;
	uint32_t sum = (l4_length >> 16) + (l4_length & UINT16_MAX) +
		       info->l4_protocol;
	size_t size = info->ipv6 ? IPV6_ADDRESS_SIZE : IPV4_ADDRESS_SIZE;
	size_t source = info->ipv6 ? IPV6_SOURCE : IPV4_SOURCE;

	sum = checksum_add(l3 + source, size, sum);
	return checksum_add(frame + info->destination_offset, size, sum);
}

static size_t ipv4_header_size(const uint8_t *frame,
			       const struct packet_info *info)
{
	return (frame[info->l3_offset] & 0xf) * 4u;
}

bool packet_ipv4_header_good(const uint8_t *frame,
			     const struct packet_info *info)
{
	return info->ipv4 &&
	       checksum_add(frame + info->l3_offset,
			    ipv4_header_size(frame, info), 0) == UINT16_MAX;
}

void packet_fill_ipv4_checksum(uint8_t *frame, const struct packet_info *info)
{
	uint8_t *header = frame + info->l3_offset;
	uint16_t sum;

	if (!info->ipv4)
		return;
	be16_put(header + IPV4_CHECKSUM, 0);
	sum = checksum_add(header, ipv4_header_size(frame, info), 0);
	be16_put(header + IPV4_CHECKSUM, (uint16_t)~sum);
}

static bool has_l4_checksum(const struct packet_info *info)
{
	return (info->tcp || info->udp) && !info->truncated;
}

static uint32_t l4_checksum_offset(const struct packet_info *info)
{
	return info->l4_offset + (info->tcp ? TCP_CHECKSUM : UDP_CHECKSUM);
}

static uint16_t l4_sum(const uint8_t *frame, const struct packet_info *info)
{
	uint32_t length = info->l3_end - info->l4_offset;

	return checksum_add(frame + info->l4_offset, length,
			    checksum_pseudo_header(frame, info, length));
}

uint16_t packet_l4_sum(const uint8_t *frame, const struct packet_info *info)
{
	if (!has_l4_checksum(info))
		return 0;
	if (info->udp && info->ipv4 &&
	    !be16_get(frame + l4_checksum_offset(info)))
		return UINT16_MAX;
	return l4_sum(frame, info);
}

void packet_fill_l4_checksum(uint8_t *frame, const struct packet_info *info)
{
	uint16_t checksum;

	if (!has_l4_checksum(info))
		return;
	be16_put(frame + l4_checksum_offset(info), 0);
	checksum = (uint16_t)~l4_sum(frame, info);
	/* 0 in UDP says that there is no checksum (RFC 768) */
	if (info->udp && !checksum)
		checksum = UINT16_MAX;
	be16_put(frame + l4_checksum_offset(info), checksum);
}

void packet_seed_l4_checksum(uint8_t *frame, const struct packet_info *info)
{
	if (!has_l4_checksum(info))
		return;
	be16_put(frame + l4_checksum_offset(info),
		 checksum_pseudo_header(frame, info,
					info->l3_end - info->l4_offset));
}

/* CRC-32 of IEEE 802.3, reflected (polynomial 0xedb88320), a nibble a step */
static const uint32_t crc_table[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
	0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint32_t crc32_ethernet(const uint8_t *frame, size_t length)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < length; i++) {
		crc ^= frame[i];
		crc = crc >> 4 ^ crc_table[crc & 0xf];
		crc = crc >> 4 ^ crc_table[crc & 0xf];
	}
	return ~crc;
}
