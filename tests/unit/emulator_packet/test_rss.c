// SPDX-License-Identifier: GPL-2.0-only
/* RSS hashes against published values. */
#include "tests/unit/emulator_packet/frames.h"

#include <arpa/inet.h>

/*
 * Microsoft, "Verifying the RSS Hash Calculation" (Windows driver
 * documentation): the key, and every row of the IPv4 and IPv6 tables.
 */
static const uint8_t key_bytes[CX_RSS_KEY_SIZE] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static const struct vector {
	const char *source, *destination;
	uint16_t source_port, destination_port;
	uint32_t addresses_hash, ports_hash;
} vectors[] = {
	{ "66.9.149.187", "161.142.100.80", 2794, 1766, 0x323e8fc2,
	  0x51ccc178 },
	{ "199.92.111.2", "65.69.140.83", 14230, 4739, 0xd718262a, 0xc626b0ea },
	{ "24.19.198.95", "12.22.207.184", 12898, 38024, 0xd2d0a5de,
	  0x5c2b394a },
	{ "38.27.205.30", "209.142.163.6", 48228, 2217, 0x82989176,
	  0xafc7327f },
	{ "153.39.163.191", "202.188.127.2", 44251, 1303, 0x5d1809c5,
	  0x10e828a2 },
	{ "3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 2794, 1766, 0x2cc18cd5,
	  0x40207d3d },
	{ "3ffe:501:8::260:97ff:fe40:efab", "ff02::1", 14230, 4739, 0x0f0c461c,
	  0xdde51bbf },
	{ "3ffe:1900:4545:3:200:f8ff:fe21:67cf", "fe80::200:f8ff:fe21:67cf",
	  44251, 38024, 0x4b61e985, 0x02d1feef },
};

#define ALL_FLAGS                                          \
	(CX_RSS_FIELDS_UDP_IPV6 | CX_RSS_FIELDS_UDP_IPV4 | \
	 CX_RSS_FIELDS_TCP_IPV6 | CX_RSS_FIELDS_IPV6 |     \
	 CX_RSS_FIELDS_TCP_IPV4 | CX_RSS_FIELDS_IPV4)

/* The definition, a bit at a time. */
static uint32_t plain_toeplitz(const uint8_t *input, size_t length)
{
	uint32_t hash = 0, window = get32(key_bytes);

	for (size_t bit = 0; bit < length * 8; bit++) {
		size_t next = bit + 32;

		if (input[bit / 8] & 0x80 >> bit % 8)
			hash ^= window;
		window <<= 1;
		if (next < CX_RSS_KEY_SIZE * 8 &&
		    key_bytes[next / 8] & 0x80 >> next % 8)
			window |= 1;
	}
	return hash;
}

static size_t build_vector(uint8_t *frame, const struct vector *v,
			   uint8_t protocol)
{
	struct frame_spec spec = { .ipv6 = strchr(v->source, ':') != NULL,
				   .protocol = protocol,
				   .payload = 40 };
	size_t length = frame_build(frame, &spec);
	int family = spec.ipv6 ? AF_INET6 : AF_INET;
	uint8_t *addresses = frame + 14 + (spec.ipv6 ? 8 : 12);

	assert_int_equal(inet_pton(family, v->source, addresses), 1);
	assert_int_equal(inet_pton(family, v->destination,
				   addresses + (spec.ipv6 ? 16 : 4)),
			 1);
	put16(frame + frame_l4(&spec), v->source_port);
	put16(frame + frame_l4(&spec) + 2, v->destination_port);
	return length;
}

static uint32_t hash_frame(const uint8_t *frame, size_t length,
			   unsigned int flags, bool fragments,
			   unsigned int *used)
{
	static struct toeplitz_key key;
	struct packet_info info;
	uint8_t input[36];
	size_t size;

	toeplitz_key_expand(&key, key_bytes);
	packet_parse(frame, length, &info);
	size = packet_rss_input(frame, &info, flags, fragments, input, used);
	return size ? toeplitz_hash(&key, input, size) : 0;
}

static void test_verification_suite(void **state)
{
	uint8_t frame[256];
	unsigned int used;

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *v = &vectors[i];
		bool ipv6 = strchr(v->source, ':') != NULL;
		size_t length = build_vector(frame, v, 6);

		assert_int_equal(hash_frame(frame, length, ALL_FLAGS, false,
					    &used),
				 v->ports_hash);
		assert_int_equal(used, ipv6 ? CX_RSS_FIELDS_TCP_IPV6 :
					      CX_RSS_FIELDS_TCP_IPV4);
		assert_int_equal(hash_frame(frame, length,
					    CX_RSS_FIELDS_IPV4 |
						    CX_RSS_FIELDS_IPV6,
					    false, &used),
				 v->addresses_hash);
		assert_int_equal(used, ipv6 ? CX_RSS_FIELDS_IPV6 :
					      CX_RSS_FIELDS_IPV4);

		length = build_vector(frame, v, 17);
		assert_int_equal(hash_frame(frame, length, ALL_FLAGS, false,
					    &used),
				 v->ports_hash);
		assert_int_equal(used, ipv6 ? CX_RSS_FIELDS_UDP_IPV6 :
					      CX_RSS_FIELDS_UDP_IPV4);
		/* UDP is not enabled: the addresses alone */
		assert_int_equal(hash_frame(frame, length, 0x3c, false, &used),
				 v->addresses_hash);
		length = build_vector(frame, v, 47);
		assert_int_equal(hash_frame(frame, length, ALL_FLAGS, false,
					    &used),
				 v->addresses_hash);
	}
}

/* The reference's completion example: 192.0.2.1:40000 to 192.0.2.2:443 */
static void test_reference_example(void **state)
{
	struct frame_spec spec = { .protocol = 6, .payload = 1448 };
	uint8_t frame[2048];
	unsigned int used;
	size_t length = frame_build(frame, &spec);

	assert_int_equal(hash_frame(frame, length, 0x3c, false, &used),
			 0x7b9ed7e4);
}

static void test_table_matches_definition(void **state)
{
	static struct toeplitz_key key;
	uint8_t input[36];

	toeplitz_key_expand(&key, key_bytes);
	for (uint32_t seed = 0; seed < 200; seed++) {
		fill_bytes(input, sizeof(input), seed);
		for (size_t length = 0; length <= sizeof(input); length++)
			assert_int_equal(toeplitz_hash(&key, input, length),
					 plain_toeplitz(input, length));
	}
}

static void test_not_hashed(void **state)
{
	struct frame_spec spec = { .protocol = 6,
				   .payload = 100,
				   .ipv4_fragment = 0x2000 };
	uint8_t frame[256] = { 0 };
	unsigned int used;
	size_t length = frame_build(frame, &spec);

	assert_int_equal(hash_frame(frame, length, ALL_FLAGS, false, &used), 0);
	assert_int_equal(used, 0);
	assert_int_not_equal(hash_frame(frame, length, ALL_FLAGS, true, &used),
			     0);
	assert_int_equal(used, CX_RSS_FIELDS_IPV4);
	/* no type that is enabled matches */
	assert_int_equal(hash_frame(frame, length,
				    CX_RSS_FIELDS_TCP_IPV4 | CX_RSS_FIELDS_IPV6,
				    true, &used),
			 0);
	put16(frame + 12, 0x0806);
	assert_int_equal(hash_frame(frame, length, ALL_FLAGS, true, &used), 0);
	assert_int_equal(used, 0);
}

static void test_xor(void **state)
{
	uint8_t input[12];

	put32(input, 0xc0000201);
	put32(input + 4, 0xc0000202);
	put32(input + 8, 40000u << 16 | 443);
	assert_int_equal(rss_xor_hash(input, 8), 0x00000003);
	assert_int_equal(rss_xor_hash(input, 12),
			 (0x00000003 ^ (40000u << 16 | 443)));
	assert_int_equal(rss_xor_hash(input, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verification_suite),
		cmocka_unit_test(test_reference_example),
		cmocka_unit_test(test_table_matches_definition),
		cmocka_unit_test(test_not_hashed),
		cmocka_unit_test(test_xor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
