// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/hash.h"

#include <string.h>

/* An odd number with its bits spread well: 2^64 divided by the golden ratio */
#define MULTIPLIER 0x9e3779b97f4a7c15ULL

static uint64_t mix(uint64_t value, uint64_t word)
{
	value = (value ^ word) * MULTIPLIER;
	return value ^ value >> 32;
}

static uint64_t word_at(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

void hash_init(struct hash *h)
{
	memset(h, 0, sizeof(*h));
	h->value = MULTIPLIER;
}

void hash_add(struct hash *h, const void *data, size_t size)
{
	size_t held = h->length % 8;
	const uint8_t *p = data;

	h->length += size;
	if (held) {
		size_t part = size < 8 - held ? size : 8 - held;

		memcpy(h->rest + held, p, part);
		p += part;
		size -= part;
		if (held + part < 8)
			return;
		h->value = mix(h->value, word_at(h->rest));
	}
	for (; size >= 8; p += 8, size -= 8)
		h->value = mix(h->value, word_at(p));
	if (size)
		memcpy(h->rest, p, size);
}

uint64_t hash_value(const struct hash *h)
{
	uint8_t last[8] = { 0 };

	memcpy(last, h->rest, h->length % 8);
	return mix(mix(h->value, word_at(last)), h->length);
}

uint64_t hash_of(const void *data, size_t size)
{
	struct hash h;

	hash_init(&h);
	hash_add(&h, data, size);
	return hash_value(&h);
}
