// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/buffer.h"
#include "tools/lib/image/cpio.h"
#include "tools/lib/base/failure.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Behind the rest: its macro fail() would be in the way of failure.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* What a reader hands on, as one text that tests can compare. */
struct record {
	char text[4096];
};

static void put(struct record *r, const char *text)
{
	strncat(r->text, text, sizeof(r->text) - strlen(r->text) - 1);
}

static int begin(void *ctx, const struct cpio_entry *e, struct failure *why)
{
	char line[200];

	snprintf(line, sizeof(line), "<%s %o %u:", e->name, e->mode, e->size);
	put(ctx, line);
	return 0;
}

static int data(void *ctx, const uint8_t *bytes, size_t size,
		struct failure *why)
{
	char text[200] = "";

	assert_in_range(size, 1, sizeof(text) - 1);
	memcpy(text, bytes, size);
	put(ctx, text);
	return 0;
}

static int end(void *ctx, struct failure *why)
{
	put(ctx, ">");
	return 0;
}

static int trailer(void *ctx, struct failure *why)
{
	put(ctx, "|");
	return 0;
}

static void skipped(void *ctx, const struct cpio_entry *e, const char *reason)
{
	put(ctx, "(");
	put(ctx, e->name ? e->name : "no name");
	put(ctx, ")");
}

static const struct cpio_sink sink = { begin, data, end, trailer, skipped };

/* Feeds the bytes in pieces of @step; returns the reader's first error. */
static int feed(const uint8_t *bytes, size_t size, size_t step,
		uint64_t position, struct record *r, size_t *consumed)
{
	struct cpio_reader reader;
	struct failure why;
	int err = 0;

	memset(r, 0, sizeof(*r));
	cpio_reader_init(&reader, &sink, r, position);
	*consumed = 0;
	while (*consumed < size && !err) {
		size_t part = size - *consumed < step ? size - *consumed : step;
		size_t used;

		err = cpio_reader_feed(&reader, bytes + *consumed, part, &used,
				       &why);
		*consumed += used;
		if (used < part)
			break;
	}
	return err ? err : cpio_reader_finish(&reader, &why);
}

static void make_archive(struct buffer *b)
{
	struct cpio_entry dir = { .name = "d", .mode = S_IFDIR | 0755 };
	struct cpio_entry file = {
		.name = "d/file",
		.mode = S_IFREG | 0644,
		.size = 5,
	};
	struct cpio_entry link = {
		.name = "./l",
		.mode = S_IFLNK | 0777,
		.size = 2,
	};

	memset(b, 0, sizeof(*b));
	assert_int_equal(cpio_write(b, &dir, NULL, NULL), 0);
	assert_int_equal(cpio_write(b, &file, "hello", NULL), 0);
	assert_int_equal(cpio_write(b, &link, "d/", NULL), 0);
	assert_int_equal(cpio_write_trailer(b, NULL), 0);
}

#define EXPECTED "<d 40755 0:><d/file 100644 5:hello><./l 120777 2:d/>|"

static void any_split_reads_the_same(void **state)
{
	struct buffer b;
	struct record r;
	size_t used;

	make_archive(&b);
	for (size_t step = 1; step < b.size + 2; step++) {
		assert_int_equal(feed(b.data, b.size, step, 0, &r, &used), 0);
		assert_int_equal(used, b.size);
		assert_string_equal(r.text, EXPECTED);
	}
	buffer_free(&b);
}

static void every_truncation_is_noticed(void **state)
{
	struct buffer b;
	struct record r;
	size_t used;
	int whole = 0;

	make_archive(&b);
	for (size_t size = 1; size < b.size; size++) {
		if (!feed(b.data, size, size, 0, &r, &used))
			whole++;
	}
	/*
	 * It may end behind each of the three entries, padding and all; then
	 * only the trailer is missing.
	 */
	assert_int_equal(whole, 3);
	buffer_free(&b);
}

static void zeroes_and_other_bytes_between_entries(void **state)
{
	struct buffer b;
	struct record r;
	size_t end;
	size_t used;

	make_archive(&b);
	end = b.size;
	assert_int_equal(buffer_add_zeros(&b, 512), 0);
	assert_int_equal(buffer_add(&b, "\x1f\x8b", 2), 0);
	assert_int_equal(feed(b.data, b.size, 100, 0, &r, &used), 0);
	assert_int_equal(used, end + 512);
	assert_string_equal(r.text, EXPECTED);
	buffer_free(&b);
}

static void alignment_counts_from_the_position(void **state)
{
	struct buffer b;
	struct record r;
	size_t used;

	make_archive(&b);
	assert_int_equal(feed(b.data, b.size, 64, 4, &r, &used), 0);
	assert_int_equal(feed(b.data, b.size, 64, 2, &r, &used), -EBADMSG);
	buffer_free(&b);
}

static void patch(const char *at, const char *text, int expected)
{
	struct buffer b;
	struct record r;
	size_t used;
	uint8_t *p;

	make_archive(&b);
	p = memmem(b.data, b.size, at, strlen(at));
	assert_non_null(p);
	memcpy(p, text, strlen(text));
	assert_int_equal(feed(b.data, b.size, b.size, 0, &r, &used), expected);
	buffer_free(&b);
}

static void headers_that_the_kernel_refuses(void **state)
{
	patch("070701", "070707", -EBADMSG);
	patch("070701", "07070x", -EBADMSG);
	patch("070701", "070701 000000", -EBADMSG);
	patch("0000000000000000", "000000g0", -EBADMSG);
}

static void crc_is_checked(void **state)
{
	/* The sum of "hello" is 532: the writer puts 0 there. */
	struct buffer b;
	struct record r;
	size_t used;
	uint8_t *p;

	make_archive(&b);
	p = memmem(b.data, b.size, "d/file", 6);
	p[-CPIO_HEADER_SIZE + 5] = '2';
	assert_int_equal(feed(b.data, b.size, 7, 0, &r, &used), -EBADMSG);
	memcpy(p - 8, "00000214", 8);
	assert_int_equal(feed(b.data, b.size, 7, 0, &r, &used), 0);
	buffer_free(&b);
}

/* The kernel passes over these without a word: so do we, and go on. */
static void odd_entries_are_passed_over(void **state)
{
	struct cpio_entry dir = {
		.name = "odd",
		.mode = S_IFDIR | 0755,
		.size = 6,
	};
	struct cpio_entry good = { .name = "good", .mode = S_IFDIR | 0700 };
	struct buffer b = { 0 };
	struct record r;
	size_t used;

	assert_int_equal(cpio_write(&b, &dir, "body!!", NULL), 0);
	assert_int_equal(cpio_write(&b, &good, NULL, NULL), 0);
	assert_int_equal(feed(b.data, b.size, 10, 0, &r, &used), 0);
	assert_string_equal(r.text, "(odd)<good 40700 0:>");
	buffer_free(&b);
}

static void a_name_without_an_end_is_not_told(void **state)
{
	struct cpio_entry odd = {
		.name = "odd",
		.mode = S_IFDIR | 0755,
		.size = 4,
	};
	struct buffer b = { 0 };
	struct record r;
	size_t used;

	assert_int_equal(cpio_write(&b, &odd, "body", NULL), 0);
	memcpy(b.data + CPIO_HEADER_SIZE, "oddx", 4);
	assert_int_equal(feed(b.data, b.size, 10, 0, &r, &used), 0);
	assert_string_equal(r.text, "(no name)");
	buffer_free(&b);
}

static void writer_refuses_impossible_names(void **state)
{
	char name[CPIO_NAME_MAX + 1];
	struct cpio_entry e = { .name = name, .mode = S_IFREG };
	struct buffer b = { 0 };

	memset(name, 'a', CPIO_NAME_MAX);
	name[CPIO_NAME_MAX] = '\0';
	assert_int_equal(cpio_write(&b, &e, NULL, NULL), -EINVAL);
	name[CPIO_NAME_MAX - 1] = '\0';
	assert_int_equal(cpio_write(&b, &e, NULL, NULL), 0);
	name[0] = '\0';
	assert_int_equal(cpio_write(&b, &e, NULL, NULL), -EINVAL);
	buffer_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_split_reads_the_same),
		cmocka_unit_test(every_truncation_is_noticed),
		cmocka_unit_test(zeroes_and_other_bytes_between_entries),
		cmocka_unit_test(alignment_counts_from_the_position),
		cmocka_unit_test(headers_that_the_kernel_refuses),
		cmocka_unit_test(crc_is_checked),
		cmocka_unit_test(odd_entries_are_passed_over),
		cmocka_unit_test(a_name_without_an_end_is_not_told),
		cmocka_unit_test(writer_refuses_impossible_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
