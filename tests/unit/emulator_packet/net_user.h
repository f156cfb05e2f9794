/* SPDX-License-Identifier: GPL-2.0-only */
/* Somebody who uses a backend as a port of the adapter would, and notes all. */
#ifndef TESTS_UNIT_EMULATOR_PACKET_NET_USER_H
#define TESTS_UNIT_EMULATOR_PACKET_NET_USER_H

#include "emulator/net/net_backend.h"
#include "tests/unit/emulator_packet/frames.h"

struct received {
	uint8_t *data;
	size_t length;
	uint32_t mss, header_length;
	bool checksums_wanted;
};

struct net_user {
	struct net_backend *backend;
	bool refuse; /* take no frame */
	unsigned int refused;
	struct received *frames;
	size_t count, space;
	unsigned int writable, link_changes;
	bool link;
	bool inside; /* a send or pause is under way: no callback may come */
};

void net_user_attach(struct net_user *user, struct net_backend *backend);
/* Frees the frames and destroys the backend. */
void net_user_detach(struct net_user *user);
void net_user_forget(struct net_user *user);
int net_user_send(struct net_user *user, const struct net_frame *frame);
int net_user_send_bytes(struct net_user *user, const void *data, size_t length);
void net_user_pause(struct net_user *user, bool paused);

/* Turns the loop until @condition is true; fails the test after 5 seconds. */
#define turn_until(loop, condition)                                          \
	do {                                                                 \
		uint64_t end_ = loop_now() + 5000000000ull;                  \
		while (!(condition)) {                                       \
			assert_int_equal(event_loop_turn(loop, 1000000), 0); \
			assert_true(loop_now() < end_);                      \
		}                                                            \
	} while (0)
/* Turns the loop until it has had time for all that is ready. */
void turn_some(struct event_loop *loop);

/* A TCP frame that is to be segmented; returns its length. */
size_t build_large(uint8_t *data, struct net_frame *frame,
		   struct frame_spec *spec, uint32_t mss);
/* Checks that @frames are the segments of @large with right checksums. */
void check_segments(const struct received *frames, size_t count,
		    const struct net_frame *large,
		    const struct frame_spec *spec);

#endif
