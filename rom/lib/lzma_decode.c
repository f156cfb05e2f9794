// SPDX-License-Identifier: GPL-2.0-only
#include "rom/lib/lzma_decode.h"
#include "rom/lib/payload_format.h"

#include <stdbool.h>

#define LC PAYLOAD_LZMA_LC
#define LP_MASK ((1u << PAYLOAD_LZMA_LP) - 1)
#define PB_MASK ((1u << PAYLOAD_LZMA_PB) - 1)
#define POSITIONS (1u << PAYLOAD_LZMA_PB)

#define STATES 12
#define FIRST_STATE_AFTER_MATCH 7
#define LENGTH_MIN 2
#define DISTANCE_SLOTS 64
#define LENGTH_CLASSES 4
#define FIRST_MODEL_SLOT 4
#define END_MODEL_SLOT 14
#define ALIGN_BITS 4
#define MODELLED (1u << (END_MODEL_SLOT / 2))

/* A probability of 0 in 2048ths; one half at the start */
typedef uint16_t probability;
#define HALF 1024
#define ONE_BITS 11
#define MOVE_BITS 5

struct lengths {
	probability choice, choice2;
	probability low[POSITIONS][8];
	probability middle[POSITIONS][8];
	probability high[256];
};

struct models {
	probability match[STATES][POSITIONS];
	probability repeat[STATES];
	probability repeat0[STATES];
	probability repeat1[STATES];
	probability repeat2[STATES];
	probability short_repeat[STATES][POSITIONS];
	probability slot[LENGTH_CLASSES][DISTANCE_SLOTS];
	probability distance[MODELLED];
	probability align[1 << ALIGN_BITS];
	struct lengths match_length, repeat_length;
	probability literal[1u << (LC + PAYLOAD_LZMA_LP)][0x300];
};

/* What is left of the input, and where in it the next bit is */
struct coder {
	const uint8_t *in, *end;
	uint32_t range, code;
	bool starved; /* bytes were wanted behind the end */
};

struct lzma_work {
	struct coder coder;
	struct models models;
};

size_t lzma_work_size(void)
{
	return sizeof(struct lzma_work);
}

static uint8_t next_byte(struct coder *c)
{
	if (c->in < c->end)
		return *c->in++;
	c->starved = true;
	return 0;
}

static inline void normalize(struct coder *c)
{
	if (c->range < 1u << 24) {
		c->range <<= 8;
		c->code = c->code << 8 | next_byte(c);
	}
}

static inline unsigned int bit_of(struct coder *c, probability *p)
{
	uint32_t bound;

	normalize(c);
	bound = (c->range >> ONE_BITS) * *p;
	if (c->code < bound) {
		c->range = bound;
		*p += ((1u << ONE_BITS) - *p) >> MOVE_BITS;
		return 0;
	}
	c->range -= bound;
	c->code -= bound;
	*p -= *p >> MOVE_BITS;
	return 1;
}

static unsigned int bit(struct lzma_work *w, probability *p)
{
	return bit_of(&w->coder, p);
}

static uint32_t direct_bits(struct lzma_work *w, unsigned int count)
{
	struct coder *c = &w->coder;
	uint32_t value = 0;

	while (count--) {
		normalize(c);
		c->range >>= 1;
		value <<= 1;
		if (c->code >= c->range) {
			c->code -= c->range;
			value |= 1;
		}
	}
	return value;
}

/*
 * Several bits are read with a copy of the coder: in registers, where a machine
 * that is emulated is much faster than with its memory.
 */
static unsigned int tree(struct lzma_work *w, probability *p, unsigned int bits)
{
	struct coder c = w->coder;
	unsigned int node = 1;

	for (unsigned int i = 0; i < bits; i++)
		node = node << 1 | bit_of(&c, p + node);
	w->coder = c;
	return node - (1u << bits);
}

/* The same, the lowest bit first; @p is where the tree's node 0 would be. */
static unsigned int reverse_tree(struct lzma_work *w, probability *p,
				 unsigned int bits)
{
	unsigned int node = 1, value = 0;

	for (unsigned int i = 0; i < bits; i++) {
		unsigned int one = bit(w, p + node);

		node = node << 1 | one;
		value |= one << i;
	}
	return value;
}

static unsigned int length(struct lzma_work *w, struct lengths *l,
			   unsigned int position)
{
	if (!bit(w, &l->choice))
		return LENGTH_MIN + tree(w, l->low[position], 3);
	if (!bit(w, &l->choice2))
		return LENGTH_MIN + 8 + tree(w, l->middle[position], 3);
	return LENGTH_MIN + 16 + tree(w, l->high, 8);
}

/* Counted from 0: the byte before is at distance 0. */
static uint32_t distance(struct lzma_work *w, unsigned int length)
{
	struct models *m = &w->models;
	unsigned int class = length - LENGTH_MIN, slot, bits;
	uint32_t base;

	if (class > LENGTH_CLASSES - 1)
		class = LENGTH_CLASSES - 1;
	slot = tree(w, m->slot[class], 6);
	if (slot < FIRST_MODEL_SLOT)
		return slot;
	bits = slot / 2 - 1;
	base = (2u | (slot & 1)) << bits;
	if (slot < END_MODEL_SLOT)
		return base + reverse_tree(w, m->distance + base - slot, bits);
	base += direct_bits(w, bits - ALIGN_BITS) << ALIGN_BITS;
	return base + reverse_tree(w, m->align, ALIGN_BITS);
}

static uint8_t literal(struct lzma_work *w, unsigned int state,
		       const uint8_t *out, size_t at, uint32_t distance)
{
	unsigned int before = at ? out[at - 1] : 0, symbol = 1;
	struct coder c = w->coder;
	probability *p =
		w->models.literal[((at & LP_MASK) << LC) | before >> (8 - LC)];

	if (state >= FIRST_STATE_AFTER_MATCH) {
		unsigned int match = out[at - distance - 1];

		while (symbol < 0x100) {
			unsigned int expected = match >> 7 & 1, got;

			match <<= 1;
			got = bit_of(&c, p + ((1 + expected) << 8) + symbol);
			symbol = symbol << 1 | got;
			if (got != expected)
				break;
		}
	}
	while (symbol < 0x100)
		symbol = symbol << 1 | bit_of(&c, p + symbol);
	w->coder = c;
	return symbol;
}

static unsigned int state_after_literal(unsigned int state)
{
	if (state < 4)
		return 0;
	return state < 10 ? state - 3 : state - 6;
}

/* Moves the distance that is repeated to the front of @past. */
static void choose_past(struct lzma_work *w, unsigned int state,
			uint32_t past[4])
{
	unsigned int which = 1;
	uint32_t chosen;

	if (bit(w, &w->models.repeat1[state]))
		which = 2 + bit(w, &w->models.repeat2[state]);
	chosen = past[which];
	for (; which; which--)
		past[which] = past[which - 1];
	past[0] = chosen;
}

/* The length of a match or a repetition, whose distance is then past[0]. */
static unsigned int match(struct lzma_work *w, unsigned int *state,
			  unsigned int position, uint32_t past[4])
{
	struct models *m = &w->models;
	unsigned int old = *state, count;

	if (!bit(w, &m->repeat[old])) {
		past[3] = past[2];
		past[2] = past[1];
		past[1] = past[0];
		count = length(w, &m->match_length, position);
		past[0] = distance(w, count);
		*state = old < FIRST_STATE_AFTER_MATCH ? 7 : 10;
		return count;
	}
	if (bit(w, &m->repeat0[old])) {
		choose_past(w, old, past);
	} else if (!bit(w, &m->short_repeat[old][position])) {
		*state = old < FIRST_STATE_AFTER_MATCH ? 9 : 11;
		return 1;
	}
	*state = old < FIRST_STATE_AFTER_MATCH ? 8 : 11;
	return length(w, &m->repeat_length, position);
}

static int begin(struct lzma_work *w, const uint8_t *in, size_t in_size)
{
	probability *p = (probability *)&w->models;

	for (size_t i = 0; i < sizeof(w->models) / sizeof(*p); i++)
		p[i] = HALF;
	w->coder = (struct coder){ .in = in,
				   .end = in + in_size,
				   .range = 0xffffffff };
	if (next_byte(&w->coder) != 0)
		return -1;
	for (int i = 0; i < 4; i++)
		w->coder.code = w->coder.code << 8 | next_byte(&w->coder);
	return 0;
}

int lzma_decode(struct lzma_work *w, const uint8_t *in, size_t in_size,
		uint8_t *out, size_t out_size)
{
	uint32_t past[4] = { 0 };
	unsigned int state = 0;
	size_t at = 0;

	if (begin(w, in, in_size))
		return -1;
	while (at < out_size) {
		unsigned int position = at & PB_MASK, count;

		if (w->coder.starved)
			return -1;
		if (!bit(w, &w->models.match[state][position])) {
			out[at] = literal(w, state, out, at, past[0]);
			at++;
			state = state_after_literal(state);
			continue;
		}
		count = match(w, &state, position, past);
		if (past[0] >= at || count > out_size - at)
			return -1;
		for (; count; count--, at++)
			out[at] = out[at - past[0] - 1];
	}
	return w->coder.starved ? -1 : 0;
}
