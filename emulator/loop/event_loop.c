// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/loop/event_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "emulator/loop/timer_heap.h"

#define BATCH 64
#define NS_PER_SECOND 1000000000ULL
/*
 * Spinning pays where the next event comes soon: a sleep costs both sides some
 * microseconds, a spin for nothing takes the processor from the guest. So the
 * last gaps between events decide, and they are noted whether we spin or not.
 */
#define GAPS 16
#define GAPS_SHORT 11
/* What the first look after an event finds has cost no spinning. */
#define GAP_NONE_NS 1000
#define TIMER_SLACK_NS 1000

struct event_loop {
	int epoll_fd;
	bool stopping;
	uint64_t spin_ns;
	uint64_t last_activity;
	uint16_t gaps; /* a bit a gap, the last one lowest; 1 = short */
	/* what epoll gave this turn; a removed watch is taken out of it */
	struct epoll_event batch[BATCH];
	int batch_count;
	struct loop_timer *timers;
	struct loop_work *queue, **queue_end;
	/* the part of the queue that this turn still has to run */
	struct loop_work *running, **running_end;
	struct loop_work *current;
};

uint64_t loop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

struct event_loop *event_loop_create(uint64_t spin_ns)
{
	struct event_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		free(loop);
		return NULL;
	}
	/* Timers run in microseconds; the kernel would add up to 50 to each. */
	prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
	loop->spin_ns = spin_ns;
	loop->gaps = UINT16_MAX;
	loop->queue_end = &loop->queue;
	loop->running_end = &loop->running;
	return loop;
}

void event_loop_destroy(struct event_loop *loop)
{
	if (!loop)
		return;
	close(loop->epoll_fd);
	free(loop);
}

void event_loop_stop(struct event_loop *loop)
{
	loop->stopping = true;
}

/* True if work ran. Work queued meanwhile waits for the next turn. */
static bool run_work(struct event_loop *loop)
{
	if (!loop->queue)
		return false;
	loop->running = loop->queue;
	loop->running_end = loop->queue_end;
	loop->queue = NULL;
	loop->queue_end = &loop->queue;
	while (loop->running) {
		struct loop_work *work = loop->running;
		bool more;

		loop->running = work->next;
		if (!loop->running)
			loop->running_end = &loop->running;
		work->next = NULL;
		work->queued = false;
		loop->current = work;
		more = work->run(work);
		if (loop->current == work && more)
			loop_work_queue(loop, work);
		loop->current = NULL;
	}
	return true;
}

static bool run_timers(struct event_loop *loop, uint64_t now)
{
	bool any = false;

	/* @now is fixed, so a timer that starts itself again ends the loop */
	while (loop->timers && loop->timers->deadline <= now) {
		struct loop_timer *timer = loop->timers;

		loop_timer_stop(timer);
		timer->expired(timer);
		any = true;
	}
	return any;
}

static int wait_ready(struct event_loop *loop, int64_t timeout_ns)
{
	struct timespec timeout = {
		.tv_sec = (time_t)(timeout_ns / (int64_t)NS_PER_SECOND),
		.tv_nsec = (long)(timeout_ns % (int64_t)NS_PER_SECOND),
	};
	int count;

	if (timeout_ns <= 0)
		count = epoll_wait(loop->epoll_fd, loop->batch, BATCH,
				   timeout_ns < 0 ? -1 : 0);
	else
		count = epoll_pwait2(loop->epoll_fd, loop->batch, BATCH,
				     &timeout, NULL);
	if (count < 0 && errno == ENOSYS)
		count = epoll_wait(loop->epoll_fd, loop->batch, BATCH,
				   (int)(timeout_ns / 1000000) + 1);
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	return count;
}

static void note_gap(struct event_loop *loop)
{
	uint64_t gap = loop_now() - loop->last_activity;

	if (gap >= GAP_NONE_NS)
		loop->gaps =
			(uint16_t)(loop->gaps << 1 | (gap < loop->spin_ns));
}

static bool may_spin(const struct event_loop *loop)
{
	return loop->spin_ns && __builtin_popcount(loop->gaps) >= GAPS_SHORT &&
	       loop_now() - loop->last_activity < loop->spin_ns;
}

static void run_ready(struct event_loop *loop, int count)
{
	loop->batch_count = count;
	for (int i = 0; i < count; i++) {
		struct loop_fd *watch = loop->batch[i].data.ptr;
		uint32_t events = loop->batch[i].events;

		if (!watch)
			continue;
		events &= watch->events | EPOLLERR | EPOLLHUP;
		if (events)
			watch->ready(watch, events);
	}
	loop->batch_count = 0;
}

int event_loop_turn(struct event_loop *loop, int64_t timeout_ns)
{
	bool active = run_work(loop);
	int count;

	if (loop->queue || active)
		timeout_ns = 0;
	if (loop->timers && timeout_ns != 0) {
		uint64_t now = loop_now();
		uint64_t due = loop->timers->deadline;
		uint64_t until = due > now ? due - now : 0;

		if (until > INT64_MAX)
			until = INT64_MAX;
		if (timeout_ns < 0 || (int64_t)until < timeout_ns)
			timeout_ns = (int64_t)until;
	}
	count = wait_ready(loop, timeout_ns);
	if (count < 0)
		return count;
	if (count && loop->spin_ns)
		note_gap(loop);
	run_ready(loop, count);
	if (loop->timers || active || count) {
		uint64_t now = loop_now();

		if (active || count)
			loop->last_activity = now;
		run_timers(loop, now);
	}
	return 0;
}

int event_loop_run(struct event_loop *loop)
{
	int error = 0;

	while (!loop->stopping && !error) {
		error = event_loop_turn(loop, may_spin(loop) ? 0 : -1);
	}
	loop->stopping = false;
	return error;
}

/* Takes what is ready but not yet handled of @watch out of this turn. */
static void forget_ready(struct event_loop *loop, const struct loop_fd *watch)
{
	for (int i = 0; i < loop->batch_count; i++)
		if (loop->batch[i].data.ptr == watch)
			loop->batch[i].data.ptr = NULL;
}

static int control(struct event_loop *loop, int operation,
		   struct loop_fd *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (epoll_ctl(loop->epoll_fd, operation, watch->fd, &event) < 0)
		return -errno;
	return 0;
}

int loop_fd_add(struct event_loop *loop, struct loop_fd *watch)
{
	int error = 0;

	/* epoll reports hang-ups even for no events: stay out of it then */
	if (watch->events)
		error = control(loop, EPOLL_CTL_ADD, watch, watch->events);
	watch->loop = error ? NULL : loop;
	return error;
}

int loop_fd_set_events(struct loop_fd *watch, uint32_t events)
{
	int error = 0;

	if (!watch->loop)
		return -EINVAL;
	if (events == watch->events)
		return 0;
	if (!events) {
		error = control(watch->loop, EPOLL_CTL_DEL, watch, 0);
		forget_ready(watch->loop, watch);
	} else {
		error = control(watch->loop,
				watch->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
				watch, events);
	}
	if (!error)
		watch->events = events;
	return error;
}

void loop_fd_remove(struct loop_fd *watch)
{
	if (!watch->loop)
		return;
	if (watch->events)
		control(watch->loop, EPOLL_CTL_DEL, watch, 0);
	forget_ready(watch->loop, watch);
	watch->loop = NULL;
}

void loop_timer_start(struct event_loop *loop, struct loop_timer *timer,
		      uint64_t delay_ns)
{
	uint64_t now = loop_now();

	loop_timer_stop(timer);
	timer->loop = loop;
	timer->deadline = delay_ns < UINT64_MAX - now ? now + delay_ns :
							UINT64_MAX;
	loop->timers = timer_heap_insert(loop->timers, timer);
}

void loop_timer_stop(struct loop_timer *timer)
{
	if (!timer->deadline)
		return;
	timer->loop->timers = timer_heap_remove(timer->loop->timers, timer);
	timer->deadline = 0;
}

void loop_work_queue(struct event_loop *loop, struct loop_work *work)
{
	if (work->queued)
		return;
	work->loop = loop;
	work->queued = true;
	work->next = NULL;
	*loop->queue_end = work;
	loop->queue_end = &work->next;
}

static bool unlink_work(struct loop_work **list, struct loop_work ***end,
			struct loop_work *work)
{
	for (struct loop_work **link = list; *link; link = &(*link)->next) {
		if (*link != work)
			continue;
		*link = work->next;
		if (*end == &work->next)
			*end = link;
		return true;
	}
	return false;
}

void loop_work_cancel(struct loop_work *work)
{
	struct event_loop *loop = work->loop;

	if (!loop)
		return;
	if (loop->current == work)
		loop->current = NULL;
	if (!work->queued)
		return;
	if (!unlink_work(&loop->running, &loop->running_end, work))
		unlink_work(&loop->queue, &loop->queue_end, work);
	work->next = NULL;
	work->queued = false;
}
