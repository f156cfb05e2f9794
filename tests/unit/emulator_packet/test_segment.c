// SPDX-License-Identifier: GPL-2.0-only
/*
 * Segmentation: the reference's worked example, and the invariants that make
 * the frames one packet, checked with the plain sums of the test.
 */
#include "tests/unit/emulator_packet/frames.h"

#include <errno.h>

#define PAYLOAD_MAX 140000

static uint8_t payload[PAYLOAD_MAX];
static uint8_t output[70000];

static int setup(void **state)
{
	fill_bytes(payload, sizeof(payload), 4711);
	return 0;
}

/* Reference, worked example of an LSO WQE: 66 bytes, mss 1448, 14480 bytes */
static const uint8_t example_header[66] = {
	0x52, 0x54, 0x00, 0xaa, 0xbb, 0xcc, 0x00, 0x02, 0xc9, 0x01, 0x02,
	0x03, 0x08, 0x00, 0x45, 0x00, 0x38, 0xc4, 0x12, 0x34, 0x40, 0x00,
	0x40, 0x06, 0x6b, 0xfc, 0xc0, 0x00, 0x02, 0x01, 0xc0, 0x00, 0x02,
	0x02, 0x9c, 0x40, 0x01, 0xbb, 0x01, 0x02, 0x03, 0x04, 0xa0, 0xb0,
	0xc0, 0xd0, 0x80, 0x18, 0x01, 0xf5, 0xbc, 0xba, 0x00, 0x00, 0x01,
	0x01, 0x08, 0x0a, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
};

static void test_worked_example(void **state)
{
	struct segmenter s;

	assert_int_equal(segmenter_init(&s, example_header, 66, 14480, 1448),
			 0);
	assert_int_equal(s.count, 10);
	assert_int_equal(segmenter_frame(&s, 0, payload, output), 1514);
	assert_int_equal(get16(output + 16), 0x05dc);
	assert_int_equal(get16(output + 18), 0x1234);
	assert_int_equal(get32(output + 38), 0x01020304);
	assert_int_equal(output[47], 0x10); /* PSH cleared */
	assert_memory_equal(output + 66, payload, 1448);

	assert_int_equal(segmenter_frame(&s, 9, payload, output), 1514);
	assert_int_equal(get16(output + 18), 0x123d);
	assert_int_equal(get32(output + 38), 0x010235ec);
	assert_int_equal(output[47], 0x18);
	assert_memory_equal(output + 66, payload + 13032, 1448);
	/* what is not named stays */
	assert_memory_equal(output, example_header, 16);
	assert_memory_equal(output + 20, example_header + 20, 4);
	assert_memory_equal(output + 26, example_header + 26, 12);
	assert_memory_equal(output + 42, example_header + 42, 5);
	assert_memory_equal(output + 52, example_header + 52, 14);
	assert_int_equal(segmenter_frame(&s, 10, payload, output), 0);
}

/* One frame against the template, by the rules, byte for byte. */
static void check_frame(const uint8_t *template, size_t header,
			const struct frame_spec *spec, size_t total, size_t mss,
			uint32_t index)
{
	static uint8_t expected[70000];
	size_t l3 = frame_l3(spec), l4 = frame_l4(spec);
	size_t offset = index * mss;
	bool last = offset + mss >= total;
	size_t slice = last ? total - offset : mss;
	size_t length = header + slice;

	memcpy(expected, template, header);
	memcpy(expected + header, payload + offset, slice);
	if (spec->ipv6) {
		put16(expected + l3 + 4, (unsigned int)(length - l3 - 40));
	} else {
		put16(expected + l3 + 2, (unsigned int)(length - l3));
		put16(expected + l3 + 4, (spec->id + index) & 0xffff);
		put16(expected + l3 + 10, 0);
		put16(expected + l3 + 10,
		      (uint16_t)~plain_sum(expected + l3, l4 - l3, 0));
	}
	put32(expected + l4 + 4, spec->sequence + (uint32_t)offset);
	if (index)
		expected[l4 + 13] &= 0x7f;
	if (!last)
		expected[l4 + 13] &= 0xf6;
	put16(expected + l4 + 16, 0);
	put16(expected + l4 + 16,
	      (uint16_t)~plain_l4_sum(expected + l3, expected + l4, length - l4,
				      6));
	if (length < 60) {
		memset(expected + length, 0, 60 - length);
		length = 60;
	}
	assert_memory_equal(output, expected, length);
}

static const uint8_t extensions[16] = { 60, 0, 1, 4, 0, 0, 0, 0,
					6,  0, 1, 4, 0, 0, 0, 0 };

static void test_against_plain(void **state)
{
	static const struct {
		size_t total, mss;
	} sizes[] = { { 0, 100 },      { 1, 1 },	 { 7, 1 },
		      { 100, 100 },    { 101, 100 },	 { 14480, 1448 },
		      { 65000, 1460 }, { 131072, 8948 }, { 65000, 65000 } };
	static uint8_t template[256];

	for (unsigned int kind = 0; kind < 64; kind++) {
		struct frame_spec spec = {
			.tags = kind & 3,
			.ipv6 = kind & 4,
			.tcp_option_words = kind & 8 ? 3 : 0,
			.protocol = 6,
			.id = 0xfffe, /* wraps */
			.sequence = 0xfffffff0, /* wraps */
			.tcp_flags = kind & 16 ? 0x99 : 0xff,
		};

		if (kind & 32 && spec.ipv6) {
			spec.extensions = extensions;
			spec.extensions_length = sizeof(extensions);
		} else if (kind & 32) {
			spec.ipv4_option_words = 10;
		}
		frame_build(template, &spec);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			size_t header = frame_payload(&spec);
			struct segmenter s;

			/* LSO templates carry any length, even 0 */
			put16(template + frame_l3(&spec) + (spec.ipv6 ? 4 : 2),
			      i & 1 ? 0 : 0x4321);
			assert_int_equal(segmenter_init(&s, template,
							(uint32_t)header,
							sizes[i].total,
							(uint32_t)sizes[i].mss),
					 0);
			for (uint32_t n = 0; n < s.count; n++) {
				uint32_t length =
					segmenter_frame(&s, n, payload, output);
				size_t left = sizes[i].total - n * sizes[i].mss;
				size_t expected =
					header + (left < sizes[i].mss ?
							  left :
							  sizes[i].mss);

				assert_int_equal(length,
						 expected < 60 ? 60 : expected);
				check_frame(template, header, &spec,
					    sizes[i].total, sizes[i].mss, n);
			}
		}
	}
}

/* Outer Ethernet, IPv4 or IPv6, UDP, VXLAN; inner TCP of @inner. */
static size_t build_vxlan(uint8_t *frame, bool outer_ipv6, bool checksum,
			  const struct frame_spec *inner)
{
	struct frame_spec outer = { .ipv6 = outer_ipv6,
				    .protocol = 17,
				    .id = 0x8000,
				    .payload = 8 + frame_payload(inner) };
	size_t length = frame_build(frame, &outer);
	uint8_t *udp = frame + frame_l4(&outer);

	put16(udp + 2, 4789);
	put16(udp + 6, checksum ? 0x1111 : 0);
	memset(udp + 8, 0, 8);
	udp[8] = 8;
	udp[14] = 42;
	frame_build(udp + 16, inner);
	return length;
}

static void test_vxlan(void **state)
{
	static uint8_t template[256];

	for (unsigned int kind = 0; kind < 8; kind++) {
		struct frame_spec inner = { .ipv6 = kind & 1,
					    .protocol = 6,
					    .id = 77,
					    .sequence = 1000,
					    .tcp_option_words = 3,
					    .tcp_flags = 0x99 };
		bool outer_ipv6 = kind & 2, checksum = kind & 4;
		size_t header =
			build_vxlan(template, outer_ipv6, checksum, &inner);
		size_t udp = 14 + (outer_ipv6 ? 40 : 20);
		size_t start = udp + 16;
		struct segmenter s;

		assert_int_equal(segmenter_init(&s, template, (uint32_t)header,
						10000, 1390),
				 0);
		assert_true(s.tunnel);
		assert_int_equal(s.inner_offset, start);
		assert_int_equal(s.count, 8);
		for (uint32_t n = 0; n < s.count; n++) {
			uint32_t length =
				segmenter_frame(&s, n, payload, output);
			size_t slice = n == 7 ? 10000 - 7 * 1390 : 1390;

			assert_int_equal(length, header + slice);
			if (outer_ipv6) {
				assert_int_equal(get16(output + 18),
						 length - 54);
			} else {
				assert_int_equal(get16(output + 16),
						 length - 14);
				assert_int_equal(get16(output + 18),
						 0x8000 + n);
				assert_int_equal(plain_sum(output + 14, 20, 0),
						 0xffff);
			}
			assert_int_equal(get16(output + udp + 4), length - udp);
			if (checksum)
				assert_int_equal(plain_l4_sum(output + 14,
							      output + udp,
							      length - udp, 17),
						 0xffff);
			else
				assert_int_equal(get16(output + udp + 6), 0);
			assert_memory_equal(output + udp + 8,
					    template + udp + 8, 8);
			memmove(output, output + start, length - start);
			check_frame(template + start, header - start, &inner,
				    10000, 1390, n);
		}
	}
}

/* The header alone, and a payload behind it: the same but for the checksum. */
static void test_header_alone(void **state)
{
	uint8_t header[66];
	struct segmenter s;
	uint32_t slice, length;

	assert_int_equal(segmenter_init(&s, example_header, 66, 3000, 1448), 0);
	for (uint32_t n = 0; n < 3; n++) {
		length = segmenter_frame(&s, n, payload, output);
		assert_int_equal(segmenter_header(&s, n, header, &slice), 0);
		assert_int_equal(66 + slice, length);
		assert_memory_equal(header, output, 50);
		assert_memory_equal(header + 52, output + 52, 14);
		assert_int_equal(get16(header + 50),
				 plain_pseudo_sum(output + 14, length - 34, 6));
	}
	assert_int_equal(segmenter_header(&s, 3, header, &slice), -EINVAL);
}

static void test_refused(void **state)
{
	struct frame_spec udp = { .protocol = 17 };
	struct frame_spec fragment = { .protocol = 6, .ipv4_fragment = 1 };
	struct frame_spec tcp = { .protocol = 6 };
	uint8_t header[256];
	struct segmenter s;
	uint32_t length;

	length = (uint32_t)frame_build(header, &udp);
	assert_int_equal(segmenter_init(&s, header, length, 10, 5), -EINVAL);
	length = (uint32_t)frame_build(header, &fragment);
	assert_int_equal(segmenter_init(&s, header, length, 10, 5), -EINVAL);
	length = (uint32_t)frame_build(header, &tcp);
	assert_int_equal(segmenter_init(&s, header, length, 10, 0), -EINVAL);
	assert_int_equal(segmenter_init(&s, header, length - 1, 10, 5),
			 -EINVAL);
	assert_int_equal(segmenter_init(&s, header, 0, 10, 5), -EINVAL);
	/* 65535 bytes of IP, and one more */
	assert_int_equal(segmenter_init(&s, header, length, 100000, 65495), 0);
	assert_int_equal(segmenter_init(&s, header, length, 100000, 65496),
			 -EINVAL);
	assert_int_equal(segmenter_init(&s, header, length, 65495, 65535), 0);
	assert_int_equal(segmenter_init(&s, header, length, UINT64_MAX, 1),
			 -EINVAL);
}

static void test_identification_step(void **state)
{
	struct segmenter s;

	assert_int_equal(segmenter_init(&s, example_header, 66, 14480, 1448),
			 0);
	s.id_step = 44;
	segmenter_frame(&s, 3, payload, output);
	assert_int_equal(get16(output + 18), 0x1234 + 3 * 44);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worked_example),
		cmocka_unit_test(test_against_plain),
		cmocka_unit_test(test_vxlan),
		cmocka_unit_test(test_header_alone),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_identification_step),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
