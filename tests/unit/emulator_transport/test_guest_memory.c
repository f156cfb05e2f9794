// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "emulator/memory/internal.h"

#define PAGE GUEST_MEMORY_PAGE
#define PAGES 64u

struct fixture {
	struct guest_memory *memory;
	int fd;
	uint8_t *view; /* the guest's own */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->memory = guest_memory_create();
	guest_memory_enable(f->memory, true);
	f->fd = memfd_create("guest", MFD_CLOEXEC);
	if (ftruncate(f->fd, PAGES * PAGE) < 0)
		return -1;
	f->view = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		       f->fd, 0);
	for (size_t i = 0; i < PAGES * PAGE; i++)
		f->view[i] = (uint8_t)(i / PAGE + i);
	*state = f;
	return f->view == MAP_FAILED ? -1 : 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	guest_memory_destroy(f->memory);
	munmap(f->view, PAGES * PAGE);
	close(f->fd);
	free(f);
	return 0;
}

static int add(struct fixture *f, uint64_t page, uint64_t count,
	       uint64_t file_page, bool writable)
{
	return guest_memory_add(f->memory, page * PAGE, count * PAGE, f->fd,
				file_page * PAGE, writable);
}

/* The byte of the file that an address translates to, or -1. */
static int64_t where(struct fixture *f, uint64_t address, size_t *length,
		     bool write)
{
	uint8_t *at = guest_memory_host(f->memory, address, length, write);
	uint32_t old;
	int64_t place = -1;

	if (!at)
		return -1;
	/* a mark that is seen through the guest's own mapping */
	memcpy(&old, at, sizeof(old));
	for (size_t i = 0; i + 4 <= PAGES * PAGE; i += 4)
		if (!memcmp(f->view + i, at, 4) && place < 0) {
			uint32_t mark = 0xdeadbeef;

			memcpy(f->view + i, &mark, 4);
			if (!memcmp(at, &mark, 4))
				place = (int64_t)i;
			memcpy(f->view + i, &old, 4);
		}
	return place;
}

static void test_translation(void **state)
{
	struct fixture *f = *state;
	size_t length = 4;

	assert_int_equal(guest_memory_generation(f->memory), 1);
	assert_int_equal(add(f, 16, 4, 32, true), 0);
	assert_true(guest_memory_generation(f->memory) > 1);
	assert_int_equal(where(f, 16 * PAGE, &length, true), 32 * PAGE);
	assert_int_equal(where(f, 17 * PAGE + 8, &length, true), 33 * PAGE + 8);
	assert_int_equal(length, 4);
	assert_int_equal(where(f, 20 * PAGE - 4, &length, false),
			 36 * PAGE - 4);
	length = 100;
	assert_non_null(
		guest_memory_host(f->memory, 20 * PAGE - 10, &length, false));
	assert_int_equal(length, 10);
	length = 4;
	assert_null(guest_memory_host(f->memory, 20 * PAGE, &length, false));
	assert_null(
		guest_memory_host(f->memory, 16 * PAGE - 1, &length, false));
	assert_null(guest_memory_host(f->memory, 0, &length, false));
	assert_null(guest_memory_host(f->memory, UINT64_MAX, &length, false));
}

static void test_nothing_mapped(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[4];
	size_t length = 4;

	assert_null(guest_memory_host(f->memory, 0, &length, false));
	assert_int_equal(guest_memory_read(f->memory, 0, bytes, 4), -EFAULT);
	assert_int_equal(guest_memory_write(f->memory, 0, bytes, 4), -EFAULT);
	assert_int_equal(guest_memory_read(f->memory, 0, bytes, 0), 0);
	assert_int_equal(guest_memory_remove(f->memory, 0, PAGE), -ENOENT);
	assert_false(guest_memory_trim(f->memory));
}

static void test_copies_across_ranges(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[3 * PAGE], again[3 * PAGE];

	/* three pages that lie elsewhere, in another order, in the file */
	assert_int_equal(add(f, 10, 1, 40, true), 0);
	assert_int_equal(add(f, 12, 1, 20, true), 0);
	assert_int_equal(add(f, 11, 1, 50, true), 0);
	assert_int_equal(guest_memory_read(f->memory, 10 * PAGE + 100, bytes,
					   2 * PAGE + 200),
			 0);
	assert_memory_equal(bytes, f->view + 40 * PAGE + 100, PAGE - 100);
	assert_memory_equal(bytes + PAGE - 100, f->view + 50 * PAGE, PAGE);
	assert_memory_equal(bytes + 2 * PAGE - 100, f->view + 20 * PAGE, 300);
	memset(bytes, 0x5a, sizeof(bytes));
	assert_int_equal(
		guest_memory_write(f->memory, 10 * PAGE, bytes, 3 * PAGE), 0);
	assert_memory_equal(f->view + 50 * PAGE, bytes, PAGE);
	assert_int_equal(
		guest_memory_read(f->memory, 10 * PAGE, again, 3 * PAGE), 0);
	assert_memory_equal(again, bytes, sizeof(bytes));
	assert_int_equal(guest_memory_read(f->memory, 10 * PAGE, again,
					   3 * PAGE + 1),
			 -EFAULT);
}

static void test_read_only(void **state)
{
	struct fixture *f = *state;
	size_t length = 8;

	assert_int_equal(add(f, 0, 1, 0, false), 0);
	assert_int_equal(add(f, 1, 1, 1, true), 0);
	assert_non_null(guest_memory_host(f->memory, 8, &length, false));
	assert_null(guest_memory_host(f->memory, 8, &length, true));
	/* also when the last translation was found in it */
	assert_non_null(guest_memory_host(f->memory, 8, &length, false));
	assert_null(guest_memory_host(f->memory, 8, &length, true));
	assert_non_null(guest_memory_host(f->memory, PAGE, &length, true));
}

static void test_bus_master(void **state)
{
	struct fixture *f = *state;
	size_t length = 8;
	uint64_t generation;

	assert_int_equal(add(f, 0, 1, 0, true), 0);
	generation = guest_memory_generation(f->memory);
	guest_memory_enable(f->memory, false);
	assert_true(guest_memory_generation(f->memory) > generation);
	assert_null(guest_memory_host(f->memory, 0, &length, false));
	guest_memory_enable(f->memory, true);
	assert_non_null(guest_memory_host(f->memory, 0, &length, false));
}

static void test_overlaps(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(add(f, 10, 4, 0, true), 0);
	assert_int_equal(add(f, 20, 4, 0, true), 0);
	assert_int_equal(add(f, 9, 2, 0, true), -EEXIST);
	assert_int_equal(add(f, 13, 1, 0, true), -EEXIST);
	assert_int_equal(add(f, 13, 2, 0, true), -EEXIST);
	assert_int_equal(add(f, 10, 3, 0, true), -EEXIST);
	assert_int_equal(add(f, 5, 30, 0, true), -EEXIST);
	assert_int_equal(add(f, 19, 2, 0, true), -EEXIST);
	/* right beside them there is room */
	assert_int_equal(add(f, 14, 6, 0, true), 0);
	assert_int_equal(add(f, 9, 1, 0, true), 0);
	assert_int_equal(add(f, 24, 1, 0, true), 0);
}

static void test_refused(void **state)
{
	struct fixture *f = *state;
	int file = open("/dev/zero", O_RDWR);

	assert_int_equal(guest_memory_add(f->memory, 0, 0, f->fd, 0, true),
			 -EINVAL);
	assert_int_equal(guest_memory_add(f->memory, 1, PAGE, f->fd, 0, true),
			 -EINVAL);
	assert_int_equal(guest_memory_add(f->memory, 0, 1, f->fd, 0, true),
			 -EINVAL);
	assert_int_equal(guest_memory_add(f->memory, 0, PAGE, f->fd, 1, true),
			 -EINVAL);
	assert_int_equal(add(f, 0, PAGES, 1, true), -EINVAL);
	assert_int_equal(add(f, 0, PAGES + 1, 0, true), -EINVAL);
	assert_int_equal(guest_memory_add(f->memory, 0, PAGE, f->fd,
					  0 - (uint64_t)PAGE, true),
			 -EINVAL);
	assert_int_equal(guest_memory_add(f->memory, 0 - (uint64_t)PAGE,
					  2 * PAGE, f->fd, 0, true),
			 -EINVAL);
	assert_int_equal(guest_memory_add(f->memory, 0, PAGE, file, 0, true),
			 -EINVAL);
	assert_int_equal(guest_memory_add(f->memory, 0, PAGE, 9999, 0, true),
			 -EBADF);
	/* the last page of the address space is fine */
	assert_int_equal(guest_memory_add(f->memory, 0 - (uint64_t)PAGE, PAGE,
					  f->fd, 0, true),
			 0);
	close(file);
}

static void test_unmapping(void **state)
{
	struct fixture *f = *state;
	size_t length = 1;

	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(add(f, 2 * i, 1, i, true), 0);
	assert_int_equal(guest_memory_remove(f->memory, 0, 2 * PAGE), -ENOENT);
	assert_int_equal(guest_memory_remove(f->memory, PAGE, PAGE), -ENOENT);
	assert_int_equal(guest_memory_remove(f->memory, 4 * PAGE, PAGE), 0);
	assert_null(guest_memory_host(f->memory, 4 * PAGE, &length, false));
	assert_int_equal(where(f, 6 * PAGE, &(size_t){ 4 }, true), 3 * PAGE);
	assert_int_equal(where(f, 2 * PAGE, &(size_t){ 4 }, true), PAGE);
	assert_int_equal(guest_memory_remove(f->memory, 4 * PAGE, PAGE),
			 -ENOENT);
	guest_memory_remove_all(f->memory);
	assert_null(guest_memory_host(f->memory, 0, &length, false));
}

static void test_one_mapping_serves_a_file(void **state)
{
	struct fixture *f = *state;
	size_t length = 1;
	uint8_t *first, *again;

	assert_int_equal(add(f, 0, 1, 0, true), 0);
	assert_int_equal(add(f, 8, 1, 3, true), 0);
	first = guest_memory_host(f->memory, 0, &length, true);
	assert_ptr_equal(guest_memory_host(f->memory, 8 * PAGE, &length, true),
			 first + 3 * PAGE);
	/* it is kept through a burst ... */
	assert_int_equal(guest_memory_remove(f->memory, 0, PAGE), 0);
	assert_int_equal(guest_memory_remove(f->memory, 8 * PAGE, PAGE), 0);
	assert_int_equal(add(f, 0, 1, 0, true), 0);
	again = guest_memory_host(f->memory, 0, &length, true);
	assert_ptr_equal(again, first);
	/* ... and goes at a quiet moment once nothing uses it */
	assert_false(guest_memory_trim(f->memory));
	assert_int_equal(guest_memory_remove(f->memory, 0, PAGE), 0);
	assert_true(guest_memory_trim(f->memory));
	assert_false(guest_memory_trim(f->memory));
}

static void test_range_without_a_file(void **state)
{
	struct fixture *f = *state;
	size_t length = 1;

	assert_int_equal(guest_memory_add(f->memory, 0, PAGE, -1, 0, true), 0);
	assert_null(guest_memory_host(f->memory, 0, &length, false));
	assert_int_equal(add(f, 0, 2, 0, true), -EEXIST);
	assert_int_equal(add(f, 0, 1, 0, true), 0);
	assert_non_null(guest_memory_host(f->memory, 0, &length, false));
}

static void test_file_cut_short(void **state)
{
	struct fixture *f = *state;
	unsigned long before = guest_memory_faults(f->memory);
	size_t length = 1;
	uint8_t bytes[2 * PAGE];
	uint64_t generation;
	volatile uint8_t *at;

	assert_int_equal(add(f, 0, PAGES, 0, true), 0);
	at = guest_memory_host(f->memory, 60 * PAGE, &length, true);
	generation = guest_memory_generation(f->memory);
	assert_int_equal(ftruncate(f->fd, 50 * PAGE), 0);
	/* both kinds of access go on, with nothing in it */
	assert_int_equal(*at, 0);
	at[PAGE] = 7;
	assert_int_equal(guest_memory_faults(f->memory), before + 2);
	assert_int_equal(guest_memory_read(f->memory, 0, bytes, 4), -EFAULT);
	assert_true(guest_memory_generation(f->memory) > generation);
	/* the client maps what is left of it again, and that is good */
	assert_int_equal(guest_memory_remove(f->memory, 0, PAGES * PAGE), 0);
	assert_int_equal(add(f, 0, 50, 0, true), 0);
	assert_int_equal(guest_memory_read(f->memory, 0, bytes, 4), 0);
	assert_memory_equal(bytes, f->view, 4);
	assert_int_equal(ftruncate(f->fd, 40 * PAGE), 0);
	/* a copy that meets the hole half way fails, and has not crashed */
	assert_int_equal(guest_memory_read(f->memory, 39 * PAGE, bytes,
					   2 * PAGE),
			 -EFAULT);
	assert_int_equal(ftruncate(f->fd, PAGES * PAGE), 0);
}

/* Every table of up to 12 pages, held against a plain array. */
static void test_random_tables(void **state)
{
	struct fixture *f = *state;
	int model[PAGES]; /* file page, or -1 */
	struct {
		unsigned int start, count;
	} live[PAGES];
	unsigned int lives = 0, most = 0, seed = 7;

	memset(model, 0xff, sizeof(model));
	for (unsigned int step = 0; step < 3000; step++) {
		unsigned int start, count, file, taken = 0;
		size_t length = 1;
		uint8_t *at;

		seed = seed * 1103515245u + 12345u;
		start = (seed >> 16) % PAGES;
		count = 1 + (seed >> 24) % 6;
		file = (seed >> 8) % (PAGES - 6);
		if (seed & 0x40 && lives) {
			unsigned int pick = (seed >> 10) % lives;

			assert_int_equal(
				guest_memory_remove(
					f->memory,
					(uint64_t)live[pick].start * PAGE,
					(uint64_t)live[pick].count * PAGE),
				0);
			for (unsigned int i = 0; i < live[pick].count; i++)
				model[live[pick].start + i] = -1;
			live[pick] = live[--lives];
		} else if (start + count <= PAGES) {
			for (unsigned int i = 0; i < count; i++)
				taken |= model[start + i] >= 0;
			for (unsigned int i = 0; i < lives; i++)
				if (live[i].start == start &&
				    live[i].count == count)
					taken = 2;
			if (taken == 2)
				continue;
			assert_int_equal(add(f, start, count, file, true),
					 taken ? -EEXIST : 0);
			if (taken)
				continue;
			live[lives].start = start;
			live[lives++].count = count;
			if (lives > most)
				most = lives;
			for (unsigned int i = 0; i < count; i++)
				model[start + i] = (int)(file + i);
		}
		start = (seed >> 12) % PAGES;
		at = guest_memory_host(f->memory, (uint64_t)start * PAGE + 5,
				       &length, true);
		assert_int_equal(!!at, model[start] >= 0);
		if (at)
			assert_int_equal(
				*at,
				f->view[(unsigned int)model[start] * PAGE + 5]);
	}
	assert_true(most > 5);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_translation),
		TEST(test_nothing_mapped),
		TEST(test_copies_across_ranges),
		TEST(test_read_only),
		TEST(test_bus_master),
		TEST(test_overlaps),
		TEST(test_refused),
		TEST(test_unmapping),
		TEST(test_one_mapping_serves_a_file),
		TEST(test_range_without_a_file),
		TEST(test_file_cut_short),
		TEST(test_random_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
