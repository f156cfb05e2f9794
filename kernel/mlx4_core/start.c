// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bring-up and tear-down of the adapter: one list of steps, up in its order and
 * down in the opposite one (docs/hardware/init.md). Probe, recovery, reload and
 * resume all come through here. A failed adapter is taken down by the same
 * steps: commands that give back succeed then without being sent.
 */
#include "mlx4_core/core.h"

static const struct step {
	const char *name;
	int (*start)(struct cx_core *core);
	void (*stop)(struct cx_core *core);
} steps[] = {
	{ "firmware", cx_firmware_init, cx_firmware_exit },
	{ "capabilities", cx_capabilities_init, NULL },
	{ "context memory", cx_icm_init, cx_icm_exit },
	{ "adapter", cx_hca_init, cx_hca_exit },
	{ "further capabilities", cx_capabilities_finish, NULL },
	{ "clock", cx_clock_init, cx_clock_exit },
	{ "memory regions", cx_memory_init, cx_memory_exit },
	{ "event queues", cx_events_init, cx_events_exit },
	{ "queue tables", cx_queues_init, cx_queues_exit },
	{ "steering", cx_steering_init, cx_steering_exit },
	{ "health", cx_health_start, cx_health_stop },
};

/* A step may overlook that an unimportant command was the card's last. */
static int step_start(struct cx_core *core, const struct step *step)
{
	int error = step->start(core);

	if (!error && cx_adapter_failed(&core->adapter)) {
		if (step->stop)
			step->stop(core);
		error = -EIO;
	}
	return error;
}

static void stop_from(struct cx_core *core, unsigned int end)
{
	while (end--)
		if (steps[end].stop)
			steps[end].stop(core);
}

/**
 * cx_core_start - from any state of the card to one that takes queues
 * @core: the adapter, stopped; state_lock is held
 *
 * Return: 0; -ENODEV for a function that is not to be driven; -errno. After an
 * error nothing is left behind, in memory or in the card.
 */
int cx_core_start(struct cx_core *core)
{
	unsigned int i;
	int error;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		error = step_start(core, &steps[i]);
		if (error) {
			if (error != -ENODEV && !core->leaving)
				dev_err(&core->adapter.pdev->dev,
					"the adapter does not start: %s (%d)\n",
					steps[i].name, error);
			stop_from(core, i);
			return error;
		}
	}
	WRITE_ONCE(core->running, true);
	/* Who saw a failure since the last look at it saw nothing running. */
	smp_mb(); /* against the xchg() of cx_adapter_report_error() */
	if (READ_ONCE(core->failed))
		cx_health_kick(core);
	return 0;
}

/**
 * cx_core_stop - give back all that cx_core_start() set up
 * @core: the adapter, started, its clients suspended or gone; state_lock is
 *	held
 */
void cx_core_stop(struct cx_core *core)
{
	WRITE_ONCE(core->running, false);
	stop_from(core, ARRAY_SIZE(steps));
}
