// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive side scaling: what of a packet is hashed, and the two hashes.
 */
#include <string.h>

#include "emulator/packet/bytes.h"
#include "emulator/packet/headers.h"
#include "emulator/packet/packet.h"

/* The 32 bits of the key that begin at bit @first. */
static uint32_t key_window(const uint8_t *bytes, unsigned int first)
{
	const uint8_t *p = bytes + first / 8;
	unsigned int shift = first % 8;
	uint64_t bits = be32_get(p);

	/* a window that begins inside of a byte reaches into a fifth */
	bits = bits << 8 | (shift ? p[4] : 0);
	return (uint32_t)(bits >> (8 - shift));
}

void toeplitz_key_expand(struct toeplitz_key *key,
			 const uint8_t bytes[CX_RSS_KEY_SIZE])
{
	for (unsigned int i = 0; i < 36; i++) {
		uint32_t *row = key->table[i];

		row[0] = 0;
		for (unsigned int bit = 0; bit < 8; bit++) {
			unsigned int low = 1u << bit;
			uint32_t window = key_window(bytes, i * 8 + 7 - bit);

			for (unsigned int value = 0; value < low; value++)
				row[low + value] = row[value] ^ window;
		}
	}
}

uint32_t toeplitz_hash(const struct toeplitz_key *key, const uint8_t *input,
		       size_t length)
{
	uint32_t hash = 0;

	if (length > 36)
		length = 36;
	for (size_t i = 0; i < length; i++)
		hash ^= key->table[i][input[i]];
	return hash;
}

uint32_t rss_xor_hash(const uint8_t *input, size_t length)
{
	uint32_t hash = 0;

	for (size_t i = 0; i + 4 <= length; i += 4)
		hash ^= be32_get(input + i);
	return hash;
}

static unsigned int choose_fields(const struct packet_info *info,
				  unsigned int flags, bool hash_fragments)
{
	unsigned int l4 = 0, l3 = 0;

	if (info->fragment && !hash_fragments)
		return 0;
	if (info->ipv4) {
		l3 = CX_RSS_FIELDS_IPV4;
		l4 = info->tcp ? CX_RSS_FIELDS_TCP_IPV4 :
		     info->udp ? CX_RSS_FIELDS_UDP_IPV4 :
				 0;
	} else if (info->ipv6) {
		l3 = CX_RSS_FIELDS_IPV6;
		l4 = info->tcp ? CX_RSS_FIELDS_TCP_IPV6 :
		     info->udp ? CX_RSS_FIELDS_UDP_IPV6 :
				 0;
	}
	return flags & l4 ? l4 : flags & l3;
}

size_t packet_rss_input(const uint8_t *frame, const struct packet_info *info,
			unsigned int flags, bool hash_fragments, uint8_t *input,
			unsigned int *used)
{
	const uint8_t *l3 = frame + info->l3_offset;
	size_t size;

	*used = choose_fields(info, flags, hash_fragments);
	if (!*used)
		return 0;
	/* source and destination stand side by side, as they are hashed */
	if (info->ipv4) {
		size = 2 * IPV4_ADDRESS_SIZE;
		memcpy(input, l3 + IPV4_SOURCE, size);
	} else {
		size = 2 * IPV6_ADDRESS_SIZE;
		memcpy(input, l3 + IPV6_SOURCE, size);
	}
	if (*used & (CX_RSS_FIELDS_IPV4 | CX_RSS_FIELDS_IPV6))
		return size;
	/* so do the ports, at the start of TCP and UDP */
	memcpy(input + size, frame + info->l4_offset, 4);
	return size + 4;
}
