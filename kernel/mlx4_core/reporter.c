// SPDX-License-Identifier: GPL-2.0-only
/*
 * devlink's view of the adapter's health: what failed, what the firmware left
 * behind, and whether failures are recovered from without being asked.
 */
#include "mlx4_core/health.h"

/* What comes by itself, and not by a word of a user's, has a @context. */
static int reporter_recover(struct devlink_health_reporter *reporter,
			    void *context, struct netlink_ext_ack *extack)
{
	struct cx_core *core = devlink_health_reporter_priv(reporter);

	if (context && !READ_ONCE(core->params.reset_on_error)) {
		dev_err(&core->adapter.pdev->dev,
			"left as it is, as internal_error_reset wants it\n");
		return -ECANCELED;
	}
	return cx_recover(core);
}

static int reporter_dump(struct devlink_health_reporter *reporter,
			 struct devlink_fmsg *fmsg, void *context,
			 struct netlink_ext_ack *extack)
{
	struct cx_core *core = devlink_health_reporter_priv(reporter);
	struct cx_health *health = core->health;
	unsigned int i;

	devlink_fmsg_string_pair_put(fmsg, "reason", health->reason);
	devlink_fmsg_arr_pair_nest_start(fmsg, "error buffer");
	for (i = 0; i < health->snapshot_dwords; i++)
		devlink_fmsg_u32_put(fmsg, health->snapshot[i]);
	devlink_fmsg_arr_pair_nest_end(fmsg);
	return 0;
}

static int reporter_diagnose(struct devlink_health_reporter *reporter,
			     struct devlink_fmsg *fmsg,
			     struct netlink_ext_ack *extack)
{
	struct cx_core *core = devlink_health_reporter_priv(reporter);
	struct cx_health *health = core->health;

	devlink_fmsg_string_pair_put(fmsg, "state",
				     cx_adapter_failed(&core->adapter) ?
					     "failed" :
				     READ_ONCE(core->running) ? "running" :
								"stopped");
	devlink_fmsg_u32_pair_put(fmsg, "recoveries", health->recoveries);
	if (health->reason[0])
		devlink_fmsg_string_pair_put(fmsg, "last failure",
					     health->reason);
	return 0;
}

static const struct devlink_health_reporter_ops reporter_ops = {
	.name = "fw_fatal",
	.recover = reporter_recover,
	.dump = reporter_dump,
	.diagnose = reporter_diagnose,
};

/* Of the recovery work: neither state_lock nor devlink's lock is held */
void cx_reporter_report(struct cx_core *core)
{
	struct cx_health *health = core->health;

	if (READ_ONCE(core->leaving))
		return;
	mutex_lock(&core->state_lock); /* cx_health_stop() unmaps the buffer */
	cx_health_snapshot(core);
	mutex_unlock(&core->state_lock);
	cx_regions_snapshot(core);
	if (health->reporter)
		devlink_health_report(health->reporter, health->reason, core);
	else
		cx_recover(core);
}

void cx_reporter_healthy(struct cx_core *core)
{
	if (core->health->reporter)
		devlink_health_reporter_state_update(
			core->health->reporter,
			DEVLINK_HEALTH_REPORTER_STATE_HEALTHY);
}

/** cx_reporter_init - the reporter of the adapter; devlink's lock is held */
int cx_reporter_init(struct cx_core *core)
{
	struct devlink_health_reporter *reporter;

	reporter =
		devl_health_reporter_create(core->devlink, &reporter_ops, core);
	if (IS_ERR(reporter))
		return PTR_ERR(reporter);
	core->health->reporter = reporter;
	return 0;
}

void cx_reporter_exit(struct cx_core *core)
{
	if (!core->health->reporter)
		return;
	devl_health_reporter_destroy(core->health->reporter);
	core->health->reporter = NULL;
}
