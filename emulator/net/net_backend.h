/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a port's frames go to and come from.
 *
 * A frame is contiguous, without FCS. Large TCP packets may pass unsegmented,
 * with the numbers to segment them by, in both directions: a backend that
 * cannot carry them segments on its own; the adapter segments what it gets.
 */
#ifndef EMULATOR_NET_NET_BACKEND_H
#define EMULATOR_NET_NET_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emulator/loop/event_loop.h"

/* Ethernet, two tags, and the largest IPv4 packet or the longest LSO that the
 * adapter is told to do (2^17 and a header)
 */
#define NET_FRAME_MAX (131072 + 512)

struct net_frame {
	const uint8_t *data;
	size_t length;
	uint32_t mss; /* TCP payload a segment; 0 = a plain frame */
	uint32_t header_length; /* up to the end of TCP, when mss is set */
	bool checksums_wanted; /* L4 checksum is not filled in (receive side:
				* trusted, the adapter fills it in)
				*/
};

struct net_backend;

struct net_backend_ops {
	/* Takes the frame at once (the bytes are the caller's again when it
	 * returns). With mss, lengths in the headers need not be right and
	 * checksums are computed; with checksums_wanted, that of L4 is. Return: 0, -EAGAIN (try when writable is
	 * called), -EMSGSIZE, -ENETDOWN, or another -errno: dropped.
	 */
	int (*send)(struct net_backend *backend, const struct net_frame *frame);
	/* Stops or resumes the delivery of frames (no posted receive buffers) */
	void (*pause)(struct net_backend *backend, bool paused);
	void (*destroy)(struct net_backend *backend);
};

/*
 * Set by the user of the backend before the loop runs. All are called by the
 * loop only, never from inside of send() or pause(); none may destroy the
 * backend.
 */
struct net_backend_events {
	/*
	 * A frame arrived; it is valid during the call. Return false if it
	 * cannot be taken now: the backend keeps it, pauses itself, and
	 * offers it again after pause(false).
	 */
	bool (*receive)(void *context, const struct net_frame *frame);
	/* send() may be tried again after -EAGAIN */
	void (*writable)(void *context);
	/* The other side came or went */
	void (*link)(void *context, bool up);
	void *context;
};

struct net_backend {
	const struct net_backend_ops *ops;
	struct net_backend_events events;
	struct event_loop *loop;
	bool up; /* the other side is there */
};

/**
 * net_backend_open - from a command line description
 * @description: "tap:NAME", "tap:fd=N" (opened by the parent),
 *	"stream:SOCKET" (connects, again and again), "stream:listen:SOCKET",
 *	"none"; options follow a comma: "tap:NAME,gso=off" carries only plain
 *	frames with checksums
 * @error: static text that says what is wrong, set on failure; errno is set
 *	too
 *
 * "cable" joins two ports; see net_cable_create().
 *
 * Return: the backend, or NULL.
 */
struct net_backend *net_backend_open(struct event_loop *loop,
				     const char *description,
				     const char **error);
/* Two backends back to back. Return: 0 or -errno. */
int net_cable_create(struct event_loop *loop, struct net_backend *ends[2]);

static inline void net_backend_destroy(struct net_backend *backend)
{
	if (backend)
		backend->ops->destroy(backend);
}

/*
 * A capture file (pcap, nanoseconds, Ethernet): frames as they are on the
 * wire, large ones segmented first and checksums filled in. What is buffered
 * reaches the file a moment after the last frame. A file that cannot be
 * written is reported once on stderr, and not written to any more.
 */
struct net_capture;
/* Return: the capture, or NULL with errno set. */
struct net_capture *net_capture_open(struct event_loop *loop, const char *path);
void net_capture_frame(struct net_capture *capture,
		       const struct net_frame *frame);
void net_capture_close(struct net_capture *capture);

#endif
