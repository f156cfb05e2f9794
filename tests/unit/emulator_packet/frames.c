// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/emulator_packet/frames.h"

void put16(uint8_t *p, unsigned int value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

void put32(uint8_t *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value & 0xffff);
}

uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

void fill_bytes(uint8_t *data, size_t length, uint32_t seed)
{
	for (size_t i = 0; i < length; i++)
		data[i] = (uint8_t)next_random(&seed);
}

uint16_t plain_sum(const uint8_t *data, size_t length, uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	for (size_t i = 0; i < length; i++) {
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)sum;
}

uint16_t plain_pseudo_sum(const uint8_t *l3, size_t length, uint8_t protocol)
{
	bool ipv6 = l3[0] >> 4 == 6;
	uint32_t sum = plain_sum(l3 + (ipv6 ? 8 : 12), ipv6 ? 32 : 8, protocol);
	uint8_t size[4];

	put32(size, (uint32_t)length);
	return plain_sum(size, 4, sum);
}

uint16_t plain_l4_sum(const uint8_t *l3, const uint8_t *l4, size_t length,
		      uint8_t protocol)
{
	return plain_sum(l4, length, plain_pseudo_sum(l3, length, protocol));
}

size_t frame_l3(const struct frame_spec *spec)
{
	return 14 + 4 * (size_t)spec->tags;
}

size_t frame_l4(const struct frame_spec *spec)
{
	size_t l3 = frame_l3(spec);

	return spec->ipv6 ? l3 + 40 + spec->extensions_length :
			    l3 + 20 + 4 * (size_t)spec->ipv4_option_words;
}

size_t frame_payload(const struct frame_spec *spec)
{
	size_t l4 = frame_l4(spec);

	if (spec->protocol == 6)
		return l4 + 20 + 4 * (size_t)spec->tcp_option_words;
	return spec->protocol == 17 ? l4 + 8 : l4;
}

static void build_ethernet(uint8_t *frame, const struct frame_spec *spec)
{
	static const uint8_t addresses[12] = { 0x52, 0x54, 0, 0xaa,
					       0xbb, 0xcc, 0, 2,
					       0xc9, 1,	   2, 3 };
	uint8_t *p = frame + 12;

	memcpy(frame, addresses, 12);
	for (unsigned int i = 0; i < spec->tags; i++, p += 4) {
		put16(p, !i && spec->tags > 1 ? 0x88a8 : 0x8100);
		put16(p + 2, 0x6064 + i);
	}
	put16(p, spec->ipv6 ? 0x86dd : 0x0800);
}

static void build_ipv4(uint8_t *l3, const struct frame_spec *spec, size_t total)
{
	size_t header = 20 + 4 * (size_t)spec->ipv4_option_words;

	memset(l3, 1, header); /* options: no operation */
	l3[0] = (uint8_t)(0x40 | header / 4);
	l3[1] = 0;
	put16(l3 + 2, (unsigned int)total);
	put16(l3 + 4, spec->id);
	put16(l3 + 6, spec->ipv4_fragment);
	l3[8] = 64;
	l3[9] = spec->protocol;
	put16(l3 + 10, 0);
	put32(l3 + 12, 0xc0000201);
	put32(l3 + 16, 0xc0000202);
	put16(l3 + 10, (uint16_t)~plain_sum(l3, header, 0));
}

static void build_ipv6(uint8_t *l3, const struct frame_spec *spec, size_t total)
{
	put32(l3, 0x60000000);
	put16(l3 + 4, (unsigned int)total - 40);
	l3[6] = spec->extensions_length ? spec->extensions_first :
					  spec->protocol;
	l3[7] = 64;
	fill_bytes(l3 + 8, 32, 6);
	if (spec->extensions_length)
		memcpy(l3 + 40, spec->extensions, spec->extensions_length);
}

size_t frame_build(uint8_t *frame, const struct frame_spec *spec)
{
	uint8_t *l3 = frame + frame_l3(spec);
	uint8_t *l4 = frame + frame_l4(spec);
	size_t header = frame_payload(spec) - frame_l4(spec);
	size_t l4_length = header + spec->payload;

	build_ethernet(frame, spec);
	if (spec->ipv6)
		build_ipv6(l3, spec, (size_t)(l4 - l3) + l4_length);
	else
		build_ipv4(l3, spec, (size_t)(l4 - l3) + l4_length);
	memset(l4, 1, header);
	fill_bytes(l4 + header, spec->payload, 77);
	put16(l4, 40000);
	put16(l4 + 2, 443);
	if (spec->protocol == 6) {
		put32(l4 + 4, spec->sequence);
		put32(l4 + 8, 0xa0b0c0d0);
		l4[12] = (uint8_t)(header / 4 << 4);
		l4[13] = spec->tcp_flags;
		put16(l4 + 14, 501);
		put16(l4 + 16, 0);
		put16(l4 + 18, 0);
		put16(l4 + 16, (uint16_t)~plain_l4_sum(l3, l4, l4_length, 6));
	} else if (spec->protocol == 17) {
		put16(l4 + 4, (unsigned int)l4_length);
		put16(l4 + 6, 0);
		put16(l4 + 6, (uint16_t)~plain_l4_sum(l3, l4, l4_length, 17));
	}
	return frame_payload(spec) + spec->payload;
}
