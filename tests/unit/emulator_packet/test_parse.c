// SPDX-License-Identifier: GPL-2.0-only
/* The parser: what it finds, and that no byte behind the end is touched. */
#include "tests/unit/emulator_packet/frames.h"

#include <sys/mman.h>
#include <unistd.h>

static const uint8_t hop_then_destination[] = { 60, 0, 1, 4, 0, 0, 0, 0,
						6,  0, 1, 4, 0, 0, 0, 0 };
static const uint8_t fragment_header[] = { 17, 0, 0, 1, 0, 0, 0, 9 };
static const uint8_t authentication[] = { 17, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1,
					  1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

static const struct frame_spec specs[] = {
	{ .protocol = 6, .payload = 20, .tcp_option_words = 3 },
	{ .protocol = 6, .payload = 5, .tcp_option_words = 10, .tags = 1 },
	{ .protocol = 17, .payload = 9, .ipv4_option_words = 10, .tags = 2 },
	{ .protocol = 17, .payload = 30, .ipv4_fragment = 0x2000 },
	{ .protocol = 6, .payload = 30, .ipv4_fragment = 0x00b9 },
	{ .protocol = 1, .payload = 30, .tags = 4 },
	{ .protocol = 6, .payload = 20, .ipv6 = true },
	{ .protocol = 17, .payload = 20, .ipv6 = true, .tags = 3 },
	{ .protocol = 6,
	  .payload = 20,
	  .ipv6 = true,
	  .extensions_first = 0,
	  .extensions = hop_then_destination,
	  .extensions_length = sizeof(hop_then_destination) },
	{ .protocol = 17,
	  .payload = 20,
	  .ipv6 = true,
	  .extensions_first = 44,
	  .extensions = fragment_header,
	  .extensions_length = sizeof(fragment_header) },
	{ .protocol = 17,
	  .payload = 20,
	  .ipv6 = true,
	  .extensions_first = 51,
	  .extensions = authentication,
	  .extensions_length = sizeof(authentication) },
	{ .protocol = 58, .payload = 20, .ipv6 = true },
};

#define SPECS (sizeof(specs) / sizeof(specs[0]))

static void test_fields(void **state)
{
	uint8_t frame[512];
	struct packet_info info;

	for (size_t i = 0; i < SPECS; i++) {
		const struct frame_spec *spec = &specs[i];
		size_t length = frame_build(frame, spec);
		bool fragment = spec->ipv4_fragment ||
				spec->extensions == fragment_header;
		bool l4 = !fragment &&
			  (spec->protocol == 6 || spec->protocol == 17);

		memset(frame + length, 0, 60);
		packet_parse(frame, length + 60, &info);
		assert_int_equal(info.ethertype, spec->ipv6 ? 0x86dd : 0x0800);
		assert_int_equal(info.vlan_tags, spec->tags);
		assert_int_equal(info.vlan_tpid, !spec->tags	? 0 :
						 spec->tags > 1 ? 0x88a8 :
								  0x8100);
		assert_int_equal(info.vlan_tci, spec->tags ? 0x6064 : 0);
		assert_int_equal(info.l3_offset, frame_l3(spec));
		assert_int_equal(info.l3_end, length);
		assert_int_equal(info.ipv4, !spec->ipv6);
		assert_int_equal(info.ipv6, spec->ipv6);
		assert_int_equal(info.ipv4_options,
				 spec->ipv4_option_words != 0);
		assert_int_equal(info.ipv6_extensions,
				 spec->extensions != NULL);
		assert_int_equal(info.fragment, fragment);
		assert_int_equal(info.l4_protocol, spec->protocol);
		assert_int_equal(info.tcp, l4 && spec->protocol == 6);
		assert_int_equal(info.udp, l4 && spec->protocol == 17);
		assert_int_equal(info.l4_offset, l4 ? frame_l4(spec) : 0);
		assert_int_equal(info.l4_header,
				 l4 ? frame_payload(spec) - frame_l4(spec) : 0);
		assert_int_equal(info.payload_offset,
				 l4 ? frame_payload(spec) : frame_l4(spec));
		assert_false(info.truncated);
		assert_false(info.llc || info.snap);
	}
}

static void test_llc_and_snap(void **state)
{
	uint8_t frame[60] = { [12] = 0x00, 0x26, 0x42, 0x42, 0x03 };
	struct packet_info info;

	packet_parse(frame, sizeof(frame), &info);
	assert_true(info.llc);
	assert_false(info.snap);
	memcpy(frame + 14, "\xaa\xaa\x03\x00\x00\x00\x08\x00\x45", 9);
	packet_parse(frame, sizeof(frame), &info);
	assert_true(info.llc && info.snap);
	assert_false(info.ipv4);
	packet_parse(frame, 21, &info);
	assert_true(info.llc && !info.snap);
	packet_parse(frame, 16, &info);
	assert_false(info.llc || info.snap);
}

static void test_five_tags_hide_the_packet(void **state)
{
	struct frame_spec spec = { .protocol = 6, .tags = 5, .payload = 4 };
	uint8_t frame[256];
	struct packet_info info;

	packet_parse(frame, frame_build(frame, &spec), &info);
	assert_int_equal(info.vlan_tags, VLAN_TAGS_MAX);
	assert_int_equal(info.ethertype, 0x8100);
	assert_false(info.ipv4 || info.tcp);
}

static void test_bad_headers(void **state)
{
	struct frame_spec v4 = { .protocol = 6, .payload = 10 };
	struct frame_spec v6 = { .protocol = 6, .payload = 10, .ipv6 = true };
	uint8_t frame[256];
	struct packet_info info;
	size_t length;

	length = frame_build(frame, &v4);
	frame[14] = 0x65; /* version 6 under the type of IPv4 */
	packet_parse(frame, length, &info);
	assert_false(info.ipv4 || info.l3_offset);
	frame[14] = 0x44; /* shorter than a header can be */
	packet_parse(frame, length, &info);
	assert_false(info.ipv4);
	frame[14] = 0x45;
	put16(frame + 16, 19); /* total length below the header's */
	packet_parse(frame, length, &info);
	assert_false(info.ipv4);
	put16(frame + 16, 39); /* TCP does not fit into the packet */
	packet_parse(frame, length, &info);
	assert_true(info.ipv4 && !info.tcp && !info.l4_offset);
	put16(frame + 16, (unsigned int)(length - 14 + 1));
	packet_parse(frame, length, &info);
	assert_true(info.ipv4 && info.tcp && info.truncated);
	assert_int_equal(info.l3_end, length);
	put16(frame + 16, (unsigned int)(length - 14));
	frame[46] = 0x40; /* TCP header shorter than a TCP header */
	packet_parse(frame, length, &info);
	assert_false(info.tcp);
	frame[46] = 0xf0; /* and longer than the packet */
	packet_parse(frame, length, &info);
	assert_false(info.tcp);

	length = frame_build(frame, &v6);
	put16(frame + 18, 19); /* payload length without room for TCP */
	packet_parse(frame, length, &info);
	assert_true(info.ipv6 && !info.tcp);
	put16(frame + 18, 0);
	packet_parse(frame, length, &info);
	assert_true(info.ipv6 && !info.tcp);
	packet_parse_headers(frame, length, &info);
	assert_true(info.ipv6 && info.tcp);
	assert_int_equal(info.l3_end, length);
}

static void test_vxlan(void **state)
{
	struct frame_spec outer = { .protocol = 17, .payload = 8 + 14 };
	uint8_t frame[256];
	struct packet_info info;
	size_t length = frame_build(frame, &outer);

	put16(frame + 36, 4789);
	frame[42] = 0x08;
	packet_parse(frame, length, &info);
	assert_int_equal(packet_vxlan_inner(frame, &info, 4789), 50);
	assert_int_equal(packet_vxlan_inner(frame, &info, 4790), 0);
	frame[42] = 0;
	assert_int_equal(packet_vxlan_inner(frame, &info, 4789), 0);
	frame[42] = 0x08;
	put16(frame + 16, (unsigned int)length - 14 - 1);
	packet_parse(frame, length, &info);
	assert_int_equal(packet_vxlan_inner(frame, &info, 4789), 0);
}

static void test_vlan_push_pop(void **state)
{
	struct frame_spec spec = { .protocol = 6, .payload = 10 };
	struct frame_spec tagged = { .protocol = 6, .payload = 10, .tags = 1 };
	uint8_t buffer[256], expected[256], *frame;
	size_t length = frame_build(buffer + 4, &spec);

	frame = packet_vlan_push(buffer + 4, 0x8100, 0x6064);
	assert_ptr_equal(frame, buffer);
	assert_int_equal(frame_build(expected, &tagged), length + 4);
	assert_memory_equal(frame, expected, length + 4);
	frame = packet_vlan_pop(frame);
	frame_build(expected, &spec);
	assert_ptr_equal(frame, buffer + 4);
	assert_memory_equal(frame, expected, length);
}

/* The bytes end where a page without access begins. */
struct guarded {
	uint8_t *map, *end;
	size_t size;
};

static struct guarded guarded_map(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct guarded g = { .size = 2 * page };

	g.map = mmap(NULL, g.size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(g.map, MAP_FAILED);
	assert_int_equal(mprotect(g.map + page, page, PROT_NONE), 0);
	g.end = g.map + page;
	return g;
}

static void use_everything(uint8_t *frame, size_t length)
{
	struct packet_info info;
	uint8_t input[36];
	unsigned int used;
	uint16_t inner;

	packet_parse(frame, length, &info);
	assert_true(info.l3_end <= length);
	assert_true(info.payload_offset <= length);
	packet_ipv4_header_good(frame, &info);
	packet_l4_sum(frame, &info);
	packet_rss_input(frame, &info, 0x3f, true, input, &used);
	inner = packet_vxlan_inner(frame, &info, 443);
	if (inner) {
		struct packet_info inside;

		packet_parse(frame + inner, info.l3_end - inner, &inside);
		packet_l4_sum(frame + inner, &inside);
	}
	packet_fill_ipv4_checksum(frame, &info);
	packet_fill_l4_checksum(frame, &info);
	if (!info.truncated && (info.tcp || info.udp))
		assert_int_equal(packet_l4_sum(frame, &info), 0xffff);
	packet_parse_headers(frame, length, &info);
	assert_true(info.l3_end <= length);
	packet_seed_l4_checksum(frame, &info);
	packet_l4_sum(frame, &info);
}

static void test_every_prefix(void **state)
{
	struct guarded g = guarded_map();
	uint8_t frame[512];

	for (size_t i = 0; i < SPECS; i++) {
		size_t length = frame_build(frame, &specs[i]);

		for (size_t cut = 0; cut <= length; cut++) {
			memcpy(g.end - cut, frame, cut);
			use_everything(g.end - cut, cut);
		}
	}
	munmap(g.map, g.size);
}

/* Right frames with some bytes of headers changed go deepest. */
static void test_mutations(void **state)
{
	struct guarded g = guarded_map();
	uint8_t frame[512];
	uint32_t seed = 20090101;

	for (unsigned int round = 0; round < 200000; round++) {
		const struct frame_spec *spec =
			&specs[next_random(&seed) % SPECS];
		size_t length = frame_build(frame, spec);
		unsigned int changes = next_random(&seed) % 4;

		while (changes--)
			frame[12 + next_random(&seed) % 80] =
				(uint8_t)next_random(&seed);
		length = next_random(&seed) % 3 ?
				 length :
				 next_random(&seed) % (length + 1);
		memcpy(g.end - length, frame, length);
		use_everything(g.end - length, length);
	}
	munmap(g.map, g.size);
}

static void test_random_bytes(void **state)
{
	struct guarded g = guarded_map();
	static const uint16_t types[] = { 0x0800, 0x86dd, 0x8100, 0x88a8, 100 };
	uint32_t seed = 42;

	for (unsigned int round = 0; round < 50000; round++) {
		size_t length = next_random(&seed) % 200;
		uint8_t *frame = g.end - length;

		fill_bytes(frame, length, seed);
		if (length >= 15) {
			put16(frame + 12, types[round % 5]);
			frame[14] = (uint8_t)(round % 5 ? 0x60 : 0x45);
		}
		use_everything(frame, length);
	}
	munmap(g.map, g.size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_llc_and_snap),
		cmocka_unit_test(test_five_tags_hide_the_packet),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_vxlan),
		cmocka_unit_test(test_vlan_push_pop),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
