/* SPDX-License-Identifier: GPL-2.0-only */
/* What the backends share; not for their users. */
#ifndef EMULATOR_NET_BACKENDS_H
#define EMULATOR_NET_BACKENDS_H

#include "emulator/net/net_backend.h"

/* How much a backend delivers or sends before the loop has its turn again */
#define NET_SLICE_FRAMES 64
#define NET_SLICE_BYTES (256 * 1024)

struct net_backend *net_tap_open(struct event_loop *loop, const char *name,
				 bool gso, const char **error);
struct net_backend *net_stream_open(struct event_loop *loop, const char *path,
				    bool listening, const char **error);

/* The user's functions, each of which may be missing */
static inline bool net_deliver(struct net_backend *backend,
			       const struct net_frame *frame)
{
	const struct net_backend_events *events = &backend->events;

	return !events->receive || events->receive(events->context, frame);
}

static inline void net_notify_writable(struct net_backend *backend)
{
	if (backend->events.writable)
		backend->events.writable(backend->events.context);
}

static inline void net_notify_link(struct net_backend *backend, bool up)
{
	if (backend->up == up)
		return;
	backend->up = up;
	if (backend->events.link)
		backend->events.link(backend->events.context, up);
}

#endif
