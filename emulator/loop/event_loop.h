/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event loop of the adapter's one thread: descriptors, timers, and
 * deferred work that runs in slices.
 *
 * Nothing in here allocates after the object that is registered was created:
 * callers embed struct loop_fd, struct loop_timer and struct loop_work.
 */
#ifndef EMULATOR_LOOP_EVENT_LOOP_H
#define EMULATOR_LOOP_EVENT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event_loop;

struct loop_fd {
	int fd;
	uint32_t events; /* EPOLLIN, EPOLLOUT as registered; 0 = paused */
	void (*ready)(struct loop_fd *self, uint32_t events);
	struct event_loop *loop;
};

struct loop_timer {
	void (*expired)(struct loop_timer *self);
	struct event_loop *loop;
	uint64_t deadline; /* CLOCK_MONOTONIC nanoseconds; 0 = not running */
	/* the loop's own: places in its pairing heap */
	struct loop_timer *child, *sibling, *previous;
};

/*
 * Deferred work: @run does one bounded slice and returns true if more is left,
 * in which case it runs again after the loop looked at its descriptors. Work
 * that cancels itself while it runs may be freed; its return value is ignored.
 */
struct loop_work {
	bool (*run)(struct loop_work *self);
	struct event_loop *loop;
	struct loop_work *next;
	bool queued;
};

/**
 * event_loop_create - a loop with nothing registered
 * @spin_ns: how long to poll without sleeping after the last activity,
 *	nanoseconds; 0 sleeps at once. It sleeps at once too for as long as
 *	events keep coming further apart than this
 *
 * Timers of the calling thread become exact to a microsecond: that is the slack
 * that the kernel is told to take.
 *
 * Return: the loop, which the caller destroys, or NULL with errno set.
 */
struct event_loop *event_loop_create(uint64_t spin_ns);
void event_loop_destroy(struct event_loop *loop);

/* Runs until event_loop_stop(); returns 0 or -errno of epoll itself. */
int event_loop_run(struct event_loop *loop);
/*
 * One turn: a slice of each queued work, then the descriptors that are ready,
 * then the timers that are due. Waits at most @timeout_ns (-1: forever) if
 * nothing is. Returns 0 or -errno. Not to be called from a callback.
 */
int event_loop_turn(struct event_loop *loop, int64_t timeout_ns);
void event_loop_stop(struct event_loop *loop);

/*
 * A watch may be added, changed or removed from any callback, its own
 * included; none is called again after it was removed. Return 0 or -errno.
 */
int loop_fd_add(struct event_loop *loop, struct loop_fd *watch);
/* Changes the events watched; 0 pauses without removing (hang-ups too). */
int loop_fd_set_events(struct loop_fd *watch, uint32_t events);
/* Call it before the descriptor is closed. Removing twice changes nothing. */
void loop_fd_remove(struct loop_fd *watch);

/* Starting a timer that runs already moves its deadline. */
void loop_timer_start(struct event_loop *loop, struct loop_timer *timer,
		      uint64_t delay_ns);
void loop_timer_stop(struct loop_timer *timer);
static inline bool loop_timer_running(const struct loop_timer *timer)
{
	return timer->deadline != 0;
}

/* Queueing work that is queued already changes nothing. */
void loop_work_queue(struct event_loop *loop, struct loop_work *work);
void loop_work_cancel(struct loop_work *work);

/* CLOCK_MONOTONIC in nanoseconds */
uint64_t loop_now(void);

#endif
