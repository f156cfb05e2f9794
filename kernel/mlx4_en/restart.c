// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings that the adapter has broken off, or of which it says what cannot be,
 * are replaced. If that goes on, only a reset of the adapter is left.
 */
#include "mlx4_en/reporter.h"

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

/**
 * en_restart_queues - replace all queues by others of the same kind
 * @en: the device. Under rtnl.
 * @asked: by a user: then a failure is theirs to deal with
 *
 * Return: 0, also if there are no queues; -errno.
 */
int en_restart_queues(struct en_netdev *en, bool asked)
{
	int err = -EIO;

	if (!en->channels || cx_adapter_failed(en->adapter))
		return 0;
	if (asked || en_may_restart(en))
		err = en_reconfigure(en, &en->config);
	if (err && !asked)
		cx_adapter_report_error(en->adapter, "queues keep failing");
	return err;
}

static void en_restart_work(struct work_struct *work)
{
	struct en_netdev *en =
		container_of(work, struct en_netdev, restart_work);
	struct en_failure failure = {};

	failure.reason = xchg(&en->rx_failure, NULL);
	if (failure.reason)
		en_report_rx(en, &failure);
	failure.reason = xchg(&en->xdp_failure, NULL);
	if (failure.reason)
		en_report_tx(en, &failure);
}

static void en_request(struct en_netdev *en, const char **failure,
		       const char *reason)
{
	if (net_ratelimit())
		netdev_warn(en->dev, "%s: replacing the queues\n", reason);
	WRITE_ONCE(*failure, reason);
	queue_work(en->workqueue, &en->restart_work);
}

/**
 * en_request_restart - have all rings replaced soon: one that receives failed
 * @en: the device
 * @reason: what was seen; stays where it is
 *
 * Context: any.
 */
void en_request_restart(struct en_netdev *en, const char *reason)
{
	en_request(en, &en->rx_failure, reason);
}

/**
 * en_request_xdp_restart - the same: one that sends XDP frames failed
 * @en: the device
 * @reason: what was seen; stays where it is
 *
 * Context: any.
 */
void en_request_xdp_restart(struct en_netdev *en, const char *reason)
{
	en_request(en, &en->xdp_failure, reason);
}

/**
 * en_restart_init - prepare the work
 * @en: the device, new
 */
void en_restart_init(struct en_netdev *en)
{
	INIT_WORK(&en->restart_work, en_restart_work);
}
