// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arbitrary bytes as a frame: parse, verify, fill, hash, segment. Sanitizers
 * see what is read and written outside; the checks here see what is wrong.
 *
 * Half of the inputs are frames as they are; the other half are changes to a
 * right frame, because no fuzzer guesses four headers in a row.
 */
#include <stdlib.h>
#include <string.h>

#include "emulator/net/virtio_net_header.h"
#include "emulator/packet/packet.h"
#include "tests/unit/emulator_packet/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool truth)
{
	if (!truth)
		abort();
}

static void check_sums(uint8_t *frame, size_t length)
{
	struct packet_info info;
	uint8_t input[36];
	unsigned int used;
	uint16_t inner;

	packet_parse(frame, length, &info);
	expect(info.l3_end <= length && info.payload_offset <= length);
	expect(!(info.tcp && info.udp) && !(info.ipv4 && info.ipv6));
	packet_ipv4_header_good(frame, &info);
	packet_l4_sum(frame, &info);
	for (unsigned int flags = 0; flags < 64; flags += 9)
		expect(packet_rss_input(frame, &info, flags, flags & 1, input,
					&used) <= sizeof(input));
	inner = packet_vxlan_inner(frame, &info, 4789);
	if (inner) {
		struct packet_info inside;

		packet_parse(frame + inner, info.l3_end - inner, &inside);
		packet_fill_ipv4_checksum(frame + inner, &inside);
		packet_fill_l4_checksum(frame + inner, &inside);
	}
	packet_fill_ipv4_checksum(frame, &info);
	expect(!info.ipv4 || packet_ipv4_header_good(frame, &info));
	packet_fill_l4_checksum(frame, &info);
	if ((info.tcp || info.udp) && !info.truncated)
		expect(packet_l4_sum(frame, &info) == UINT16_MAX);
	packet_parse_headers(frame, length, &info);
	expect(info.l3_end <= length);
	packet_seed_l4_checksum(frame, &info);
	packet_l4_sum(frame, &info);
}

static void check_segments(const uint8_t *frame, size_t length,
			   uint32_t header_length, uint32_t mss)
{
	struct segmenter s;
	uint64_t total = 0;
	uint32_t slice;

	if (header_length > length ||
	    segmenter_init(&s, frame, header_length, length - header_length,
			   mss))
		return;
	expect(s.count >= 1);
	for (uint32_t i = 0; i < s.count; i++) {
		uint32_t most = header_length + mss;
		uint32_t size = most < ETHERNET_MINIMUM ? ETHERNET_MINIMUM :
							  most;
		/* exactly what the contract asks for, so that ASan sees more */
		uint8_t *output = malloc(size);
		uint32_t made =
			segmenter_frame(&s, i, frame + header_length, output);

		expect(made <= size && made >= header_length);
		if (!s.tunnel) {
			struct packet_info info;

			packet_parse(output, made, &info);
			/* the template's bytes behind TCP may not be IP's */
			expect(info.tcp && !info.truncated);
			expect(packet_l4_sum(output, &info) == UINT16_MAX);
			expect(!segmenter_header(&s, i, output, &slice));
			total += slice;
		}
		free(output);
	}
	expect(s.tunnel || total == length - header_length);
	expect(segmenter_header(&s, s.count, NULL, &slice) != 0);
}

static void check_virtio(uint8_t *frame, size_t length, const uint8_t *bytes)
{
	struct virtio_net_header header;
	struct net_frame result;

	virtio_net_header_read(bytes, &header);
	if (virtio_net_header_apply(&header, frame, length, &result))
		return;
	expect(result.data == frame && result.length == length);
	expect(!result.mss || result.header_length <= length);
}

#define PARAMETERS 12

static const uint8_t extensions[] = { 43, 0, 1, 4, 0, 0, 0, 0, 60, 2,
				      4,  1, 0, 0, 0, 0, 9, 9, 9,  9,
				      9,  9, 9, 9, 9, 9, 9, 9, 9,  9,
				      9,  9, 6, 0, 1, 4, 0, 0, 0,  0 };

/* A right frame as the bits of @kind say; in VXLAN if they say so */
static size_t build_frame(uint8_t *frame, const uint8_t *kind)
{
	struct frame_spec spec = {
		.tags = kind[0] & 3,
		.ipv6 = kind[0] & 4,
		.protocol = kind[0] & 8 ? 17 : 6,
		.ipv4_option_words = kind[1] & 1 ? kind[1] & 7 : 0,
		.tcp_option_words = kind[1] >> 3 & 7,
		.tcp_flags = kind[1],
		.payload = kind[2] * 8u,
	};
	struct frame_spec outer = { .protocol = 17, .ipv6 = kind[0] & 16 };
	size_t start;

	if (kind[0] & 32 && spec.ipv6) {
		spec.extensions = extensions;
		spec.extensions_first = 0;
		spec.extensions_length = sizeof(extensions);
	}
	if (!(kind[0] & 64))
		return frame_build(frame, &spec);
	outer.payload = 8 + frame_payload(&spec) + spec.payload;
	frame_build(frame, &outer);
	start = frame_payload(&outer) + 8;
	put16(frame + frame_l4(&outer) + 2, 4789);
	frame[start - 8] = 8;
	return start + frame_build(frame + start, &spec);
}

/* Return: the frame's length; @data is parameters, then changes */
static size_t patched_frame(uint8_t *frame, const uint8_t *data, size_t size)
{
	size_t length = build_frame(frame, data + PARAMETERS);
	const uint8_t *change = data + PARAMETERS + 3;

	for (size -= 3; size >= 2; size -= 2, change += 2)
		if (change[0] < length)
			frame[change[0]] ^= change[1];
	return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t built[8192];
	const uint8_t *bytes = data + PARAMETERS;
	uint32_t mss, header_length;
	uint8_t *frame;
	size_t length;

	if (size < PARAMETERS + 3 || size > 4096)
		return 0;
	mss = data[10] * 8u + 1;
	header_length = data[11];
	length = size - PARAMETERS;
	if (data[9] & 1) {
		length = patched_frame(built, data, length);
		bytes = built;
	}
	/* of the frame's size, so that ASan sees the end */
	frame = malloc(length ? length : 1);
	for (int pass = 0; pass < 3; pass++) {
		memcpy(frame, bytes, length);
		if (pass == 0)
			check_sums(frame, length);
		else if (pass == 1)
			check_segments(frame, length, header_length, mss);
		else
			check_virtio(frame, length, data);
	}
	free(frame);
	return 0;
}
