// SPDX-License-Identifier: GPL-2.0-only
/*
 * devlink's view of the port's queues: one reporter for sending, one for
 * receiving. They say what failed, show the state of the queues, and replace
 * them, by themselves if the user lets them.
 *
 * They belong to a devlink instance of the port's own (auxiliary/...): a report
 * takes its instance's lock, and the port goes away under that of the card.
 */
#include "mlx4_en/reporter.h"

struct en_reporters {
	struct en_netdev *en;
	struct devlink_health_reporter *tx, *rx;
};

static struct en_netdev *en_of(struct devlink_health_reporter *reporter)
{
	return devlink_health_reporter_priv(reporter);
}

static int en_recover_tx(struct devlink_health_reporter *reporter,
			 void *context, struct netlink_ext_ack *extack)
{
	const struct en_failure *failure = context;
	struct en_netdev *en = en_of(reporter);
	int err;

	rtnl_lock();
	if (failure && failure->one_queue)
		err = en_restart_hung(en);
	else
		err = en_restart_queues(en, !failure);
	rtnl_unlock();
	return err;
}

static int en_recover_rx(struct devlink_health_reporter *reporter,
			 void *context, struct netlink_ext_ack *extack)
{
	struct en_netdev *en = en_of(reporter);
	int err;

	rtnl_lock();
	err = en_restart_queues(en, !context);
	rtnl_unlock();
	return err;
}

static int en_dump(struct devlink_health_reporter *reporter,
		   struct devlink_fmsg *fmsg, void *context,
		   void (*tell)(struct en_netdev *en, struct devlink_fmsg *fmsg,
				bool deep))
{
	const struct en_failure *failure = context;

	if (failure)
		devlink_fmsg_string_pair_put(fmsg, "reason", failure->reason);
	rtnl_lock();
	tell(en_of(reporter), fmsg, true);
	rtnl_unlock();
	return 0;
}

static int en_dump_tx(struct devlink_health_reporter *reporter,
		      struct devlink_fmsg *fmsg, void *context,
		      struct netlink_ext_ack *extack)
{
	return en_dump(reporter, fmsg, context, en_tell_tx);
}

static int en_dump_rx(struct devlink_health_reporter *reporter,
		      struct devlink_fmsg *fmsg, void *context,
		      struct netlink_ext_ack *extack)
{
	return en_dump(reporter, fmsg, context, en_tell_rx);
}

static int en_diagnose_tx(struct devlink_health_reporter *reporter,
			  struct devlink_fmsg *fmsg,
			  struct netlink_ext_ack *extack)
{
	rtnl_lock();
	en_tell_tx(en_of(reporter), fmsg, false);
	rtnl_unlock();
	return 0;
}

static int en_diagnose_rx(struct devlink_health_reporter *reporter,
			  struct devlink_fmsg *fmsg,
			  struct netlink_ext_ack *extack)
{
	rtnl_lock();
	en_tell_rx(en_of(reporter), fmsg, false);
	rtnl_unlock();
	return 0;
}

static const struct devlink_health_reporter_ops en_tx_reporter = {
	.name = "tx",
	.recover = en_recover_tx,
	.dump = en_dump_tx,
	.diagnose = en_diagnose_tx,
};

static const struct devlink_health_reporter_ops en_rx_reporter = {
	.name = "rx",
	.recover = en_recover_rx,
	.dump = en_dump_rx,
	.diagnose = en_diagnose_rx,
};

static const struct devlink_ops en_devlink_ops = {};

/* devlink copies nothing of the failure: it is done with it on return. */
static void en_report(struct devlink_health_reporter *reporter,
		      const struct en_failure *failure)
{
	devlink_health_report(reporter, failure->reason, (void *)failure);
}

void en_report_tx(struct en_netdev *en, const struct en_failure *failure)
{
	en_report(en->reporters->tx, failure);
}

void en_report_rx(struct en_netdev *en, const struct en_failure *failure)
{
	en_report(en->reporters->rx, failure);
}

static void en_mend(struct devlink_health_reporter *reporter)
{
	devlink_health_reporter_state_update(
		reporter, DEVLINK_HEALTH_REPORTER_STATE_HEALTHY);
}

/**
 * en_reporters_renewed - all queues are new: what was wrong with them is over
 * @en: the device. Under rtnl.
 */
void en_reporters_renewed(struct en_netdev *en)
{
	bitmap_zero(en->tx_timeouts, EN_MAX_TX_QUEUES);
	en_mend(en->reporters->tx);
	en_mend(en->reporters->rx);
}

static int en_add_reporters(struct devlink *devlink,
			    struct en_reporters *reporters)
{
	struct devlink_health_reporter *reporter;

	reporter = devl_health_reporter_create(devlink, &en_tx_reporter,
					       reporters->en);
	if (IS_ERR(reporter))
		return PTR_ERR(reporter);
	reporters->tx = reporter;
	reporter = devl_health_reporter_create(devlink, &en_rx_reporter,
					       reporters->en);
	if (IS_ERR(reporter)) {
		devl_health_reporter_destroy(reporters->tx);
		return PTR_ERR(reporter);
	}
	reporters->rx = reporter;
	return 0;
}

/**
 * en_reporters_create - offer the reporters
 * @en: the device, before it is registered
 *
 * Return: 0 or -errno.
 */
int en_reporters_create(struct en_netdev *en)
{
	struct en_reporters *reporters;
	struct devlink *devlink;
	int err;

	devlink = devlink_alloc(&en_devlink_ops, sizeof(*reporters),
				&en->port->aux.dev);
	if (!devlink)
		return -ENOMEM;
	reporters = devlink_priv(devlink);
	reporters->en = en;
	devl_lock(devlink);
	err = en_add_reporters(devlink, reporters);
	devl_unlock(devlink);
	if (err) {
		devlink_free(devlink);
		return err;
	}
	en->reporters = reporters;
	devlink_register(devlink);
	return 0;
}

/**
 * en_reporters_destroy - undo en_reporters_create(); it may not have been
 * @en: the device, unregistered; nothing is reported any more. Not under rtnl.
 */
void en_reporters_destroy(struct en_netdev *en)
{
	struct en_reporters *reporters = en->reporters;
	struct devlink *devlink;

	if (!reporters)
		return;
	devlink = priv_to_devlink(reporters);
	devlink_unregister(devlink);
	devl_lock(devlink);
	devl_health_reporter_destroy(reporters->rx);
	devl_health_reporter_destroy(reporters->tx);
	devl_unlock(devlink);
	en->reporters = NULL;
	devlink_free(devlink);
}
