/* SPDX-License-Identifier: GPL-2.0-only */
/* What devlink's reporters are told, and what they do about it. */
#ifndef MLX4_EN_REPORTER_H
#define MLX4_EN_REPORTER_H

#include "mlx4_en/en.h"

/* What comes by itself. A user who asks for recovery has none of this. */
struct en_failure {
	const char *reason;
	bool one_queue; /* those in en->tx_timeouts, not all of them */
};

/* reporter.c: recovers, unless the user has forbidden that. May sleep. */
void en_report_tx(struct en_netdev *en, const struct en_failure *failure);
void en_report_rx(struct en_netdev *en, const struct en_failure *failure);

/* reporter_queues.c: the state of each queue, with its rings' next entries if
 * @deep. Under rtnl.
 */
void en_tell_tx(struct en_netdev *en, struct devlink_fmsg *fmsg, bool deep);
void en_tell_rx(struct en_netdev *en, struct devlink_fmsg *fmsg, bool deep);

/* tx_timeout.c, restart.c: 0, also if there is nothing to do. Under rtnl. */
int en_restart_hung(struct en_netdev *en);
int en_restart_queues(struct en_netdev *en, bool asked);

#endif
