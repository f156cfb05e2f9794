// SPDX-License-Identifier: GPL-2.0-only
/* Congestion control of priorities, 802.1Qau (docs/hardware/offloads.md, E5.13) */
#include "connectx/qos.h"
#include "mlx4_core/core.h"

static int congestion(struct cx_port *port, u8 op_modifier, u8 priority,
		      const struct cx_mailbox *in, struct cx_mailbox *out)
{
	struct cx_core *core = cx_core_of(port->adapter);

	return cx_command(
		core, CX_CMD_CONGESTION_CTRL, op_modifier,
		CX_CONGESTION_ALGORITHM_QCN << CX_CONGESTION_ALGORITHM_SHIFT |
			(1u << priority) << CX_CONGESTION_PRIORITY_SHIFT |
			port->number,
		in, out);
}

static void decode(const void *data, struct cx_congestion *params)
{
	params->enable = cx_get(data, CX_CONGESTION_PARAMS_ENABLE);
	params->tag = cx_get(data, CX_CONGESTION_PARAMS_CN_TAG);
	params->max_rps = cx_get(data, CX_CONGESTION_PARAMS_RPPP_MAX_RPS);
	params->time_reset = cx_get(data, CX_CONGESTION_PARAMS_RPG_TIME_RESET);
	params->byte_reset = cx_get(data, CX_CONGESTION_PARAMS_RPG_BYTE_RESET);
	params->threshold = cx_get(data, CX_CONGESTION_PARAMS_RPG_THRESHOLD);
	params->max_rate = cx_get(data, CX_CONGESTION_PARAMS_RPG_MAX_RATE);
	params->ai_rate = cx_get(data, CX_CONGESTION_PARAMS_RPG_AI_RATE);
	params->hai_rate = cx_get(data, CX_CONGESTION_PARAMS_RPG_HAI_RATE);
	params->gd = cx_get(data, CX_CONGESTION_PARAMS_RPG_GD);
	params->min_dec_fac =
		cx_get(data, CX_CONGESTION_PARAMS_RPG_MIN_DEC_FAC);
	params->min_rate = cx_get(data, CX_CONGESTION_PARAMS_RPG_MIN_RATE);
}

static void encode(void *data, const struct cx_congestion *params)
{
	cx_set(data, CX_CONGESTION_PARAMS_MODIFY_HIGH,
	       CX_CONGESTION_MODIFY_HIGH);
	cx_set(data, CX_CONGESTION_PARAMS_MODIFY_LOW, CX_CONGESTION_MODIFY_LOW);
	cx_set(data, CX_CONGESTION_PARAMS_ENABLE, params->enable);
	cx_set(data, CX_CONGESTION_PARAMS_CN_TAG, params->tag);
	cx_set(data, CX_CONGESTION_PARAMS_RPPP_MAX_RPS, params->max_rps);
	cx_set(data, CX_CONGESTION_PARAMS_RPG_TIME_RESET, params->time_reset);
	cx_set(data, CX_CONGESTION_PARAMS_RPG_BYTE_RESET, params->byte_reset);
	cx_set(data, CX_CONGESTION_PARAMS_RPG_THRESHOLD, params->threshold);
	cx_set(data, CX_CONGESTION_PARAMS_RPG_MAX_RATE, params->max_rate);
	cx_set(data, CX_CONGESTION_PARAMS_RPG_AI_RATE, params->ai_rate);
	cx_set(data, CX_CONGESTION_PARAMS_RPG_HAI_RATE, params->hai_rate);
	cx_set(data, CX_CONGESTION_PARAMS_RPG_GD, params->gd);
	cx_set(data, CX_CONGESTION_PARAMS_RPG_MIN_DEC_FAC, params->min_dec_fac);
	cx_set(data, CX_CONGESTION_PARAMS_RPG_MIN_RATE, params->min_rate);
}

/**
 * cx_congestion_get - the reaction point of a priority
 * @port: the port
 * @priority: 0 to CX_PRIORITIES - 1
 * @params: filled in
 *
 * Return: 0; -EOPNOTSUPP; what the command returned.
 */
int cx_congestion_get(struct cx_port *port, u8 priority,
		      struct cx_congestion *params)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *out;
	int err;

	if (!core->adapter.caps.qcn)
		return -EOPNOTSUPP;
	out = cx_mailbox_get(core);
	if (IS_ERR(out))
		return PTR_ERR(out);
	err = congestion(port, CX_CONGESTION_GET, priority, NULL, out);
	if (!err)
		decode(out->data, params);
	cx_mailbox_put(core, out);
	return err;
}
EXPORT_SYMBOL_GPL(cx_congestion_get);

/**
 * cx_congestion_set - change the reaction point of a priority
 * @port: the port
 * @priority: 0 to CX_PRIORITIES - 1
 * @params: all of it
 *
 * Return: 0; -EOPNOTSUPP; what the command returned.
 */
int cx_congestion_set(struct cx_port *port, u8 priority,
		      const struct cx_congestion *params)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *in;
	int err;

	if (!core->adapter.caps.qcn)
		return -EOPNOTSUPP;
	in = cx_mailbox_get(core);
	if (IS_ERR(in))
		return PTR_ERR(in);
	encode(in->data, params);
	err = congestion(port, CX_CONGESTION_SET, priority, in, NULL);
	cx_mailbox_put(core, in);
	return err;
}
EXPORT_SYMBOL_GPL(cx_congestion_set);

/**
 * cx_congestion_read_statistics - what the reaction points of a priority did
 * @port: the port
 * @priority: 0 to CX_PRIORITIES - 1
 * @statistics: filled in
 *
 * Return: 0; -EOPNOTSUPP; what the command returned.
 */
int cx_congestion_read_statistics(struct cx_port *port, u8 priority,
				  struct cx_congestion_statistics *statistics)
{
	struct cx_core *core = cx_core_of(port->adapter);
	struct cx_mailbox *out;
	int err;

	if (!core->adapter.caps.qcn)
		return -EOPNOTSUPP;
	out = cx_mailbox_get(core);
	if (IS_ERR(out))
		return PTR_ERR(out);
	err = congestion(port, CX_CONGESTION_STATISTICS, priority, NULL, out);
	if (!err) {
		statistics->centiseconds =
			cx_get(out->data, CX_CONGESTION_STATS_CENTISECONDS);
		statistics->created =
			cx_get(out->data, CX_CONGESTION_STATS_CREATED_RPS);
	}
	cx_mailbox_put(core, out);
	return err;
}
EXPORT_SYMBOL_GPL(cx_congestion_read_statistics);
