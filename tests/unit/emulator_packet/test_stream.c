// SPDX-License-Identifier: GPL-2.0-only
/* Frames over a unix stream socket: framing, back pressure, peers that go. */
#include "tests/unit/emulator_packet/net_user.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct event_loop *loop;
static struct net_user user;
static char folder[] = "/tmp/test-stream-XXXXXX";
static char path[64], description[96];
static int listener = -1, peer = -1;

static struct sockaddr_un address(void)
{
	struct sockaddr_un result = { .sun_family = AF_UNIX };

	strcpy(result.sun_path, path);
	return result;
}

static void start_listening(void)
{
	struct sockaddr_un where = address();

	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(
		bind(listener, (struct sockaddr *)&where, sizeof(where)), 0);
	assert_int_equal(listen(listener, 1), 0);
}

static void stop_listening(void)
{
	close(listener);
	unlink(path);
	listener = -1;
}

static void accept_peer(void)
{
	turn_until(loop,
		   (peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0);
	turn_until(loop, user.backend->up);
}

static void close_peer(void)
{
	close(peer);
	peer = -1;
}

static void open_user(const char *prefix)
{
	const char *error = NULL;

	snprintf(description, sizeof(description), "%s%s", prefix, path);
	net_user_attach(&user, net_backend_open(loop, description, &error));
}

static int setup(void **state)
{
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	loop = event_loop_create(0);
	return 0;
}

static int teardown(void **state)
{
	if (user.backend)
		net_user_detach(&user);
	if (peer >= 0)
		close_peer();
	if (listener >= 0)
		stop_listening();
	event_loop_destroy(loop);
	assert_int_equal(rmdir(folder), 0);
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return 0;
}

/* Reads exactly @length bytes from the peer's side, turning the loop. */
static void peer_read(void *data, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t count = -1;

		turn_until(loop, (count = read(peer, (uint8_t *)data + done,
					       length - done)) > 0);
		done += (size_t)count;
	}
}

static void peer_write(const void *data, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t count = -1;

		turn_until(loop,
			   (count = write(peer, (const uint8_t *)data + done,
					  length - done)) > 0);
		done += (size_t)count;
	}
}

static size_t peer_read_frame(uint8_t *frame, size_t size)
{
	uint8_t prefix[4];

	peer_read(prefix, 4);
	assert_true(get32(prefix) <= size);
	peer_read(frame, get32(prefix));
	return get32(prefix);
}

static void peer_write_frame(const void *frame, size_t length)
{
	uint8_t prefix[4];

	put32(prefix, (uint32_t)length);
	peer_write(prefix, 4);
	peer_write(frame, length);
}

static void connected(void)
{
	start_listening();
	open_user("stream:");
	accept_peer();
}

static void test_framing(void **state)
{
	static const uint8_t two_frames[] = { 0, 0, 0, 3, 'a', 'b', 'c',
					      0, 0, 0, 2, 'd', 'e' };
	uint8_t buffer[64];

	connected();
	assert_int_equal(net_user_send_bytes(&user, "abc", 3), 0);
	assert_int_equal(net_user_send_bytes(&user, "de", 2), 0);
	peer_read(buffer, sizeof(two_frames));
	assert_memory_equal(buffer, two_frames, sizeof(two_frames));
	/* the other way, a byte at a time */
	for (size_t i = 0; i < sizeof(two_frames); i++) {
		peer_write(two_frames + i, 1);
		turn_some(loop);
		assert_int_equal(user.count, i < 6 ? 0 : i < 12 ? 1 : 2);
	}
	assert_int_equal(user.frames[0].length, 3);
	assert_memory_equal(user.frames[0].data, "abc", 3);
	assert_int_equal(user.frames[1].length, 2);
	assert_memory_equal(user.frames[1].data, "de", 2);
	/* an empty frame is none */
	peer_write_frame("", 0);
	peer_write_frame("f", 1);
	turn_until(loop, user.count == 3);
	assert_memory_equal(user.frames[2].data, "f", 1);
}

static void test_segments(void **state)
{
	static uint8_t data[NET_FRAME_MAX];
	struct frame_spec spec = { .payload = 60001, .tcp_option_words = 3 };
	struct received frames[64] = { 0 };
	struct net_frame large;
	size_t count = 42;

	connected();
	build_large(data, &large, &spec, 1448);
	assert_int_equal(net_user_send(&user, &large), 0);
	for (size_t i = 0; i < count; i++) {
		frames[i].data = malloc(2000);
		frames[i].length = peer_read_frame(frames[i].data, 2000);
	}
	check_segments(frames, count, &large, &spec);
	for (size_t i = 0; i < count; i++)
		free(frames[i].data);
}

/* The worst that a guest can ask for: a byte a segment, nobody reads. */
static void test_tiny_segments(void **state)
{
	static uint8_t data[NET_FRAME_MAX], original[NET_FRAME_MAX];
	struct frame_spec spec = { .payload = 60000 };
	struct received frame = { .data = malloc(2000) };
	struct net_frame large;
	size_t length;

	connected();
	length = build_large(data, &large, &spec, 1);
	memcpy(original, data, length);
	assert_int_equal(net_user_send(&user, &large), 0);
	assert_int_equal(net_user_send_bytes(&user, "next", 4), -EAGAIN);
	/* the bytes were only lent */
	memset(data, 0, length);
	for (size_t i = 0; i < 60000; i++) {
		frame.length = peer_read_frame(frame.data, 2000);
		assert_int_equal(frame.length, 60);
		assert_int_equal(frame.data[54], original[54 + i]);
		assert_int_equal(get32(frame.data + 38), i);
	}
	turn_until(loop, user.writable == 1);
	assert_int_equal(net_user_send_bytes(&user, "next", 4), 0);
	assert_int_equal(peer_read_frame(frame.data, 2000), 4);
	free(frame.data);
}

static void test_not_segmentable(void **state)
{
	static uint8_t data[2000];
	struct frame_spec spec = { .payload = 1000, .protocol = 17 };
	struct net_frame frame = { .data = data,
				   .mss = 100,
				   .header_length = 42 };

	connected();
	frame.length = frame_build(data, &spec);
	assert_int_equal(net_user_send(&user, &frame), -EINVAL);
	frame.header_length = 5000;
	assert_int_equal(net_user_send(&user, &frame), -EINVAL);
	frame = (struct net_frame){ .data = data, .length = NET_FRAME_MAX + 1 };
	assert_int_equal(net_user_send(&user, &frame), -EMSGSIZE);
	assert_int_equal(net_user_send_bytes(&user, "fine", 4), 0);
	assert_int_equal(peer_read_frame(data, 2000), 4);
}

static void test_checksum_is_filled_in(void **state)
{
	uint8_t data[200], expected[200];
	struct frame_spec spec = { .payload = 100, .protocol = 17 };
	struct net_frame frame = { .data = data, .checksums_wanted = true };

	connected();
	frame.length = frame_build(data, &spec);
	memcpy(expected, data, frame.length);
	put16(data + 40, 0x1234);
	assert_int_equal(net_user_send(&user, &frame), 0);
	assert_int_equal(peer_read_frame(data, sizeof(data)), frame.length);
	assert_memory_equal(data, expected, frame.length);
}

static void test_back_pressure(void **state)
{
	static uint8_t data[9000], got[9000];
	uint32_t sent = 0, received = 0;

	connected();
	for (int round = 0; round < 3; round++) {
		int status;

		do {
			put32(data, sent);
			status = net_user_send_bytes(&user, data, sizeof(data));
			if (!status)
				sent++;
			turn_some(loop);
		} while (!status);
		assert_int_equal(status, -EAGAIN);
		assert_true(sent < 1000 + received);
		user.writable = 0;
		turn_some(loop);
		assert_int_equal(user.writable, 0);
		while (received < sent) {
			assert_int_equal(peer_read_frame(got, sizeof(got)),
					 sizeof(got));
			assert_int_equal(get32(got), received);
			received++;
		}
		assert_int_equal(user.writable, 1);
	}
}

static void test_pause_and_refusal(void **state)
{
	connected();
	user.refuse = true;
	peer_write_frame("one", 3);
	peer_write_frame("two", 3);
	turn_some(loop);
	assert_int_equal(user.refused, 1);
	user.refuse = false;
	peer_write_frame("three", 5);
	turn_some(loop);
	assert_int_equal(user.count, 0);
	net_user_pause(&user, false);
	turn_until(loop, user.count == 3);
	assert_memory_equal(user.frames[0].data, "one", 3);
	assert_memory_equal(user.frames[2].data, "three", 5);
	net_user_pause(&user, true);
	peer_write_frame("four", 4);
	turn_some(loop);
	assert_int_equal(user.count, 3);
	net_user_pause(&user, false);
	turn_until(loop, user.count == 4);
}

/* More than a slice in one read: all of it arrives, without another event. */
static void test_burst(void **state)
{
	uint8_t burst[5000 * 12];

	connected();
	for (uint32_t i = 0; i < 5000; i++) {
		put32(burst + 12 * i, 8);
		put32(burst + 12 * i + 4, i);
		put32(burst + 12 * i + 8, ~i);
	}
	peer_write(burst, sizeof(burst));
	turn_until(loop, user.count == 5000);
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(get32(user.frames[i].data), i);
}

static void test_reconnects(void **state)
{
	uint8_t data[16];

	open_user("stream:");
	assert_false(user.backend->up);
	assert_int_equal(net_user_send_bytes(&user, "x", 1), -ENETDOWN);
	start_listening();
	accept_peer();
	assert_int_equal(user.link_changes, 1);
	for (int i = 0; i < 3; i++) {
		/* a frame that never ends must not reach the next peer */
		peer_write("\0\0\0\x10half", 8);
		turn_some(loop);
		close_peer();
		turn_until(loop, !user.backend->up);
		assert_int_equal(net_user_send_bytes(&user, "x", 1), -ENETDOWN);
		accept_peer();
		peer_write_frame("whole", 5);
		turn_until(loop, user.count == (size_t)i + 1);
		assert_memory_equal(user.frames[i].data, "whole", 5);
		assert_int_equal(net_user_send_bytes(&user, "back", 4), 0);
		assert_int_equal(peer_read_frame(data, sizeof(data)), 4);
	}
	assert_int_equal(user.link_changes, 7);
}

static void test_peer_goes_while_sending(void **state)
{
	static uint8_t data[60000];

	connected();
	while (!net_user_send_bytes(&user, data, sizeof(data)))
		turn_some(loop);
	close_peer();
	turn_until(loop, user.link_changes == 1);
	assert_false(user.backend->up);
	/* who waits is told, and then learns that there is nobody */
	turn_until(loop, user.writable == 1);
	assert_int_equal(net_user_send_bytes(&user, data, 1), -ENETDOWN);
	accept_peer();
	assert_int_equal(net_user_send_bytes(&user, "new", 3), 0);
	assert_int_equal(peer_read_frame(data, sizeof(data)), 3);
}

static void test_peer_goes_while_paused(void **state)
{
	connected();
	net_user_pause(&user, true);
	close_peer();
	turn_until(loop, !user.backend->up);
	accept_peer();
	peer_write_frame("later", 5);
	turn_some(loop);
	assert_int_equal(user.count, 0);
	net_user_pause(&user, false);
	turn_until(loop, user.count == 1);
}

static void test_wrong_framing(void **state)
{
	connected();
	peer_write("GET / HTTP/1.1\r\n\r\n", 18);
	turn_until(loop, user.link_changes == 1);
	assert_false(user.backend->up);
	assert_int_equal(user.count, 0);
}

static void connect_to_user(void)
{
	struct sockaddr_un where = address();

	peer = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
		connect(peer, (struct sockaddr *)&where, sizeof(where)), 0);
	fcntl(peer, F_SETFL, O_NONBLOCK);
}

static void test_listening(void **state)
{
	uint8_t data[16];
	int second;

	open_user("stream:listen:");
	assert_false(user.backend->up);
	for (unsigned int i = 0; i < 2; i++) {
		connect_to_user();
		turn_until(loop, user.backend->up);
		peer_write_frame("in", 2);
		turn_until(loop, user.count == i + 1);
		assert_int_equal(net_user_send_bytes(&user, "out", 3), 0);
		assert_int_equal(peer_read_frame(data, sizeof(data)), 3);
		close_peer();
		turn_until(loop, !user.backend->up);
	}
	/* a second peer has to wait for its turn */
	connect_to_user();
	turn_until(loop, user.backend->up);
	second = peer;
	connect_to_user();
	peer_write_frame("second", 6);
	turn_some(loop);
	assert_int_equal(user.count, 2);
	close(second);
	turn_until(loop, user.count == 3);
	/* the socket goes with the backend */
	net_user_detach(&user);
	assert_int_equal(access(path, F_OK), -1);
}

static void test_stale_socket(void **state)
{
	const char *error = NULL;

	start_listening();
	snprintf(description, sizeof(description), "stream:listen:%s", path);
	/* somebody listens there */
	assert_null(net_backend_open(loop, description, &error));
	assert_int_equal(errno, EADDRINUSE);
	assert_non_null(error);
	/* and now nobody does any more */
	close(listener);
	listener = -1;
	open_user("stream:listen:");
	connect_to_user();
	turn_until(loop, user.backend->up);
}

static void test_bad_descriptions(void **state)
{
	static const char *const bad[] = {
		"",
		"stream",
		"stream:",
		"stream:listen:",
		"tap:",
		"bridge:br0",
		"none,gso=off",
		"stream:/x,gso=off",
		"tap:t0,mtu=9",
		"tap:fd=",
		"tap:fd=0x",
		"tap:fd=-1",
		"tap:fd=9999",
		"tap:a-name-that-is-too-long",
		"stream:/an/empty/folder/that/is/so/very/deep/that/nobody/has/"
		"ever/reached/its/end/or/wanted/to/and/the/name/goes/on/and/on",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *error = NULL;

		errno = 0;
		assert_null(net_backend_open(loop, bad[i], &error));
		assert_non_null(error);
		assert_int_not_equal(errno, 0);
	}
}

static void test_none(void **state)
{
	const char *error = NULL;

	net_user_attach(&user, net_backend_open(loop, "none", &error));
	assert_false(user.backend->up);
	assert_int_equal(net_user_send_bytes(&user, "x", 1), -ENETDOWN);
	net_user_pause(&user, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_framing),
		TEST(test_segments),
		TEST(test_tiny_segments),
		TEST(test_not_segmentable),
		TEST(test_checksum_is_filled_in),
		TEST(test_back_pressure),
		TEST(test_pause_and_refusal),
		TEST(test_burst),
		TEST(test_reconnects),
		TEST(test_peer_goes_while_sending),
		TEST(test_peer_goes_while_paused),
		TEST(test_wrong_framing),
		TEST(test_listening),
		TEST(test_stale_socket),
		TEST(test_bad_descriptions),
		TEST(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
