// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "emulator/loop/container_of.h"
#include "emulator/loop/event_loop.h"

#define MS 1000000ULL

/* A watch on an eventfd that counts its calls and may do something to others */
struct watch {
	struct loop_fd fd;
	unsigned int calls;
	uint32_t events;
	void (*act)(struct watch *self);
	struct watch *other;
};

static struct event_loop *loop;

static int setup(void **state)
{
	loop = event_loop_create(0);
	return loop ? 0 : -1;
}

static int teardown(void **state)
{
	event_loop_destroy(loop);
	return 0;
}

static void watch_ready(struct loop_fd *fd, uint32_t events)
{
	struct watch *watch = container_of(fd, struct watch, fd);

	watch->calls++;
	watch->events = events;
	if (watch->act)
		watch->act(watch);
}

static struct watch *new_watch(uint32_t events)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	assert_non_null(watch);
	watch->fd.fd = eventfd(1, EFD_NONBLOCK);
	watch->fd.events = events;
	watch->fd.ready = watch_ready;
	assert_int_equal(loop_fd_add(loop, &watch->fd), 0);
	return watch;
}

static void free_watch(struct watch *watch)
{
	loop_fd_remove(&watch->fd);
	close(watch->fd.fd);
	free(watch);
}

static void test_descriptor(void **state)
{
	struct watch *watch = new_watch(EPOLLIN);

	assert_int_equal(event_loop_turn(loop, -1), 0);
	assert_int_equal(watch->calls, 1);
	assert_int_equal(watch->events, EPOLLIN);
	/* level triggered: it is still readable */
	event_loop_turn(loop, -1);
	assert_int_equal(watch->calls, 2);
	free_watch(watch);
	event_loop_turn(loop, 0);
}

static void test_pause(void **state)
{
	struct watch *watch = new_watch(EPOLLIN);

	assert_int_equal(loop_fd_set_events(&watch->fd, 0), 0);
	event_loop_turn(loop, 0);
	assert_int_equal(watch->calls, 0);
	assert_int_equal(loop_fd_set_events(&watch->fd, EPOLLIN | EPOLLOUT), 0);
	event_loop_turn(loop, 0);
	assert_int_equal(watch->calls, 1);
	assert_int_equal(watch->events, EPOLLIN | EPOLLOUT);
	free_watch(watch);
}

static void test_a_paused_watch_does_not_see_a_hangup(void **state)
{
	struct watch *watch = new_watch(0);
	int ends[2];

	close(watch->fd.fd);
	assert_int_equal(pipe(ends), 0);
	close(ends[1]);
	watch->fd.fd = ends[0];
	event_loop_turn(loop, 0);
	assert_int_equal(watch->calls, 0);
	assert_int_equal(loop_fd_set_events(&watch->fd, EPOLLIN), 0);
	event_loop_turn(loop, 0);
	assert_int_equal(watch->calls, 1);
	assert_true(watch->events & EPOLLHUP);
	free_watch(watch);
}

static void test_what_cannot_be_watched(void **state)
{
	struct loop_fd watch = { .fd = -1, .events = EPOLLIN };

	assert_int_equal(loop_fd_add(loop, &watch), -EBADF);
	assert_int_equal(loop_fd_set_events(&watch, EPOLLIN), -EINVAL);
	loop_fd_remove(&watch);
}

static void remove_self(struct watch *self)
{
	loop_fd_remove(&self->fd);
	loop_fd_remove(&self->fd);
}

static void test_removal_of_itself(void **state)
{
	struct watch *watch = new_watch(EPOLLIN);

	watch->act = remove_self;
	event_loop_turn(loop, 0);
	event_loop_turn(loop, 0);
	assert_int_equal(watch->calls, 1);
	free_watch(watch);
}

static struct watch *survivor;

static void free_other(struct watch *self)
{
	if (!self->other)
		return;
	survivor = self;
	free_watch(self->other);
	self->other = NULL;
}

/* Both are ready in one turn; whichever comes first frees the other. */
static void test_removal_of_another_that_is_ready(void **state)
{
	struct watch *a = new_watch(EPOLLIN), *b = new_watch(EPOLLIN);

	a->act = free_other;
	b->act = free_other;
	a->other = b;
	b->other = a;
	survivor = NULL;
	/* a call of the freed one would be a use after free */
	event_loop_turn(loop, 0);
	assert_non_null(survivor);
	assert_int_equal(survivor->calls, 1);
	event_loop_turn(loop, 0);
	assert_int_equal(survivor->calls, 2);
	free_watch(survivor);
}

static void pause_other(struct watch *self)
{
	if (self->other->calls == 0)
		loop_fd_set_events(&self->other->fd, 0);
}

static void test_pausing_another_that_is_ready(void **state)
{
	struct watch *a = new_watch(EPOLLIN), *b = new_watch(EPOLLIN);

	a->act = pause_other;
	b->act = pause_other;
	a->other = b;
	b->other = a;
	event_loop_turn(loop, 0);
	assert_int_equal(a->calls + b->calls, 1);
	free_watch(a);
	free_watch(b);
}

/* --- timers --- */

struct timer {
	struct loop_timer timer;
	unsigned int calls;
	unsigned int order;
	uint64_t again;
};

static unsigned int expirations;

static void timer_expired(struct loop_timer *base)
{
	struct timer *timer = container_of(base, struct timer, timer);

	assert_false(loop_timer_running(base));
	timer->calls++;
	timer->order = ++expirations;
	if (timer->again)
		loop_timer_start(loop, base, timer->again);
}

static void test_timer(void **state)
{
	struct timer timer = { .timer.expired = timer_expired };
	uint64_t begin = loop_now();

	loop_timer_start(loop, &timer.timer, 5 * MS);
	assert_true(loop_timer_running(&timer.timer));
	while (!timer.calls)
		assert_int_equal(event_loop_turn(loop, -1), 0);
	assert_true(loop_now() - begin >= 5 * MS);
	assert_int_equal(timer.calls, 1);
	loop_timer_start(loop, &timer.timer, 0);
	loop_timer_stop(&timer.timer);
	loop_timer_stop(&timer.timer);
	event_loop_turn(loop, 0);
	assert_int_equal(timer.calls, 1);
}

static void test_turn_does_not_wait_longer_than_asked(void **state)
{
	struct timer timer = { .timer.expired = timer_expired };
	uint64_t begin = loop_now();

	loop_timer_start(loop, &timer.timer, 10000 * MS);
	event_loop_turn(loop, 2 * (int64_t)MS);
	assert_int_equal(timer.calls, 0);
	assert_true(loop_now() - begin >= 2 * MS);
	assert_true(loop_now() - begin < 5000 * MS);
	loop_timer_stop(&timer.timer);
}

static void test_timer_that_starts_itself_lets_others_run(void **state)
{
	struct timer timer = { .timer.expired = timer_expired, .again = 1 };
	struct watch *watch = new_watch(EPOLLIN);

	loop_timer_start(loop, &timer.timer, 1);
	for (int i = 0; i < 10; i++)
		event_loop_turn(loop, 0);
	assert_true(timer.calls >= 5);
	assert_int_equal(watch->calls, 10);
	loop_timer_stop(&timer.timer);
	free_watch(watch);
}

static void test_very_long_timer(void **state)
{
	struct timer timer = { .timer.expired = timer_expired };

	loop_timer_start(loop, &timer.timer, UINT64_MAX);
	event_loop_turn(loop, 1);
	assert_int_equal(timer.calls, 0);
	loop_timer_stop(&timer.timer);
}

#define TIMERS 400

/* Many starts, moves and stops in a fixed pseudo-random order. */
static void test_timers_expire_in_order(void **state)
{
	struct timer *timers = calloc(TIMERS, sizeof(*timers));
	uint64_t last = 0, deadlines[TIMERS];
	unsigned int seed = 1, running = 0;

	expirations = 0;
	for (unsigned int i = 0; i < 5 * TIMERS; i++) {
		struct timer *timer;

		seed = seed * 1103515245u + 12345u;
		timer = &timers[seed / 65536u % TIMERS];
		timer->timer.expired = timer_expired;
		if (seed & 0x100)
			loop_timer_stop(&timer->timer);
		else
			loop_timer_start(loop, &timer->timer,
					 seed / 1024u % 1000u * 1000u + 1000u);
	}
	for (unsigned int i = 0; i < TIMERS; i++) {
		running += loop_timer_running(&timers[i].timer);
		deadlines[i] = timers[i].timer.deadline;
	}
	assert_true(running > TIMERS / 4);
	while (expirations < running)
		event_loop_turn(loop, -1);
	for (unsigned int order = 1; order <= running; order++) {
		unsigned int i = 0;

		while (timers[i].order != order)
			assert_true(++i < TIMERS);
		assert_true(deadlines[i] >= last);
		last = deadlines[i];
	}
	event_loop_turn(loop, 2 * (int64_t)MS);
	assert_int_equal(expirations, running);
	free(timers);
}

/* --- work --- */

struct work {
	struct loop_work work;
	unsigned int slices; /* left */
	unsigned int calls;
	void (*act)(struct work *self);
	struct work *other;
};

static bool work_run(struct loop_work *base)
{
	struct work *work = container_of(base, struct work, work);

	work->calls++;
	if (work->slices)
		work->slices--;
	if (work->act) {
		work->act(work);
		return true;
	}
	return work->slices;
}

static void test_work_in_slices_between_looks(void **state)
{
	struct work work = { .work.run = work_run, .slices = 3 };
	struct watch *watch = new_watch(EPOLLIN);

	loop_work_queue(loop, &work.work);
	loop_work_queue(loop, &work.work);
	for (unsigned int i = 1; i <= 3; i++) {
		event_loop_turn(loop, -1);
		assert_int_equal(work.calls, i);
		assert_int_equal(watch->calls, i);
	}
	assert_false(work.work.queued);
	event_loop_turn(loop, 0);
	assert_int_equal(work.calls, 3);
	free_watch(watch);
}

static void test_each_work_gets_a_slice_a_turn(void **state)
{
	struct work works[3] = { 0 };

	for (int i = 0; i < 3; i++) {
		works[i].work.run = work_run;
		works[i].slices = 2;
		loop_work_queue(loop, &works[i].work);
	}
	event_loop_turn(loop, -1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(works[i].calls, 1);
	event_loop_turn(loop, -1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(works[i].calls, 2);
}

static void cancel_other(struct work *self)
{
	loop_work_cancel(&self->other->work);
}

static void cancel_self(struct work *self)
{
	loop_work_cancel(&self->work);
}

static void test_cancelling(void **state)
{
	struct work a = { .work.run = work_run, .act = cancel_other };
	struct work b = { .work.run = work_run, .act = cancel_self };
	struct work c = { .work.run = work_run };

	a.other = &c;
	b.other = &c;
	loop_work_cancel(&a.work); /* never queued */
	loop_work_queue(loop, &a.work);
	loop_work_queue(loop, &b.work);
	loop_work_queue(loop, &c.work);
	event_loop_turn(loop, 0);
	assert_int_equal(a.calls, 1);
	assert_int_equal(b.calls, 1);
	assert_int_equal(c.calls, 0);
	event_loop_turn(loop, 0);
	assert_int_equal(a.calls, 2);
	assert_int_equal(b.calls, 1);
	/* the list is whole after its end was cut off */
	loop_work_cancel(&a.work);
	loop_work_queue(loop, &b.work);
	loop_work_queue(loop, &c.work);
	loop_work_cancel(&c.work);
	loop_work_queue(loop, &a.work);
	event_loop_turn(loop, 0);
	assert_int_equal(a.calls, 3);
	assert_int_equal(b.calls, 2);
	assert_int_equal(c.calls, 0);
	loop_work_cancel(&a.work);
}

/* --- running --- */

static void stop_expired(struct loop_timer *timer)
{
	event_loop_stop(timer->loop);
}

static void test_run_until_stopped(void **state)
{
	struct loop_timer timer = { .expired = stop_expired };

	for (int i = 0; i < 2; i++) {
		loop_timer_start(loop, &timer, MS);
		assert_int_equal(event_loop_run(loop), 0);
		assert_false(loop_timer_running(&timer));
	}
}

static void drain(struct watch *watch)
{
	uint64_t value;

	assert_int_equal(read(watch->fd.fd, &value, sizeof(value)), 8);
}

static uint64_t processor_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

/* Spins for the time asked after an event, then sleeps. */
static void test_spin(void **state)
{
	struct event_loop *plain = loop;
	struct loop_timer timer = { .expired = stop_expired };
	struct watch *watch;
	uint64_t used;

	loop = event_loop_create(20 * MS);
	watch = new_watch(EPOLLIN);
	watch->act = drain;
	loop_timer_start(loop, &timer, 100 * MS);
	used = processor_time();
	assert_int_equal(event_loop_run(loop), 0);
	used = processor_time() - used;
	assert_int_equal(watch->calls, 1);
	/* a busy host may take the processor away while it spins */
	assert_true(used > MS);
	assert_true(used < 60 * MS);
	free_watch(watch);
	event_loop_destroy(loop);
	loop = plain;
}

static int compare_times(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Return: nanoseconds from start to expiry, the median of many */
static uint64_t time_short_timers(void)
{
	struct loop_timer timer = { .expired = stop_expired };
	uint64_t times[101];

	for (int i = 0; i < 101; i++) {
		uint64_t start = loop_now();

		loop_timer_start(loop, &timer, MS / 50);
		assert_int_equal(event_loop_run(loop), 0);
		times[i] = loop_now() - start;
	}
	qsort(times, 101, sizeof(times[0]), compare_times);
	return times[50];
}

/* Interrupt moderation counts in microseconds: no 50 more by the kernel. */
static void test_short_timer_is_not_late(void **state)
{
	uint64_t best = UINT64_MAX;

	/* a busy host may be late by itself, but not all the time */
	for (int i = 0; i < 10 && best >= MS / 16; i++) {
		uint64_t time = time_short_timers();

		if (time < best)
			best = time;
	}
	assert_true(best >= MS / 50);
	assert_true(best < MS / 16);
}

#define SPIN_MS 5

struct ticker {
	struct loop_timer timer;
	struct watch *watch;
	uint64_t gap;
	unsigned int left;
};

static void tick(struct loop_timer *timer)
{
	struct ticker *ticker = container_of(timer, struct ticker, timer);
	uint64_t one = 1;

	if (!ticker->left--) {
		event_loop_stop(loop);
		return;
	}
	assert_int_equal(write(ticker->watch->fd.fd, &one, 8), 8);
	loop_timer_start(loop, timer, ticker->gap);
}

/* Return: processor time a gap, while @count events come @gap apart */
static uint64_t time_a_gap(struct watch *watch, unsigned int count,
			   uint64_t gap)
{
	struct ticker ticker = { .timer = { .expired = tick },
				 .watch = watch,
				 .gap = gap,
				 .left = count };
	uint64_t used = processor_time();

	loop_timer_start(loop, &ticker.timer, gap);
	assert_int_equal(event_loop_run(loop), 0);
	return (processor_time() - used) / count;
}

/* Where spinning does not pay, it stops; where it does, it is back. */
static void test_spin_follows_the_gaps(void **state)
{
	struct event_loop *plain = loop;
	struct watch *watch;
	uint64_t spinning, sleeping;

	loop = event_loop_create(SPIN_MS * MS);
	watch = new_watch(EPOLLIN);
	watch->act = drain;
	time_a_gap(watch, 16, 3 * SPIN_MS * MS);
	sleeping = time_a_gap(watch, 16, 3 * SPIN_MS * MS);
	/* some of the short gaps can become long on a busy host */
	time_a_gap(watch, 32, MS / 2);
	spinning = time_a_gap(watch, 2, 3 * SPIN_MS * MS);
	assert_true(sleeping < MS);
	assert_true(spinning > 2 * sleeping);
	free_watch(watch);
	event_loop_destroy(loop);
	loop = plain;
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_descriptor),
		TEST(test_pause),
		TEST(test_a_paused_watch_does_not_see_a_hangup),
		TEST(test_what_cannot_be_watched),
		TEST(test_removal_of_itself),
		TEST(test_removal_of_another_that_is_ready),
		TEST(test_pausing_another_that_is_ready),
		TEST(test_timer),
		TEST(test_turn_does_not_wait_longer_than_asked),
		TEST(test_timer_that_starts_itself_lets_others_run),
		TEST(test_very_long_timer),
		TEST(test_timers_expire_in_order),
		TEST(test_work_in_slices_between_looks),
		TEST(test_each_work_gets_a_slice_a_turn),
		TEST(test_cancelling),
		TEST(test_run_until_stopped),
		TEST(test_short_timer_is_not_late),
		TEST(test_spin),
		TEST(test_spin_follows_the_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
