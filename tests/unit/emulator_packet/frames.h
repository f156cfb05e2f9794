/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames for tests, built field by field, with checksums by the plainest
 * possible sum: what the fast code is compared with.
 */
#ifndef TESTS_UNIT_EMULATOR_PACKET_FRAMES_H
#define TESTS_UNIT_EMULATOR_PACKET_FRAMES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "emulator/packet/packet.h"

struct frame_spec {
	unsigned int tags; /* VLAN tags, the outermost 802.1ad if more than 1 */
	bool ipv6;
	unsigned int ipv4_option_words;
	uint16_t ipv4_fragment; /* the flags and offset field */
	const uint8_t *extensions; /* IPv6: bytes; their first header's type */
	size_t extensions_length;
	uint8_t extensions_first;
	uint8_t protocol; /* 6, 17, or anything else without a header */
	unsigned int tcp_option_words;
	uint8_t tcp_flags;
	uint16_t id;
	uint32_t sequence;
	size_t payload;
};

/* Return: length of the frame written to @frame; checksums are right. */
size_t frame_build(uint8_t *frame, const struct frame_spec *spec);
/* Where the parts of such a frame begin */
size_t frame_l3(const struct frame_spec *spec);
size_t frame_l4(const struct frame_spec *spec);
size_t frame_payload(const struct frame_spec *spec);

/* RFC 1071 as it is written there: one word at a time. */
uint16_t plain_sum(const uint8_t *data, size_t length, uint32_t sum);
uint16_t plain_pseudo_sum(const uint8_t *l3, size_t length, uint8_t protocol);
/* Over pseudo header and L4 of addresses at fixed places; 0xffff is right. */
uint16_t plain_l4_sum(const uint8_t *l3, const uint8_t *l4, size_t length,
		      uint8_t protocol);

void put16(uint8_t *p, unsigned int value);
void put32(uint8_t *p, uint32_t value);
uint16_t get16(const uint8_t *p);
uint32_t get32(const uint8_t *p);
/* Deterministic bytes */
void fill_bytes(uint8_t *data, size_t length, uint32_t seed);
uint32_t next_random(uint32_t *state);

#endif
