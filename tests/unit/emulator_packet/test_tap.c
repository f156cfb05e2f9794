// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tap backend against the kernel: a packet socket on the interface shows
 * what the kernel made of a frame, and sends what the kernel sends.
 */
#include "tests/unit/emulator_packet/net_user.h"
#include "tests/unit/emulator_packet/tap_lab.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emulator/net/virtio_net_header.h"

#define NAME "test0"

static struct event_loop *loop;
static struct net_user user;
static int packet = -1;
static uint8_t data[NET_FRAME_MAX], got[NET_FRAME_MAX];
static struct virtio_net_header header;
static uint16_t got_tci; /* the kernel takes a tag out of the frame */
static bool got_tag;

static void open_user(const char *description)
{
	const char *error = "";

	net_user_attach(&user, net_backend_open(loop, description, &error));
	packet = lab_packet_socket(lab_interface_up(NAME));
}

static int setup(void **state)
{
	loop = event_loop_create(0);
	assert_non_null(loop);
	return 0;
}

static int teardown(void **state)
{
	if (packet >= 0)
		close(packet);
	packet = -1;
	if (user.backend)
		net_user_detach(&user);
	event_loop_destroy(loop);
	return 0;
}

static void note_tag(struct msghdr *message)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	struct tpacket_auxdata aux;

	got_tag = false;
	for (; c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		got_tag = aux.tp_status & TP_STATUS_VLAN_VALID;
		got_tci = aux.tp_vlan_tci;
	}
}

/* Return: length of the next frame that the kernel got from the tap */
static size_t kernel_receive(void)
{
	uint8_t bytes[VIRTIO_NET_HEADER], control[256];
	struct iovec iov[2] = { { bytes, sizeof(bytes) },
				{ got, sizeof(got) } };
	struct msghdr message = { .msg_iov = iov,
				  .msg_iovlen = 2,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	ssize_t length = -1;

	turn_until(loop, (length = recvmsg(packet, &message, 0)) >= 0);
	virtio_net_header_read(bytes, &header);
	note_tag(&message);
	return (size_t)length - sizeof(bytes);
}

static void kernel_send(const struct virtio_net_header *h, const uint8_t *frame,
			size_t length)
{
	uint8_t bytes[VIRTIO_NET_HEADER_MERGEABLE];
	struct iovec iov[2] = { { bytes, VIRTIO_NET_HEADER },
				{ (void *)frame, length } };
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };

	virtio_net_header_write(h, bytes);
	assert_int_equal(sendmsg(packet, &message, 0),
			 VIRTIO_NET_HEADER + length);
}

static void test_plain(void **state)
{
	struct frame_spec spec = { .protocol = 17, .payload = 100 };
	struct virtio_net_header none = { 0 };
	size_t length = frame_build(data, &spec);

	open_user("tap:" NAME);
	assert_true(user.backend->up);
	assert_int_equal(net_user_send_bytes(&user, data, length), 0);
	assert_int_equal(kernel_receive(), length);
	assert_memory_equal(got, data, length);
	assert_int_equal(header.flags & VIRTIO_NET_NEEDS_CSUM, 0);
	kernel_send(&none, data, length);
	turn_until(loop, user.count == 1);
	assert_int_equal(user.frames[0].length, length);
	assert_memory_equal(user.frames[0].data, data, length);
	assert_false(user.frames[0].checksums_wanted);
	assert_int_equal(user.frames[0].mss, 0);
}

/* The checksum is left to whoever needs it. */
static void test_checksum_out(void **state)
{
	open_user("tap:" NAME);
	for (unsigned int kind = 0; kind < 8; kind++) {
		struct frame_spec spec = { .protocol = kind & 1 ? 6 : 17,
					   .ipv6 = kind & 2,
					   .payload = 333,
					   .tags = kind & 4 ? 1 : 0 };
		struct net_frame frame = { .data = data,
					   .checksums_wanted = true };
		size_t l4 = frame_l4(&spec), untagged = 4 * spec.tags;
		size_t at = l4 + (kind & 1 ? 16 : 6);
		uint16_t right;

		frame.length = frame_build(data, &spec);
		right = get16(data + at);
		put16(data + at, 0xdead);
		assert_int_equal(net_user_send(&user, &frame), 0);
		assert_int_equal(kernel_receive(), frame.length - untagged);
		assert_int_equal(got_tag, spec.tags != 0);
		assert_true(header.flags & VIRTIO_NET_NEEDS_CSUM);
		assert_int_equal(header.csum_start, l4 - untagged);
		assert_int_equal(header.csum_offset, at - l4);
		assert_int_equal((uint16_t)~plain_sum(got + l4 - untagged,
						      frame.length - l4, 0),
				 right);
		/* our own bytes are as they were */
		assert_int_equal(get16(data + at), 0xdead);
	}
}

/* Padding is not a part of the packet: the sum is made here. */
static void test_checksum_of_padded_frame(void **state)
{
	struct frame_spec spec = { .protocol = 17, .payload = 1 };
	struct net_frame frame = { .data = data,
				   .length = 60,
				   .checksums_wanted = true };
	uint16_t right;

	open_user("tap:" NAME);
	memset(data, 0xee, 60);
	frame_build(data, &spec);
	right = get16(data + 40);
	put16(data + 40, 0);
	assert_int_equal(net_user_send(&user, &frame), 0);
	assert_int_equal(kernel_receive(), 60);
	assert_int_equal(get16(got + 40), right);
	assert_int_equal(header.flags & VIRTIO_NET_NEEDS_CSUM, 0);
}

static void check_large(const struct frame_spec *spec, size_t length,
			uint32_t mss)
{
	size_t untagged = spec->tags ? 4 : 0;
	size_t l3 = frame_l3(spec) - untagged, l4 = frame_l4(spec) - untagged;

	assert_int_equal(header.flags & VIRTIO_NET_NEEDS_CSUM,
			 VIRTIO_NET_NEEDS_CSUM);
	assert_int_equal(header.gso_type & 0x7f, spec->ipv6 ?
							 VIRTIO_NET_GSO_TCPV6 :
							 VIRTIO_NET_GSO_TCPV4);
	assert_int_equal(header.gso_size, mss);
	assert_int_equal(header.csum_start, l4);
	assert_int_equal(header.csum_offset, 16);
	if (spec->ipv6) {
		assert_int_equal(get16(got + l3 + 4), length - l3 - 40);
	} else {
		assert_int_equal(get16(got + l3 + 2), length - l3);
		assert_int_equal(plain_sum(got + l3, l4 - l3, 0), 0xffff);
	}
	assert_int_equal(get16(got + l4 + 16),
			 plain_pseudo_sum(got + l3, length - l4, 6));
}

static void test_large_out(void **state)
{
	open_user("tap:" NAME);
	for (unsigned int kind = 0; kind < 8; kind++) {
		struct frame_spec spec = { .ipv6 = kind & 1,
					   .tags = kind & 2 ? 1 : 0,
					   .payload = 60000,
					   .tcp_flags = kind & 4 ? 0x98 : 0x18,
					   .tcp_option_words = 3 };
		struct net_frame frame;
		size_t untagged = spec.tags ? 4 : 0;
		size_t length = build_large(data, &frame, &spec, 1400);

		/* what a driver leaves in a template */
		put16(data + frame_l3(&spec) + (spec.ipv6 ? 4 : 2), 0);
		assert_int_equal(net_user_send(&user, &frame), 0);
		assert_int_equal(kernel_receive(), length - untagged);
		assert_int_equal(got_tag, spec.tags != 0);
		if (got_tag)
			assert_int_equal(got_tci, 0x6064);
		assert_int_equal(header.gso_type & VIRTIO_NET_GSO_ECN,
				 kind & 4 ? VIRTIO_NET_GSO_ECN : 0);
		check_large(&spec, length - untagged, 1400);
		assert_memory_equal(got + frame.header_length - untagged,
				    data + frame.header_length, 60000);
	}
}

/* More than an IP packet can hold goes out as several large ones. */
static void test_very_large_out(void **state)
{
	struct frame_spec spec = {
		.payload = 60000, .tcp_flags = 0x99, .id = 100, .sequence = 1000
	};
	struct net_frame frame;
	size_t offset = 0, length;
	unsigned int pieces = 0;

	open_user("tap:" NAME);
	build_large(data, &frame, &spec, 1000);
	fill_bytes(data + 54, 130500, 8);
	frame.length = 54 + 130500;
	assert_int_equal(net_user_send(&user, &frame), 0);
	while (offset < 130500) {
		size_t expected = pieces == 2 ? 500 : 65000;

		length = kernel_receive();
		assert_int_equal(length, 54 + expected);
		/* each segment that will come of it has its own number */
		assert_int_equal(get16(got + 18), 100 + offset / 1000);
		assert_int_equal(get32(got + 38), 1000 + offset);
		assert_int_equal(got[47], (pieces == 0 ? 0x80 : 0) | 0x10 |
						  (pieces == 2 ? 0x09 : 0));
		assert_memory_equal(got + 54, data + 54 + offset, expected);
		if (expected == 65000)
			check_large(&spec, length, 1000);
		else
			assert_int_equal(header.gso_type, VIRTIO_NET_GSO_NONE);
		offset += expected;
		pieces++;
	}
	assert_int_equal(pieces, 3);
}

static void receive_segments(struct net_frame *large,
			     const struct frame_spec *spec)
{
	struct received frames[64];
	size_t count = (large->length - large->header_length + large->mss - 1) /
		       large->mss;

	assert_true(count <= 64);
	for (size_t i = 0; i < count; i++) {
		frames[i] = (struct received){ .length = kernel_receive() };
		assert_int_equal(header.gso_type, VIRTIO_NET_GSO_NONE);
		assert_int_equal(header.flags & VIRTIO_NET_NEEDS_CSUM, 0);
		frames[i].data = malloc(frames[i].length);
		memcpy(frames[i].data, got, frames[i].length);
	}
	check_segments(frames, count, large, spec);
	for (size_t i = 0; i < count; i++)
		free(frames[i].data);
}

static void test_segments_without_gso(void **state)
{
	struct frame_spec spec = { .payload = 60000, .ipv6 = true };
	struct frame_spec udp = { .payload = 60, .protocol = 17 };
	struct net_frame large;
	uint16_t right;

	open_user("tap:" NAME ",gso=off");
	build_large(data, &large, &spec, 1400);
	assert_int_equal(net_user_send(&user, &large), 0);
	receive_segments(&large, &spec);

	large = (struct net_frame){ .data = data, .checksums_wanted = true };
	large.length = frame_build(data, &udp);
	right = get16(data + 40);
	put16(data + 40, 1);
	assert_int_equal(net_user_send(&user, &large), 0);
	assert_int_equal(kernel_receive(), large.length);
	assert_int_equal(get16(got + 40), right);
	assert_int_equal(header.flags & VIRTIO_NET_NEEDS_CSUM, 0);
}

/* A thousand segments and more: sent in slices, others have to wait. */
static void test_long_work_is_sliced(void **state)
{
	struct frame_spec spec = { .payload = 60000 };
	struct net_frame large;
	size_t length = build_large(data, &large, &spec, 40);
	uint8_t first[64];

	open_user("tap:" NAME ",gso=off");
	memcpy(first, data, 54);
	assert_int_equal(net_user_send(&user, &large), 0);
	assert_int_equal(net_user_send_bytes(&user, first, 54), -EAGAIN);
	memset(data + 54, 0, length - 54);
	frame_build(data, &spec);
	for (uint32_t i = 0; i < 1500; i++) {
		assert_int_equal(kernel_receive(), 94);
		assert_int_equal(get32(got + 38), i * 40);
		assert_memory_equal(got + 54, data + 54 + i * 40, 40);
	}
	turn_until(loop, user.writable == 1);
	assert_int_equal(net_user_send_bytes(&user, first, 54), 0);
	assert_int_equal(kernel_receive(), 54);
}

static void test_two_tags_and_tunnels_are_segmented(void **state)
{
	struct frame_spec two = { .payload = 20000, .tags = 2 };
	struct frame_spec outer = { .protocol = 17, .payload = 8 + 54 + 20000 };
	struct frame_spec inner = { .payload = 20000, .sequence = 5 };
	struct net_frame frame;

	open_user("tap:" NAME);
	build_large(data, &frame, &two, 1000);
	assert_int_equal(net_user_send(&user, &frame), 0);
	for (uint32_t i = 0; i < 20; i++) {
		assert_int_equal(kernel_receive(), 54 + 4 + 1000);
		assert_int_equal(header.gso_type, VIRTIO_NET_GSO_NONE);
		assert_true(got_tag);
		assert_int_equal(get32(got + 42), i * 1000);
	}

	frame_build(data, &outer);
	build_large(data + 50, &frame, &inner, 1000);
	memset(data + 42, 0, 8);
	data[42] = 8;
	frame.data = data;
	frame.length += 50;
	frame.header_length += 50;
	assert_int_equal(net_user_send(&user, &frame), 0);
	for (uint32_t i = 0; i < 20; i++) {
		assert_int_equal(kernel_receive(), 50 + 54 + 1000);
		assert_int_equal(header.gso_type, VIRTIO_NET_GSO_NONE);
		assert_int_equal(get32(got + 50 + 38), 5 + i * 1000);
	}
}

static size_t large_from_kernel(struct net_frame *large,
				struct frame_spec *spec)
{
	struct virtio_net_header h = { 0 };
	struct packet_info info;
	size_t length = build_large(data, large, spec, 1300);

	packet_parse(data, length, &info);
	packet_seed_l4_checksum(data, &info);
	virtio_net_header_offload(&h, data, &info, 1300);
	kernel_send(&h, data, length);
	return length;
}

static void test_large_in(void **state)
{
	open_user("tap:" NAME);
	for (unsigned int kind = 0; kind < 2; kind++) {
		struct frame_spec spec = { .payload = 50000,
					   .ipv6 = kind,
					   .tcp_option_words = 3 };
		struct net_frame large;
		size_t length = large_from_kernel(&large, &spec);

		turn_until(loop, user.count == 1);
		assert_int_equal(user.frames[0].length, length);
		assert_int_equal(user.frames[0].mss, 1300);
		assert_int_equal(user.frames[0].header_length,
				 large.header_length);
		assert_memory_equal(user.frames[0].data + large.header_length,
				    data + large.header_length, 50000);
		net_user_forget(&user);
	}
}

/* Who says gso=off gets segments: the kernel makes them. */
static void test_large_in_without_gso(void **state)
{
	struct frame_spec spec = { .payload = 50000 };
	struct net_frame large;

	open_user("tap:" NAME ",gso=off");
	large_from_kernel(&large, &spec);
	turn_until(loop, user.count == 39);
	check_segments(user.frames, user.count, &large, &spec);
}

static void test_checksum_in(void **state)
{
	struct frame_spec spec = { .protocol = 17, .payload = 200 };
	struct virtio_net_header h = { 0 };
	struct packet_info info;
	size_t length = frame_build(data, &spec);
	uint16_t right = get16(data + 40), inner;

	open_user("tap:" NAME);
	packet_parse(data, length, &info);
	packet_seed_l4_checksum(data, &info);
	virtio_net_header_offload(&h, data, &info, 0);
	kernel_send(&h, data, length);
	turn_until(loop, user.count == 1);
	assert_true(user.frames[0].checksums_wanted);
	packet_fill_l4_checksum(user.frames[0].data, &info);
	assert_int_equal(get16(user.frames[0].data + 40), right);

	/* a checksum inside of the payload: that of a tunnelled packet */
	put16(data + 40, right);
	h.csum_start = 100;
	h.csum_offset = 6;
	inner = (uint16_t)~plain_sum(data + 100, length - 100, 0);
	kernel_send(&h, data, length);
	turn_until(loop, user.count == 2);
	assert_false(user.frames[1].checksums_wanted);
	assert_int_equal(get16(user.frames[1].data + 106), inner);
	assert_int_equal(get16(user.frames[1].data + 40), right);
}

static void test_refused_frame_comes_again(void **state)
{
	struct frame_spec spec = { .protocol = 17, .payload = 200 };
	struct virtio_net_header h = { .flags = VIRTIO_NET_NEEDS_CSUM,
				       .csum_start = 100,
				       .csum_offset = 6 };
	size_t length = frame_build(data, &spec);
	uint16_t inner = (uint16_t)~plain_sum(data + 100, length - 100, 0);

	open_user("tap:" NAME);
	user.refuse = true;
	for (int i = 0; i < 3; i++)
		kernel_send(&h, data, length);
	turn_until(loop, user.refused == 1);
	turn_some(loop);
	assert_int_equal(user.refused, 1);
	for (unsigned int i = 2; i < 5; i++) {
		net_user_pause(&user, false);
		turn_until(loop, user.refused == i);
	}
	user.refuse = false;
	net_user_pause(&user, false);
	turn_until(loop, user.count == 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(get16(user.frames[i].data + 106), inner);
	net_user_pause(&user, true);
	kernel_send(&h, data, length);
	turn_some(loop);
	assert_int_equal(user.count, 3);
	net_user_pause(&user, false);
	turn_until(loop, user.count == 4);
}

static void test_interface_down_and_gone(void **state)
{
	open_user("tap:" NAME);
	lab_interface_down(NAME);
	assert_int_equal(net_user_send_bytes(&user, data, 60), -ENETDOWN);
	lab_interface_up(NAME);
	assert_int_equal(net_user_send_bytes(&user, data, 60), 0);
	lab_interface_delete(NAME);
	turn_until(loop, user.link_changes == 1);
	assert_false(user.backend->up);
	assert_int_equal(net_user_send_bytes(&user, data, 60), -ENETDOWN);
	/* and the loop sleeps */
	turn_some(loop);
}

static void test_inherited(void **state)
{
	static const int headers[] = { 0, 10, 12 };

	for (int i = 0; i < 3; i++) {
		struct frame_spec spec = { .payload = 3000 };
		struct virtio_net_header none = { 0 };
		struct net_frame large;
		char description[32];

		snprintf(description, sizeof(description), "tap:fd=%d",
			 lab_open_tap(NAME, headers[i]));
		open_user(description);
		build_large(data, &large, &spec, 1400);
		assert_int_equal(net_user_send(&user, &large), 0);
		if (headers[i]) {
			assert_int_equal(kernel_receive(), large.length);
			check_large(&spec, large.length, 1400);
		} else {
			receive_segments(&large, &spec);
		}
		kernel_send(&none, data, 200);
		turn_until(loop, user.count == 1);
		assert_int_equal(user.frames[0].length, 200);
		assert_memory_equal(user.frames[0].data, data, 200);
		close(packet);
		packet = -1;
		net_user_detach(&user);
	}
}

static void test_in_use(void **state)
{
	const char *error = NULL;

	open_user("tap:" NAME);
	assert_null(net_backend_open(loop, "tap:" NAME, &error));
	assert_int_equal(errno, EBUSY);
	assert_non_null(strstr(error, "in use"));
	assert_null(net_backend_open(loop, "tap:lo", &error));
	assert_non_null(strstr(error, "no tap"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plain),
		TEST(test_checksum_out),
		TEST(test_checksum_of_padded_frame),
		TEST(test_large_out),
		TEST(test_very_large_out),
		TEST(test_segments_without_gso),
		TEST(test_long_work_is_sliced),
		TEST(test_two_tags_and_tunnels_are_segmented),
		TEST(test_large_in),
		TEST(test_large_in_without_gso),
		TEST(test_checksum_in),
		TEST(test_refused_frame_comes_again),
		TEST(test_interface_down_and_gone),
		TEST(test_inherited),
		TEST(test_in_use),
	};

	if (!lab_enter_namespace()) {
		puts("SKIPPED: net-tap");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
