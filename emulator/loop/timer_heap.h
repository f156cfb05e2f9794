/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The running timers, soonest first: a pairing heap whose links stand in the
 * timers themselves, so that starting one never allocates.
 */
#ifndef EMULATOR_LOOP_TIMER_HEAP_H
#define EMULATOR_LOOP_TIMER_HEAP_H

#include "emulator/loop/event_loop.h"

/* Both return the heap's new root, NULL if it is empty. */
struct loop_timer *timer_heap_insert(struct loop_timer *root,
				     struct loop_timer *timer);
struct loop_timer *timer_heap_remove(struct loop_timer *root,
				     struct loop_timer *timer);

#endif
