// SPDX-License-Identifier: GPL-2.0-only
/* A stream that threads unpack ahead of its reader is the stream that it is. */
#include "tools/lib/base/buffer.h"
#include "tools/lib/codec/ahead.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/hash.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>

/* Behind the rest: its macro fail() would be in the way of failure.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/tools/codec_sample.h"

/* Of the xz stream that has several */
#define BLOCK (64U << 10)

struct outcome {
	int err;
	size_t used;
	uint64_t size;
	uint64_t hash;
	bool bad_check;
	struct failure why;
};

/* As xz -T --block-size does it. */
static void pack_blocks(const struct buffer *plain, struct buffer *packed)
{
	lzma_mt mt = { .threads = 2,
		       .block_size = BLOCK,
		       .preset = 0,
		       .check = LZMA_CHECK_CRC32 };
	lzma_stream lz = LZMA_STREAM_INIT;

	assert_int_equal(buffer_add_zeros(packed, plain->size), 0);
	assert_int_equal(lzma_stream_encoder_mt(&lz, &mt), LZMA_OK);
	lz.next_in = plain->data;
	lz.avail_in = plain->size;
	lz.next_out = packed->data;
	lz.avail_out = packed->size;
	assert_int_equal(lzma_code(&lz, LZMA_FINISH), LZMA_STREAM_END);
	packed->size -= lz.avail_out;
	lzma_end(&lz);
}

static struct outcome decode(const struct codec *codec, const struct buffer *in,
			     size_t size, bool ahead, size_t limit)
{
	struct decoder d = { .ahead = ahead, .lenient = true };
	struct outcome o = { 0 };
	uint8_t piece[30000];
	struct hash hash;
	size_t got = 1;

	hash_init(&hash);
	o.err = decoder_open(&d, codec, in->data, size, &o.why);
	while (!o.err && got && o.size < limit) {
		o.err = decoder_read(&d, piece, sizeof(piece), &got, &o.why);
		if (o.err)
			break;
		hash_add(&hash, piece, got);
		o.size += got;
		assert_true(d.used <= size);
	}
	o.used = d.used;
	o.bad_check = d.bad_check;
	o.hash = hash_value(&hash);
	decoder_close(&d);
	return o;
}

static void compare(const struct codec *codec, const struct buffer *in,
		    size_t size)
{
	struct outcome plain = decode(codec, in, size, false, SIZE_MAX);
	struct outcome ahead = decode(codec, in, size, true, SIZE_MAX);

	assert_int_equal(plain.err, ahead.err);
	if (plain.err) {
		assert_string_equal(plain.why.text, ahead.why.text);
		return;
	}
	assert_int_equal(plain.size, ahead.size);
	assert_int_equal(plain.used, ahead.used);
	assert_int_equal(plain.hash, ahead.hash);
	assert_int_equal(plain.bad_check, ahead.bad_check);
}

static void the_same_is_read(void **state)
{
	struct buffer plain;

	sample(&plain, 1500000);
	for (size_t i = 0; i < N_NAMES; i++) {
		const struct codec *codec = codec_by_name(names[i]);
		struct buffer packed = { 0 };
		size_t length;

		assert_int_equal(codec_encode_level(codec, codec->level_min,
						    plain.data, plain.size,
						    &packed, NULL),
				 0);
		length = packed.size;
		assert_int_equal(buffer_add_zeros(&packed, 16), 0);
		compare(codec, &packed, packed.size);
		compare(codec, &packed, length);
		compare(codec, &packed, length - 1);
		compare(codec, &packed, length / 2);
		compare(codec, &packed, 5);
		buffer_free(&packed);
	}
	buffer_free(&plain);
}

static void blocks_are_read_in_their_order(void **state)
{
	struct buffer packed = { 0 };
	struct buffer plain;
	struct outcome o;

	sample(&plain, 10 * BLOCK + 77);
	pack_blocks(&plain, &packed);
	o = decode(&codec_xz, &packed, packed.size, true, SIZE_MAX);
	assert_int_equal(o.err, 0);
	assert_int_equal(o.size, plain.size);
	assert_int_equal(o.hash, hash_of(plain.data, plain.size));
	assert_int_equal(o.used, packed.size);
	buffer_free(&packed);
	buffer_free(&plain);
}

static void wherever_blocks_are_cut_off(void **state)
{
	struct buffer packed = { 0 };
	struct buffer plain;

	sample(&plain, 3 * BLOCK + 5);
	pack_blocks(&plain, &packed);
	for (size_t size = 0; size < packed.size; size += 977)
		compare(&codec_xz, &packed, size);
	for (size_t size = packed.size - 60; size <= packed.size; size++)
		compare(&codec_xz, &packed, size);
	buffer_free(&packed);
	buffer_free(&plain);
}

/* Everything that is not a block's data, and each so-manieth byte of that. */
static void whatever_is_damaged_in_blocks(void **state)
{
	struct buffer packed = { 0 };
	struct buffer plain;
	size_t at = 0;

	sample(&plain, 3 * BLOCK + 5);
	pack_blocks(&plain, &packed);
	while (at < packed.size) {
		packed.data[at] ^= 0x41;
		compare(&codec_xz, &packed, packed.size);
		packed.data[at] ^= 0x41;
		at += at < 100 || packed.size - at < 100 ? 1 : 1009;
	}
	buffer_free(&packed);
	buffer_free(&plain);
}

static void nobody_has_to_read_to_the_end(void **state)
{
	struct buffer packed = { 0 };
	struct buffer plain;

	sample(&plain, 40 * BLOCK);
	pack_blocks(&plain, &packed);
	for (size_t limit = 0; limit < 5 * BLOCK; limit += 17777)
		assert_int_equal(
			decode(&codec_xz, &packed, packed.size, true, limit).err,
			0);
	buffer_free(&packed);
	buffer_free(&plain);
}

/* What a thread makes: numbers up to a limit */
struct counted {
	uint64_t next;
	uint64_t limit;
	int err; /* at the limit; 0: that is the end */
};

static int count(void *ctx, uint8_t *out, size_t room, size_t *got,
		 size_t *used, struct failure *why)
{
	struct counted *c = ctx;

	*got = 0;
	while (c->next < c->limit && room - *got >= sizeof(c->next)) {
		memcpy(out + *got, &c->next, sizeof(c->next));
		*got += sizeof(c->next);
		__atomic_fetch_add(&c->next, 1, __ATOMIC_RELAXED);
	}
	*used = c->next;
	if (*got || !c->err)
		return 0;
	strcpy(why->text, "no more");
	return c->err;
}

static void threads_share_a_bounded_pool(void **state)
{
	struct ahead_pool *pool = ahead_pool_new(1 << 20);
	struct counted counted[3] = { 0 };
	struct ahead *ahead[3];
	uint64_t numbers[1000];
	size_t used;
	size_t got;

	assert_non_null(pool);
	for (int i = 0; i < 3; i++) {
		counted[i].limit = 1000000;
		ahead[i] = ahead_start(pool, count, &counted[i], NULL);
		assert_non_null(ahead[i]);
	}
	for (int i = 0; i < 3; i++) {
		uint64_t expected = 0;

		do {
			assert_int_equal(
				ahead_read(ahead[i], (uint8_t *)numbers,
					   sizeof(numbers), &got, &used, NULL),
				0);
			for (size_t n = 0; n < got / 8; n++)
				assert_int_equal(numbers[n], expected++);
		} while (got);
		assert_int_equal(expected, 1000000);
		/* A MiB of numbers, and what each of the three has in hand */
		for (int other = i + 1; other < 3; other++)
			assert_true(__atomic_load_n(&counted[other].next,
						    __ATOMIC_RELAXED) <=
				    (2U << 20) / 8);
		ahead_stop(ahead[i]);
	}
	ahead_pool_free(pool);
}

static void an_error_comes_behind_the_bytes_before_it(void **state)
{
	struct ahead_pool *pool = ahead_pool_new(1 << 20);
	struct counted counted = { .limit = 100, .err = -EBADMSG };
	struct ahead *ahead = ahead_start(pool, count, &counted, NULL);
	uint64_t numbers[1000];
	struct failure why;
	size_t used;
	size_t got;

	assert_int_equal(ahead_read(ahead, (uint8_t *)numbers, sizeof(numbers),
				    &got, &used, &why),
			 0);
	assert_int_equal(got, 800);
	assert_int_equal(used, 100);
	assert_int_equal(ahead_read(ahead, (uint8_t *)numbers, sizeof(numbers),
				    &got, &used, &why),
			 -EBADMSG);
	assert_int_equal(got, 0);
	assert_string_equal(why.text, "no more");
	ahead_stop(ahead);
	ahead_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_is_read),
		cmocka_unit_test(blocks_are_read_in_their_order),
		cmocka_unit_test(wherever_blocks_are_cut_off),
		cmocka_unit_test(whatever_is_damaged_in_blocks),
		cmocka_unit_test(nobody_has_to_read_to_the_end),
		cmocka_unit_test(threads_share_a_bounded_pool),
		cmocka_unit_test(an_error_comes_behind_the_bytes_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
