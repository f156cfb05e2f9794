// SPDX-License-Identifier: GPL-2.0-only
/* Two ports back to back. */
#include "tests/unit/emulator_packet/net_user.h"

#include <errno.h>

static struct event_loop *loop;
static struct net_user a, b;

static int setup(void **state)
{
	struct net_backend *ends[2];

	loop = event_loop_create(0);
	assert_non_null(loop);
	assert_int_equal(net_cable_create(loop, ends), 0);
	net_user_attach(&a, ends[0]);
	net_user_attach(&b, ends[1]);
	return 0;
}

static int teardown(void **state)
{
	net_user_detach(&a);
	net_user_detach(&b);
	event_loop_destroy(loop);
	return 0;
}

static void test_both_ways(void **state)
{
	assert_true(a.backend->up && b.backend->up);
	assert_int_equal(net_user_send_bytes(&a, "from a to b...", 14), 0);
	assert_int_equal(net_user_send_bytes(&b, "back from b to a", 16), 0);
	turn_until(loop, a.count && b.count);
	assert_int_equal(b.frames[0].length, 14);
	assert_memory_equal(b.frames[0].data, "from a to b...", 14);
	assert_memory_equal(a.frames[0].data, "back from b to a", 16);
}

static void test_large_frame_stays_large(void **state)
{
	static uint8_t data[NET_FRAME_MAX];
	struct frame_spec spec = { .payload = 60000 };
	struct net_frame frame;

	build_large(data, &frame, &spec, 1448);
	frame.checksums_wanted = true;
	assert_int_equal(net_user_send(&a, &frame), 0);
	turn_until(loop, b.count);
	assert_int_equal(b.frames[0].mss, 1448);
	assert_int_equal(b.frames[0].header_length, frame.header_length);
	assert_true(b.frames[0].checksums_wanted);
	assert_int_equal(b.frames[0].length, frame.length);
	assert_memory_equal(b.frames[0].data, data, frame.length);
	frame.length = NET_FRAME_MAX + 1;
	assert_int_equal(net_user_send(&a, &frame), -EMSGSIZE);
}

static void test_order_over_many_wraps(void **state)
{
	static uint8_t data[NET_FRAME_MAX];
	uint32_t seed = 3, check = 3;
	size_t sent = 0, checked = 0;

	while (checked < 3000) {
		size_t length = 16 + next_random(&seed) % 100000;
		struct net_frame frame = { .data = data, .length = length };

		put32(data, (uint32_t)sent);
		data[length - 1] = (uint8_t)sent;
		while (net_user_send(&a, &frame) == -EAGAIN) {
			turn_until(loop, a.writable);
			a.writable = 0;
		}
		sent++;
		if (sent % 7 == 0)
			event_loop_turn(loop, 0);
		for (size_t i = 0; i < b.count; i++, checked++) {
			length = 16 + next_random(&check) % 100000;
			assert_int_equal(b.frames[i].length, length);
			assert_int_equal(get32(b.frames[i].data), checked);
			assert_int_equal(b.frames[i].data[length - 1],
					 checked & 0xff);
		}
		net_user_forget(&b);
	}
}

static void test_queue_is_bounded(void **state)
{
	static uint8_t data[1500];
	size_t sent = 0;

	net_user_pause(&b, true);
	while (net_user_send_bytes(&a, data, sizeof(data)) == 0)
		sent++;
	assert_true(sent > 100 && sent < 1000);
	turn_some(loop);
	assert_int_equal(b.count, 0);
	assert_int_equal(a.writable, 0);
	net_user_pause(&b, false);
	turn_until(loop, b.count == sent);
	assert_true(a.writable >= 1);
	assert_int_equal(net_user_send_bytes(&a, data, sizeof(data)), 0);
}

static void test_refused_frame_comes_again(void **state)
{
	b.refuse = true;
	assert_int_equal(net_user_send_bytes(&a, "first frame", 11), 0);
	assert_int_equal(net_user_send_bytes(&a, "second frame", 12), 0);
	turn_some(loop);
	assert_int_equal(b.refused, 1);
	b.refuse = false;
	turn_some(loop);
	assert_int_equal(b.count, 0);
	net_user_pause(&b, false);
	turn_until(loop, b.count == 2);
	assert_memory_equal(b.frames[0].data, "first frame", 11);
	assert_memory_equal(b.frames[1].data, "second frame", 12);
}

static void test_other_end_goes(void **state)
{
	assert_int_equal(net_user_send_bytes(&b, "last words", 10), 0);
	net_user_detach(&b);
	assert_int_equal(net_user_send_bytes(&a, "hello?", 6), -ENETDOWN);
	turn_until(loop, a.link_changes == 1);
	assert_false(a.backend->up);
	assert_int_equal(a.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_both_ways, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_large_frame_stays_large,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_order_over_many_wraps,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_queue_is_bounded, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_refused_frame_comes_again,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_end_goes, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
