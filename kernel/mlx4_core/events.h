/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event queues and their interrupts: what events.c, eq.c, irq.c and
 * event_dispatch.c share.
 */
#ifndef MLX4_CORE_EVENTS_H
#define MLX4_CORE_EVENTS_H

#include <linux/atomic.h>
#include <linux/workqueue.h>

#include "mlx4_core/core.h"

/* The first queue takes everything but completions, the others only those */
#define CX_EQ_ASYNC 0
#define CX_EQ_FIRST_COMPLETION 1

/*
 * Most completion queues of one vector. Each has at most one event that was
 * not taken yet, so an event queue of as many entries, of those that were taken
 * but not given back, and of a few more, for events of commands during a test of
 * its interrupt, cannot overrun (docs/hardware/queues.md, Q3.1).
 */
#define CX_CQS_PER_VECTOR 160
#define CX_EQ_PUBLISH 64
#define CX_EQ_SPARE 32
#define CX_EQ_ASYNC_ENTRIES 256

struct cx_eq {
	struct cx_core *core;
	u32 number; /* EQN */
	u32 entries;
	u32 consumer;
	u32 published; /* the consumer index that the adapter knows */
	bool always_armed; /* each event has its interrupt; see eq.c */
	void __iomem *doorbell;
	struct cx_buffer ring;
	int irq;
	int cpu; /* near which the interrupt should be; -1: anywhere */
	atomic_t queues; /* completion queues that report here */
	u32 commands; /* events of commands seen here */
	u32 lost; /* interrupts that did not come; see event_watch.c */
	u32 watched; /* event_watch.c: the event that was seen waiting, */
	unsigned long since; /* when first (jiffies), */
	bool waiting; /* if any was, */
	bool suspected; /* and whether that was long ago */
	bool requested; /* the interrupt has its handler */
	char name[40];
};

struct cx_events {
	struct cx_core *core;
	bool msix;
	void __iomem *doorbells; /* from the page of the first queue on */
	void __iomem *clear_interrupt;
	u32 clear_word; /* as the register wants it */
	int irq; /* of all queues, without MSI-X */
	struct mutex test_lock; /* one interrupt is tested at a time */
	struct delayed_work watch; /* event_watch.c */
	struct mutex take_lock; /* events are taken by one at a time there */
	int count;
	struct cx_eq eq[] __counted_by(count);
};

/* eq.c */
int cx_eq_create(struct cx_eq *eq, u16 interrupt, u32 entries, int node);
void cx_eq_destroy(struct cx_eq *eq);
bool cx_eq_waiting(const struct cx_eq *eq);
bool cx_eq_poll(struct cx_eq *eq);
void cx_eq_arm(struct cx_eq *eq);

/* event_watch.c */
void cx_events_watch_init(struct cx_events *events);
void cx_events_watch_start(struct cx_events *events);
void cx_events_watch_stop(struct cx_events *events);

/* irq.c */
int cx_irqs_alloc(struct cx_core *core, int completion_vectors, bool msix);
void cx_irqs_free(struct cx_core *core);
int cx_irqs_request(struct cx_core *core);
void cx_irqs_release(struct cx_core *core);

/* event_dispatch.c; interrupt context */
void cx_event_dispatch(struct cx_eq *eq, const void *eqe);

static inline struct cx_eq *cx_completion_eq(struct cx_core *core, int vector)
{
	return &core->events->eq[CX_EQ_FIRST_COMPLETION + vector];
}

#endif
