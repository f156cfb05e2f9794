// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recovery of a failed adapter: its clients let go of it, it is taken down, a
 * reset brings it back, and its clients with it. Network devices stay.
 */
#include "mlx4_core/health.h"

#define START_TRIES 3
/* A failure so soon after a recovery belongs to the one before it. */
#define ROW_SECONDS 30
#define ROW_MAX 5

static bool too_often(struct cx_health *health)
{
	if (health->in_row &&
	    time_before(jiffies, health->last_recovery + ROW_SECONDS * HZ))
		health->in_row++;
	else
		health->in_row = 1;
	return health->in_row > ROW_MAX;
}

static int start_again(struct cx_core *core)
{
	unsigned int tries;
	int error = -ENODEV;

	for (tries = 0; tries < START_TRIES; tries++) {
		if (READ_ONCE(core->leaving) ||
		    pci_channel_offline(core->adapter.pdev))
			return -ENODEV;
		error = cx_core_start(core);
		if (!error)
			break;
	}
	return error;
}

static int recover_locked(struct cx_core *core)
{
	struct device *dev = &core->adapter.pdev->dev;
	struct cx_health *health = core->health;
	int error = -EIO;

	if (core->running && !cx_adapter_failed(&core->adapter))
		return 0;
	if (core->leaving || core->held ||
	    pci_channel_offline(core->adapter.pdev))
		return -ENODEV; /* others see to it */
	if (core->running) {
		cx_ports_suspend(core);
		cx_core_stop(core);
	}
	if (too_often(health))
		dev_err(dev, "failed %u times in a row\n", health->in_row);
	else
		error = start_again(core);
	if (error && core->leaving)
		return error;
	if (error) {
		dev_err(dev,
			"the adapter stays down; devlink dev reload pci/%s tries again\n",
			pci_name(core->adapter.pdev));
		return error;
	}
	cx_ports_resume(core);
	health->recoveries++;
	health->last_recovery = jiffies;
	dev_info(dev, "the adapter has recovered\n");
	return 0;
}

/**
 * cx_recover - bring a failed adapter back
 * @core: the adapter; state_lock is not held
 *
 * Return: 0, also if there was nothing to do; -errno: it stays down.
 */
int cx_recover(struct cx_core *core)
{
	int error;

	mutex_lock(&core->state_lock);
	error = recover_locked(core);
	mutex_unlock(&core->state_lock);
	return error;
}
