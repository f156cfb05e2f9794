// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleep: the adapter is taken down, and brought up again from its reset.
 */
#include <linux/pm.h>

#include "mlx4_core/pci.h"

static int cx_suspend(struct device *dev)
{
	struct cx_core *core = dev_get_drvdata(dev);

	mutex_lock(&core->state_lock);
	core->held = true;
	if (core->running) {
		cx_ports_suspend(core);
		cx_core_stop(core);
	}
	mutex_unlock(&core->state_lock);
	return 0;
}

static int cx_resume(struct device *dev)
{
	struct cx_core *core = dev_get_drvdata(dev);
	int error = 0;

	mutex_lock(&core->state_lock);
	core->held = false;
	if (!core->running)
		error = cx_core_start(core);
	if (!error)
		cx_ports_resume(core);
	mutex_unlock(&core->state_lock);
	return error;
}

DEFINE_SIMPLE_DEV_PM_OPS(cx_pm_ops, cx_suspend, cx_resume);
