// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/buffer.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/codec/encoder.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/hash.h"

#include <stdlib.h>
#include <string.h>

/* Behind the rest: its macro fail() would be in the way of failure.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/tools/codec_sample.h"

/* The stream decoded in pieces, with other bytes behind it. */
static void round_trip(const struct codec *codec, size_t size)
{
	struct decoder d = { 0 };
	struct buffer packed = { 0 };
	struct buffer plain;
	struct hash hash;
	uint8_t piece[1000];
	size_t length;
	size_t got = 1;

	sample(&plain, size);
	assert_int_equal(codec_encode(codec, plain.data, size, &packed, NULL),
			 0);
	assert_memory_equal(packed.data, codec->magic, 2);
	assert_ptr_equal(codec_find(packed.data, packed.size), codec);
	length = packed.size;
	/* Zeroes end an lz4 frame too. */
	assert_int_equal(buffer_add_zeros(&packed, 16), 0);
	assert_int_equal(
		decoder_open(&d, codec, packed.data, packed.size, NULL), 0);
	hash_init(&hash);
	while (got) {
		assert_int_equal(
			decoder_read(&d, piece, sizeof(piece), &got, NULL), 0);
		hash_add(&hash, piece, got);
	}
	assert_int_equal(hash.length, size);
	assert_int_equal(hash_value(&hash), hash_of(plain.data, size));
	assert_int_equal(d.used, length);
	decoder_close(&d);
	buffer_free(&packed);
	buffer_free(&plain);
}

static void what_is_written_is_read(void **state)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		const struct codec *codec = codec_by_name(names[i]);

		assert_non_null(codec);
		round_trip(codec, 1);
		round_trip(codec, 70000);
		round_trip(codec, 700000);
	}
	/* More than one block of lz4's legacy frame */
	round_trip(&codec_lz4, (8U << 20) + 5);
}

static void the_same_bytes_each_time(void **state)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		const struct codec *codec = codec_by_name(names[i]);
		struct buffer one = { 0 };
		struct buffer two = { 0 };
		struct buffer plain;

		sample(&plain, 5000);
		assert_int_equal(codec_encode(codec, plain.data, plain.size,
					      &one, NULL),
				 0);
		assert_int_equal(codec_encode(codec, plain.data, plain.size,
					      &two, NULL),
				 0);
		assert_int_equal(one.size, two.size);
		assert_memory_equal(one.data, two.data, one.size);
		buffer_free(&one);
		buffer_free(&two);
		buffer_free(&plain);
	}
}

/* Whatever is cut off or flipped ends in an error or an end, not a hang. */
static void damage_is_noticed(void **state)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		const struct codec *codec = codec_by_name(names[i]);
		struct buffer packed = { 0 };
		struct buffer plain;
		struct buffer out;

		sample(&plain, 3000);
		assert_int_equal(codec_encode(codec, plain.data, plain.size,
					      &packed, NULL),
				 0);
		for (size_t size = 0; size < packed.size; size++) {
			int err;

			memset(&out, 0, sizeof(out));
			err = codec_decode(codec, packed.data, size, &out,
					   1 << 20, NULL);
			/* An lz4 frame may end behind any block. */
			if (codec != &codec_lz4)
				assert_true(err < 0);
			else
				assert_true(err < 0 || out.size == 0);
			buffer_free(&out);
		}
		buffer_free(&packed);
		buffer_free(&plain);
	}
}

static void checksums_are_checked(void **state)
{
	static const char *const checked[] = { "gzip", "bzip2", "xz", "lzo",
					       "zstd" };

	for (size_t i = 0; i < 5; i++) {
		const struct codec *codec = codec_by_name(checked[i]);
		struct buffer packed = { 0 };
		struct buffer plain;
		struct buffer out = { 0 };

		sample(&plain, 3000);
		assert_int_equal(codec_encode(codec, plain.data, plain.size,
					      &packed, NULL),
				 0);
		packed.data[packed.size / 2] ^= 0x10;
		assert_true(codec_decode(codec, packed.data, packed.size, &out,
					 1 << 20, NULL) < 0);
		buffer_free(&out);
		buffer_free(&packed);
		buffer_free(&plain);
	}
}

/* What fuzz-codec found: ISA-L counts a byte behind the end. */
static void no_more_is_taken_than_there_is(void **state)
{
	static const uint8_t in[] = { 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00,
				      0x00, 0x00, 0x40, 0x42, 0x5a, 0x03, 0x3b,
				      0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
				      0x00, 0x00, 0xff, 0x00, 0xff };
	struct decoder d = { 0 };
	uint8_t out[64];
	size_t got = 1;
	int err;

	err = decoder_open(&d, &codec_gzip, in, sizeof(in), NULL);
	while (!err && got)
		err = decoder_read(&d, out, sizeof(out), &got, NULL);
	assert_int_equal(err, -EBADMSG);
	assert_in_range(d.used, 0, sizeof(in));
	decoder_close(&d);
}

static void a_bomb_is_stopped(void **state)
{
	struct buffer packed = { 0 };
	struct buffer plain = { 0 };
	struct buffer out = { 0 };

	assert_int_equal(buffer_add_zeros(&plain, 4 << 20), 0);
	assert_int_equal(codec_encode(&codec_gzip, plain.data, plain.size,
				      &packed, NULL),
			 0);
	assert_int_equal(codec_decode(&codec_gzip, packed.data, packed.size,
				      &out, 1 << 20, NULL),
			 -EFBIG);
	assert_true(out.size < 2 << 20);
	buffer_free(&out);
	buffer_free(&packed);
	buffer_free(&plain);
}

static void any_split_hashes_the_same(void **state)
{
	static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";

	for (size_t a = 0; a < sizeof(text); a++) {
		for (size_t b = a; b < sizeof(text); b++) {
			struct hash h;

			hash_init(&h);
			hash_add(&h, text, a);
			hash_add(&h, text + a, b - a);
			hash_add(&h, text + b, sizeof(text) - b);
			assert_int_equal(hash_value(&h),
					 hash_of(text, sizeof(text)));
		}
	}
	assert_int_not_equal(hash_of("a", 1), hash_of("a\0", 2));
}

static int gather(void *ctx, const void *data, size_t size, struct failure *why)
{
	return buffer_add(ctx, data, size);
}

/* The stream of an encoder that is fed in pieces of @piece bytes. */
static void pack_in_pieces(const struct codec *codec, int level,
			   unsigned int threads, const struct buffer *plain,
			   size_t piece, struct buffer *out)
{
	struct encoder e = { .codec = codec,
			     .level = level,
			     .threads = threads,
			     .sink = gather,
			     .ctx = out };

	memset(out, 0, sizeof(*out));
	assert_int_equal(encoder_open(&e, NULL), 0);
	for (size_t at = 0; at < plain->size; at += piece) {
		size_t part = plain->size - at;

		part = part < piece ? part : piece;
		assert_int_equal(
			encoder_write(&e, plain->data + at, part, NULL), 0);
	}
	assert_int_equal(encoder_finish(&e, NULL), 0);
	encoder_close(&e);
}

static void same_bytes(struct buffer *a, struct buffer *b)
{
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->data, b->data, a->size);
	buffer_free(a);
	buffer_free(b);
}

/* And any number of threads, where there are some. */
static void any_pieces_pack_the_same(void **state)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		const struct codec *codec = codec_by_name(names[i]);
		int level = codec->level_min > 1 ? codec->level_min : 1;
		struct buffer plain;
		struct buffer one;
		struct buffer two;
		struct buffer back = { 0 };

		sample(&plain, 300001);
		pack_in_pieces(codec, level, 0, &plain, 7, &one);
		assert_int_equal(codec_decode(codec, one.data, one.size, &back,
					      1 << 20, NULL),
				 0);
		assert_int_equal(back.size, plain.size);
		assert_memory_equal(back.data, plain.data, plain.size);
		pack_in_pieces(codec, level, 0, &plain, 100000, &two);
		same_bytes(&one, &two);
		buffer_free(&plain);
		buffer_free(&back);
	}
}

static void any_threads_pack_the_same(void **state)
{
	static const struct codec *const threaded[] = { &codec_xz,
							&codec_zstd };

	for (size_t i = 0; i < 2; i++) {
		struct buffer plain;
		struct buffer one;
		struct buffer two;

		/* More than two blocks of xz's, fast to pack for the most */
		sample(&plain, (9U << 20) + 5);
		memset(plain.data + 100000, 0, 8U << 20);
		pack_in_pieces(threaded[i], 1, 1, &plain, 1 << 20, &one);
		pack_in_pieces(threaded[i], 1, 3, &plain, 70000, &two);
		same_bytes(&one, &two);
		buffer_free(&plain);
	}
}

/* What we write is written with the same level when it is read again. */
static void the_level_is_told(void **state)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		const struct codec *codec = codec_by_name(names[i]);
		struct buffer plain;
		struct buffer out;
		bool differ = false;
		int first = 0;

		sample(&plain, 50000);
		for (int l = codec->level_min; l <= codec->level_max; l++) {
			int seen, again;

			pack_in_pieces(codec, l, 0, &plain, 50000, &out);
			seen = codec_level(codec, out.data, out.size);
			buffer_free(&out);
			assert_in_range(seen, codec->level_min,
					codec->level_max);
			pack_in_pieces(codec, seen, 0, &plain, 50000, &out);
			again = codec_level(codec, out.data, out.size);
			buffer_free(&out);
			assert_int_equal(seen, again);
			first = first ? first : seen;
			differ = differ || seen != first;
		}
		assert_true(differ == !!codec->level);
		buffer_free(&plain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(the_same_bytes_each_time),
		cmocka_unit_test(damage_is_noticed),
		cmocka_unit_test(checksums_are_checked),
		cmocka_unit_test(no_more_is_taken_than_there_is),
		cmocka_unit_test(a_bomb_is_stopped),
		cmocka_unit_test(any_split_hashes_the_same),
		cmocka_unit_test(any_pieces_pack_the_same),
		cmocka_unit_test(any_threads_pack_the_same),
		cmocka_unit_test(the_level_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
