// SPDX-License-Identifier: GPL-2.0-only
/*
 * Congestion notification, 802.1Qau: how the port reacts when a switch says
 * that its queues fill up. The adapter has a reaction point a priority.
 */
#include "mlx4_en/dcb.h"

static void en_from_qcn(const struct ieee_qcn *qcn, int priority,
			struct cx_congestion *params)
{
	params->enable = qcn->rpg_enable[priority];
	params->tag = qcn->cndd_state_machine[priority] ==
		      DCB_CNDD_INTERIOR_READY;
	params->max_rps = qcn->rppp_max_rps[priority];
	params->time_reset = qcn->rpg_time_reset[priority];
	params->byte_reset = qcn->rpg_byte_reset[priority];
	params->threshold = qcn->rpg_threshold[priority];
	params->max_rate = qcn->rpg_max_rate[priority];
	params->ai_rate = qcn->rpg_ai_rate[priority];
	params->hai_rate = qcn->rpg_hai_rate[priority];
	params->gd = qcn->rpg_gd[priority];
	params->min_dec_fac = qcn->rpg_min_dec_fac[priority];
	params->min_rate = qcn->rpg_min_rate[priority];
}

/* The adapter knows of the defence's state only whether frames get a tag. */
static u32 en_cndd_state(const struct en_dcb *dcb, int priority, bool tag)
{
	u32 set = dcb->qcn.cndd_state_machine[priority];

	if (tag)
		return DCB_CNDD_INTERIOR_READY;
	return set == DCB_CNDD_INTERIOR_READY ? DCB_CNDD_RESET : set;
}

static void en_to_qcn(const struct cx_congestion *params, int priority,
		      struct ieee_qcn *qcn)
{
	qcn->rpg_enable[priority] = params->enable;
	qcn->rppp_max_rps[priority] = params->max_rps;
	qcn->rpg_time_reset[priority] = params->time_reset;
	qcn->rpg_byte_reset[priority] = params->byte_reset;
	qcn->rpg_threshold[priority] = params->threshold;
	qcn->rpg_max_rate[priority] = params->max_rate;
	qcn->rpg_ai_rate[priority] = params->ai_rate;
	qcn->rpg_hai_rate[priority] = params->hai_rate;
	qcn->rpg_gd[priority] = params->gd;
	qcn->rpg_min_dec_fac[priority] = params->min_dec_fac;
	qcn->rpg_min_rate[priority] = params->min_rate;
}

int en_ieee_getqcn(struct net_device *dev, struct ieee_qcn *qcn)
{
	struct en_netdev *en = netdev_priv(dev);
	struct cx_congestion params;
	int err;
	int i;

	for (i = 0; i < CX_PRIORITIES; i++) {
		err = cx_congestion_get(en->port, i, &params);
		if (err)
			return err;
		en_to_qcn(&params, i, qcn);
		qcn->cndd_state_machine[i] =
			en_cndd_state(en->dcb, i, params.tag);
	}
	return 0;
}

static int en_send_qcn(struct en_netdev *en, const struct ieee_qcn *qcn)
{
	struct cx_congestion params;
	int err;
	int i;

	for (i = 0; i < CX_PRIORITIES; i++) {
		en_from_qcn(qcn, i, &params);
		err = cx_congestion_set(en->port, i, &params);
		if (err)
			return err;
	}
	return 0;
}

int en_ieee_setqcn(struct net_device *dev, struct ieee_qcn *qcn)
{
	struct en_netdev *en = netdev_priv(dev);
	int err = en_send_qcn(en, qcn);

	if (err)
		return err;
	en->dcb->qcn = *qcn;
	en->dcb->qcn_set = true;
	return 0;
}

int en_ieee_getqcnstats(struct net_device *dev, struct ieee_qcn_stats *stats)
{
	struct en_netdev *en = netdev_priv(dev);
	struct cx_congestion_statistics read;
	int err;
	int i;

	for (i = 0; i < CX_PRIORITIES; i++) {
		err = cx_congestion_read_statistics(en->port, i, &read);
		if (err)
			return err;
		stats->rppp_rp_centiseconds[i] = read.centiseconds;
		stats->rppp_created_rps[i] = read.created;
	}
	return 0;
}

/* After a reset of the adapter */
int en_qcn_sync(struct en_netdev *en)
{
	return en->dcb->qcn_set ? en_send_qcn(en, &en->dcb->qcn) : 0;
}
