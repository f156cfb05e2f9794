// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings that the adapter has broken off, or of which it says what cannot be,
 * are replaced. If that goes on, only a reset of the adapter is left.
 */
#include "mlx4_en/en.h"

#define EN_RESTARTS_MAX 5
#define EN_RESTARTS_WITHIN (10 * HZ)

/**
 * en_may_restart - is a restart of queues a remedy still?
 * @en: the device. Under rtnl.
 *
 * Return: false if it has been tried too often of late.
 */
bool en_may_restart(struct en_netdev *en)
{
	if (time_after(jiffies, en->restarts_since + EN_RESTARTS_WITHIN)) {
		en->restarts_since = jiffies;
		en->restarts = 0;
	}
	return en->restarts++ < EN_RESTARTS_MAX;
}

static void en_restart_work(struct work_struct *work)
{
	struct en_netdev *en =
		container_of(work, struct en_netdev, restart_work);

	rtnl_lock();
	if (en->channels && !cx_adapter_failed(en->adapter) &&
	    (!en_may_restart(en) || en_reconfigure(en, &en->config)))
		cx_adapter_report_error(en->adapter, "queues keep failing");
	rtnl_unlock();
}

/**
 * en_request_restart - have all rings replaced soon
 * @en: the device
 * @reason: what was seen
 *
 * Context: any.
 */
void en_request_restart(struct en_netdev *en, const char *reason)
{
	if (net_ratelimit())
		netdev_warn(en->dev, "%s: replacing the queues\n", reason);
	queue_work(en->workqueue, &en->restart_work);
}

/**
 * en_restart_init - prepare the work
 * @en: the device, new
 */
void en_restart_init(struct en_netdev *en)
{
	INIT_WORK(&en->restart_work, en_restart_work);
}
