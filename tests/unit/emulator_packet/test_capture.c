// SPDX-License-Identifier: GPL-2.0-only
/* The capture file, read back field by field. */
#include "tests/unit/emulator_packet/net_user.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static struct event_loop *loop;
static char path[] = "/tmp/test-capture-XXXXXX";
static uint8_t file[4 * 1024 * 1024];

static int setup(void **state)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	loop = event_loop_create(0);
	return 0;
}

static int teardown(void **state)
{
	event_loop_destroy(loop);
	unlink(path);
	strcpy(path + strlen(path) - 6, "XXXXXX");
	return 0;
}

static size_t read_file(void)
{
	int fd = open(path, O_RDONLY);
	ssize_t size = read(fd, file, sizeof(file));

	close(fd);
	assert_true(size >= 0);
	return (size_t)size;
}

static uint32_t native32(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, 4);
	return value;
}

/* Return: number of records; their frames in @frames */
static size_t read_records(struct received *frames, size_t space)
{
	size_t size = read_file(), at = 24, count = 0;

	assert_true(size >= 24);
	assert_int_equal(native32(file), 0xa1b23c4d);
	assert_int_equal(native32(file + 4), 4u << 16 | 2);
	assert_int_equal(native32(file + 16), 262144);
	assert_int_equal(native32(file + 20), 1);
	while (at < size) {
		uint32_t length = native32(file + at + 8);

		assert_true(size - at >= 16 + length);
		assert_true(count < space);
		assert_int_equal(native32(file + at + 12), length);
		assert_true(native32(file + at + 4) < 1000000000);
		assert_true(native32(file + at) <= (uint32_t)time(NULL) &&
			    native32(file + at) + 60 > (uint32_t)time(NULL));
		frames[count++] = (struct received){ .data = file + at + 16,
						     .length = length };
		at += 16 + length;
	}
	return count;
}

static void test_records(void **state)
{
	struct net_capture *capture = net_capture_open(loop, path);
	static struct received frames[100];
	static uint8_t data[NET_FRAME_MAX], udp[200], expected[200];
	struct frame_spec spec = { .payload = 30000, .ipv6 = true, .tags = 1 };
	struct frame_spec udp_spec = { .payload = 50, .protocol = 17 };
	struct net_frame large,
		small = { .data = udp, .checksums_wanted = true };
	struct net_frame odd = {
		.data = data, .length = 200, .mss = 10, .header_length = 14
	};

	assert_non_null(capture);
	assert_int_equal(read_records(frames, 100), 0);
	build_large(data, &large, &spec, 1428);
	net_capture_frame(capture, &large);
	small.length = frame_build(udp, &udp_spec);
	memcpy(expected, udp, small.length);
	put16(udp + 40, 0);
	net_capture_frame(capture, &small);
	net_capture_frame(capture, &odd);
	net_capture_close(capture);
	assert_int_equal(read_records(frames, 100), 24);
	check_segments(frames, 22, &large, &spec);
	assert_int_equal(frames[22].length, small.length);
	assert_memory_equal(frames[22].data, expected, small.length);
	/* what cannot be segmented is shown as it is */
	assert_int_equal(frames[23].length, 200);
	assert_memory_equal(frames[23].data, data, 200);
}

static void test_idle_flush(void **state)
{
	struct net_capture *capture = net_capture_open(loop, path);
	struct net_frame frame = { .data = file, .length = 60 };

	net_capture_frame(capture, &frame);
	assert_int_equal(read_file(), 24);
	turn_until(loop, read_file() == 24 + 16 + 60);
	net_capture_frame(capture, &frame);
	turn_until(loop, read_file() == 24 + 2 * (16 + 60));
	net_capture_close(capture);
}

static void test_more_than_a_buffer(void **state)
{
	struct net_capture *capture = net_capture_open(loop, path);
	static struct received frames[1000];
	static uint8_t data[3000];
	struct net_frame frame = { .data = data, .length = 3000 };

	for (uint32_t i = 0; i < 1000; i++) {
		put32(data, i);
		net_capture_frame(capture, &frame);
	}
	net_capture_close(capture);
	assert_int_equal(read_records(frames, 1000), 1000);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(get32(frames[i].data), i);
}

/* A disk that is full costs the capture, not the adapter. */
static void test_write_error(void **state)
{
	struct net_capture *capture;
	static uint8_t data[60000];
	struct net_frame frame = { .data = data, .length = sizeof(data) };

	capture = net_capture_open(loop, "/dev/full");
	assert_non_null(capture);
	for (int i = 0; i < 100; i++)
		net_capture_frame(capture, &frame);
	turn_some(loop);
	net_capture_close(capture);
	assert_null(net_capture_open(loop, "/nowhere/at/all"));
	assert_int_equal(errno, ENOENT);
	net_capture_frame(NULL, &frame);
	net_capture_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_records),
		TEST(test_idle_flush),
		TEST(test_more_than_a_buffer),
		TEST(test_write_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
