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

/*
 * CRC-32 of IEEE 802.3, reflected, eight bytes a step: table[n][b] is what the
 * byte b does to the sum when n more bytes follow it in the step.
 */
#define CRC_POLYNOMIAL 0xedb88320u
#define CRC_STEP 8u

static uint32_t crc_table[CRC_STEP][256];

static void fill_crc_table(void)
{
	for (uint32_t byte = 0; byte < 256; byte++) {
		uint32_t crc = byte;

		for (unsigned int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? CRC_POLYNOMIAL : 0);
		crc_table[0][byte] = crc;
	}
	for (unsigned int n = 1; n < CRC_STEP; n++)
		for (unsigned int byte = 0; byte < 256; byte++) {
			uint32_t before = crc_table[n - 1][byte];

			crc_table[n][byte] = before >> 8 ^
					     crc_table[0][before & 0xff];
		}
}

uint32_t crc32_ethernet(const uint8_t *frame, size_t length)
{
	uint32_t crc = UINT32_MAX;

	if (!crc_table[0][1])
		fill_crc_table();
	for (; length >= CRC_STEP; length -= CRC_STEP) {
		uint8_t bytes[CRC_STEP];
		uint32_t sum = 0;

		memcpy(bytes, frame, CRC_STEP);
		for (unsigned int i = 0; i < 4; i++)
			bytes[i] ^= (uint8_t)(crc >> 8 * i);
		for (unsigned int i = 0; i < CRC_STEP; i++)
			sum ^= crc_table[CRC_STEP - 1 - i][bytes[i]];
		crc = sum;
		frame += CRC_STEP;
	}
	while (length--)
		crc = crc >> 8 ^ crc_table[0][(crc ^ *frame++) & 0xff];
	return ~crc;
}
