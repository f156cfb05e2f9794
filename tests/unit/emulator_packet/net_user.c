// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/emulator_packet/net_user.h"

static bool receive(void *context, const struct net_frame *frame)
{
	struct net_user *user = context;
	struct received *entry;

	assert_false(user->inside);
	if (user->refuse) {
		user->refused++;
		return false;
	}
	if (user->count == user->space) {
		user->space = user->space ? user->space * 2 : 64;
		user->frames = realloc(user->frames,
				       user->space * sizeof(*user->frames));
		assert_non_null(user->frames);
	}
	entry = &user->frames[user->count++];
	*entry = (struct received){
		.data = malloc(frame->length),
		.length = frame->length,
		.mss = frame->mss,
		.header_length = frame->header_length,
		.checksums_wanted = frame->checksums_wanted,
	};
	assert_non_null(entry->data);
	memcpy(entry->data, frame->data, frame->length);
	return true;
}

static void writable(void *context)
{
	struct net_user *user = context;

	assert_false(user->inside);
	user->writable++;
}

static void link_changed(void *context, bool up)
{
	struct net_user *user = context;

	assert_false(user->inside);
	assert_int_not_equal(up, user->link);
	user->link = up;
	user->link_changes++;
}

void net_user_attach(struct net_user *user, struct net_backend *backend)
{
	assert_non_null(backend);
	*user = (struct net_user){ .backend = backend, .link = backend->up };
	backend->events = (struct net_backend_events){
		.receive = receive,
		.writable = writable,
		.link = link_changed,
		.context = user,
	};
}

void net_user_forget(struct net_user *user)
{
	for (size_t i = 0; i < user->count; i++)
		free(user->frames[i].data);
	user->count = 0;
}

void net_user_detach(struct net_user *user)
{
	net_user_forget(user);
	free(user->frames);
	net_backend_destroy(user->backend);
	*user = (struct net_user){ 0 };
}

int net_user_send(struct net_user *user, const struct net_frame *frame)
{
	int status;

	user->inside = true;
	status = user->backend->ops->send(user->backend, frame);
	user->inside = false;
	return status;
}

int net_user_send_bytes(struct net_user *user, const void *data, size_t length)
{
	struct net_frame frame = { .data = data, .length = length };

	return net_user_send(user, &frame);
}

void net_user_pause(struct net_user *user, bool paused)
{
	user->inside = true;
	user->backend->ops->pause(user->backend, paused);
	user->inside = false;
}

void turn_some(struct event_loop *loop)
{
	for (int i = 0; i < 20; i++)
		assert_int_equal(event_loop_turn(loop, 0), 0);
}

size_t build_large(uint8_t *data, struct net_frame *frame,
		   struct frame_spec *spec, uint32_t mss)
{
	spec->protocol = 6;
	*frame = (struct net_frame){
		.data = data,
		.length = frame_build(data, spec),
		.mss = mss,
		.header_length = (uint32_t)frame_payload(spec),
	};
	return frame->length;
}

void check_segments(const struct received *frames, size_t count,
		    const struct net_frame *large,
		    const struct frame_spec *spec)
{
	size_t header = large->header_length;
	size_t payload = large->length - header;
	size_t l3 = frame_l3(spec), l4 = frame_l4(spec);

	assert_int_equal(count, (payload + large->mss - 1) / large->mss);
	for (size_t i = 0; i < count; i++) {
		size_t offset = i * large->mss;
		size_t slice = payload - offset < large->mss ?
				       payload - offset :
				       large->mss;
		const uint8_t *data = frames[i].data;

		assert_int_equal(frames[i].mss, 0);
		assert_int_equal(frames[i].length,
				 header + slice < 60 ? 60 : header + slice);
		assert_memory_equal(data + header,
				    large->data + header + offset, slice);
		assert_int_equal(get32(data + l4 + 4), spec->sequence + offset);
		assert_int_equal(plain_l4_sum(data + l3, data + l4,
					      header + slice - l4, 6),
				 0xffff);
		if (!spec->ipv6)
			assert_int_equal(plain_sum(data + l3, l4 - l3, 0),
					 0xffff);
	}
}
