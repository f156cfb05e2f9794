// SPDX-License-Identifier: GPL-2.0-only
/* Checksums against published values and against the plain sum. */
#include "tests/unit/emulator_packet/frames.h"

static void test_published(void **state)
{
	/* RFC 1071, section 3: the sum of these bytes is ddf2 */
	static const uint8_t rfc1071[] = { 0x00, 0x01, 0xf2, 0x03,
					   0xf4, 0xf5, 0xf6, 0xf7 };
	/* "The CRC Catalogue": CRC-32/ISO-HDLC of the digits 1 to 9 */
	static const uint8_t digits[] = "123456789";

	assert_int_equal(checksum_add(rfc1071, sizeof(rfc1071), 0), 0xddf2);
	assert_int_equal(crc32_ethernet(digits, 9), 0xcbf43926);
	assert_int_equal(crc32_ethernet(digits, 0), 0);
}

static void test_sum_any_length_and_alignment(void **state)
{
	static uint8_t data[600];

	fill_bytes(data, sizeof(data), 1);
	/* carries everywhere */
	memset(data + 100, 0xff, 200);
	for (size_t start = 0; start < 9; start++)
		for (size_t length = 0; length < 590; length++)
			assert_int_equal(
				checksum_add(data + start, length, 0x1abcd),
				plain_sum(data + start, length, 0x1abcd));
	/* in pieces */
	for (size_t cut = 0; cut <= 500; cut += 2)
		assert_int_equal(checksum_add(data + cut, 501 - cut,
					      checksum_add(data, cut, 0)),
				 plain_sum(data, 501, 0));
}

static void test_start_value_of_any_size(void **state)
{
	uint8_t data[2] = { 0xff, 0xff };

	assert_int_equal(checksum_add(data, 2, UINT32_MAX), 0xffff);
	assert_int_equal(checksum_add(data, 0, 0x10000), 1);
	assert_int_equal(checksum_add(data, 0, 0), 0);
	assert_int_equal(checksum_add(data, 2, 0), 0xffff);
}

/* The IPv4 header of the reference's LSO example carries checksum 6bfc. */
static void test_ipv4_header(void **state)
{
	uint8_t frame[34] = { [12] = 0x08, [14] = 0x45, 0x00, 0x38, 0xc4, 0x12,
			      0x34,	   0x40,	0x00, 0x40, 0x06, 0x6b,
			      0xfc,	   0xc0,	0x00, 0x02, 0x01, 0xc0,
			      0x00,	   0x02,	0x02 };
	struct packet_info info;

	packet_parse(frame, sizeof(frame), &info);
	assert_true(info.ipv4);
	assert_true(packet_ipv4_header_good(frame, &info));
	frame[24]++;
	assert_false(packet_ipv4_header_good(frame, &info));
	packet_fill_ipv4_checksum(frame, &info);
	assert_int_equal(get16(frame + 24), 0x6bfc);
	assert_true(packet_ipv4_header_good(frame, &info));
}

static const uint8_t hop_by_hop[] = { 17, 0, 1, 4, 0, 0, 0, 0 };

static const struct frame_spec specs[] = {
	{ .protocol = 6, .payload = 1448, .tcp_option_words = 3 },
	{ .protocol = 6, .payload = 0 },
	{ .protocol = 6, .payload = 1, .ipv4_option_words = 10 },
	{ .protocol = 6, .payload = 77, .ipv6 = true, .tags = 1 },
	{ .protocol = 17, .payload = 18, .tags = 2 },
	{ .protocol = 17, .payload = 1471, .ipv6 = true },
	{ .protocol = 17,
	  .payload = 333,
	  .ipv6 = true,
	  .extensions_first = 0,
	  .extensions = hop_by_hop,
	  .extensions_length = 8 },
	{ .protocol = 17, .payload = 0, .tags = 4 },
};

static void test_l4_verdict(void **state)
{
	uint8_t frame[2048];
	struct packet_info info;

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		size_t length = frame_build(frame, &specs[i]);
		size_t l4 = frame_l4(&specs[i]);

		packet_parse(frame, length, &info);
		assert_int_equal(packet_l4_sum(frame, &info), 0xffff);
		/* what is behind the packet is padding and not covered */
		memset(frame + length, 0xee, 32);
		packet_parse(frame, length + 32, &info);
		assert_int_equal(packet_l4_sum(frame, &info), 0xffff);
		for (size_t at = l4; at < length; at += 13) {
			frame[at] ^= 0x10;
			packet_parse(frame, length, &info);
			assert_int_not_equal(packet_l4_sum(frame, &info),
					     0xffff);
			frame[at] ^= 0x10;
		}
	}
}

static void test_fill_and_seed(void **state)
{
	uint8_t frame[2048], expected[2048];
	struct packet_info info;

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		size_t length = frame_build(expected, &specs[i]);
		size_t l4 = frame_l4(&specs[i]);
		size_t at = l4 + (specs[i].protocol == 6 ? 16 : 6);
		uint8_t *l3 = frame + frame_l3(&specs[i]);

		memcpy(frame, expected, length);
		put16(frame + at, 0x5555);
		packet_parse(frame, length, &info);
		packet_fill_l4_checksum(frame, &info);
		assert_memory_equal(frame, expected, length);

		packet_seed_l4_checksum(frame, &info);
		assert_int_equal(get16(frame + at),
				 plain_pseudo_sum(l3, length - l4,
						  specs[i].protocol));
		/* a sum over what is seeded makes the packet right */
		put16(frame + at,
		      (uint16_t)~plain_sum(frame + l4, length - l4, 0));
		assert_int_equal(packet_l4_sum(frame, &info), 0xffff);
	}
}

/* A UDP checksum that comes out as 0 goes out as ffff, and verifies. */
static void test_udp_zero_result(void **state)
{
	struct frame_spec spec = { .protocol = 17, .payload = 2 };
	uint8_t frame[64];
	size_t length = frame_build(frame, &spec);
	struct packet_info info;
	uint16_t sum;

	packet_parse(frame, length, &info);
	put16(frame + length - 2, 0);
	put16(frame + info.l4_offset + 6, 0);
	sum = plain_l4_sum(frame + 14, frame + info.l4_offset, 10, 17);
	put16(frame + length - 2, (uint16_t)~sum);
	packet_fill_l4_checksum(frame, &info);
	assert_int_equal(get16(frame + info.l4_offset + 6), 0xffff);
	assert_int_equal(packet_l4_sum(frame, &info), 0xffff);
}

static void test_udp_without_checksum(void **state)
{
	struct frame_spec spec = { .protocol = 17, .payload = 20 };
	uint8_t frame[128];
	struct packet_info info;
	size_t length = frame_build(frame, &spec);

	packet_parse(frame, length, &info);
	put16(frame + info.l4_offset + 6, 0);
	assert_int_equal(packet_l4_sum(frame, &info), 0xffff);
	/* IPv6 does not know UDP without a checksum */
	spec.ipv6 = true;
	length = frame_build(frame, &spec);
	packet_parse(frame, length, &info);
	put16(frame + info.l4_offset + 6, 0);
	assert_int_not_equal(packet_l4_sum(frame, &info), 0xffff);
}

/* RFC 8200, 8.1: under way through a routing header, the last stop counts. */
static void test_routing_header(void **state)
{
	uint8_t routing[24] = { 17, 2, 0, 1 };
	struct frame_spec spec = { .protocol = 17,
				   .payload = 50,
				   .ipv6 = true,
				   .extensions_first = 43,
				   .extensions = routing,
				   .extensions_length = sizeof(routing) };
	uint8_t frame[256], pseudo[40];
	struct packet_info info;
	size_t length;
	uint8_t *l4;

	fill_bytes(routing + 8, 16, 99);
	length = frame_build(frame, &spec);
	packet_parse(frame, length, &info);
	assert_true(info.udp);
	packet_fill_l4_checksum(frame, &info);
	l4 = frame + info.l4_offset;
	memset(pseudo, 0, sizeof(pseudo));
	memcpy(pseudo, frame + 14 + 8, 16);
	memcpy(pseudo + 16, routing + 8, 16);
	put16(pseudo + 34, 58);
	pseudo[39] = 17;
	assert_int_equal(plain_sum(l4, 58, plain_sum(pseudo, 40, 0)), 0xffff);
	/* arrived: the address in the header is the last stop */
	frame[14 + 40 + 3] = 0;
	packet_parse(frame, length, &info);
	packet_fill_l4_checksum(frame, &info);
	assert_int_equal(plain_l4_sum(frame + 14, l4, 58, 17), 0xffff);
}

static void test_untouched(void **state)
{
	struct frame_spec fragment = { .protocol = 17,
				       .payload = 64,
				       .ipv4_fragment = 0x2000 };
	struct frame_spec icmp = { .protocol = 1, .payload = 64 };
	struct frame_spec tcp = { .protocol = 6, .payload = 64 };
	uint8_t frame[256], before[256];
	struct packet_info info;
	size_t length;

	for (int i = 0; i < 4; i++) {
		length = frame_build(frame, i == 0 ? &fragment :
					    i == 1 ? &icmp :
						     &tcp);
		if (i == 2)
			put16(frame + 12, 0x0806);
		if (i == 3)
			length--;
		memcpy(before, frame, length);
		packet_parse(frame, length, &info);
		assert_int_equal(packet_l4_sum(frame, &info), 0);
		packet_fill_l4_checksum(frame, &info);
		packet_seed_l4_checksum(frame, &info);
		if (i == 2)
			packet_fill_ipv4_checksum(frame, &info);
		assert_memory_equal(frame, before, length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_sum_any_length_and_alignment),
		cmocka_unit_test(test_start_value_of_any_size),
		cmocka_unit_test(test_ipv4_header),
		cmocka_unit_test(test_l4_verdict),
		cmocka_unit_test(test_fill_and_seed),
		cmocka_unit_test(test_udp_zero_result),
		cmocka_unit_test(test_udp_without_checksum),
		cmocka_unit_test(test_routing_header),
		cmocka_unit_test(test_untouched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
