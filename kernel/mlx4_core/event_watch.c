// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events whose interrupt got lost: hosts and bridges do lose messages, and a
 * queue that fires once until it is armed again would be silent for good. Now and
 * then each queue is looked at, in memory alone. One whose event waits since
 * the last look is read from here, if it still waits a moment later: a virtual
 * machine that has stood still finds both looks due before the interrupt that was
 * on its way. What a command waits for in vain is read as well.
 */
#include <linux/interrupt.h>

#include "mlx4_core/events.h"

/* In all less than a second, by which mlx4_en/overdue.c goes */
#define WATCH_INTERVAL (2 * HZ / 5)
#define WATCH_MOMENT (HZ / 10)

static void take_events(struct cx_eq *eq)
{
	struct device *dev = cx_dma_device(&eq->core->adapter);
	bool found;

	mutex_lock(&eq->core->events->take_lock);
	disable_irq(eq->irq);
	local_bh_disable();
	local_irq_disable();
	found = cx_eq_poll(eq);
	if (found && eq->always_armed) {
		/* No card has been seen with such a queue: go by the doorbell */
		eq->always_armed = false;
		cx_eq_arm(eq);
	}
	local_irq_enable();
	local_bh_enable();
	enable_irq(eq->irq);
	mutex_unlock(&eq->core->events->take_lock);
	/* The interrupt may have come at the last moment */
	if (!found)
		return;
	WRITE_ONCE(eq->lost, eq->lost + 1);
	dev_warn_ratelimited(dev, "interrupt %d did not come for an event\n",
			     eq->irq);
}

/* Return: whether to look again in a moment. */
static bool watch_queue(struct cx_eq *eq)
{
	bool waiting = cx_eq_waiting(eq);
	u32 consumer = READ_ONCE(eq->consumer);

	if (!waiting || !eq->waiting || consumer != eq->watched) {
		eq->waiting = waiting;
		eq->watched = consumer;
		eq->since = jiffies;
		eq->suspected = false;
		return false;
	}
	if (time_before(jiffies, eq->since + WATCH_INTERVAL))
		return false;
	if (!eq->suspected) {
		eq->suspected = true;
		return true;
	}
	take_events(eq);
	eq->waiting = false;
	return false;
}

static void watch_work(struct work_struct *work)
{
	struct cx_events *events =
		container_of(work, struct cx_events, watch.work);
	bool soon = false;
	int i;

	if (cx_adapter_failed(&events->core->adapter))
		return;
	for (i = 0; i < events->count; i++)
		soon |= watch_queue(&events->eq[i]);
	schedule_delayed_work(&events->watch,
			      soon ? WATCH_MOMENT : WATCH_INTERVAL);
}

/**
 * cx_events_take - read all events that wait, however long
 * @core: an adapter with events
 *
 * May sleep.
 */
void cx_events_take(struct cx_core *core)
{
	struct cx_events *events = core->events;
	int i;

	for (i = 0; i < events->count; i++)
		if (cx_eq_waiting(&events->eq[i]))
			take_events(&events->eq[i]);
}

/** cx_events_watch_init - prepare; cx_events_watch_stop() may follow at once */
void cx_events_watch_init(struct cx_events *events)
{
	mutex_init(&events->take_lock);
	INIT_DELAYED_WORK(&events->watch, watch_work);
}

/**
 * cx_events_watch_start - see to lost interrupts from now on
 * @events: queues whose interrupts have been seen to arrive
 */
void cx_events_watch_start(struct cx_events *events)
{
	schedule_delayed_work(&events->watch, WATCH_INTERVAL);
}

/** cx_events_watch_stop - the queues are about to go */
void cx_events_watch_stop(struct cx_events *events)
{
	cancel_delayed_work_sync(&events->watch);
}
