// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queue pairs: from reset to ready to send and back
 * (docs/hardware/queues.md, Q5).
 */
#include <linux/log2.h>

#include "mlx4_core/queue_tables.h"

/*
 * Frames of a queue pair are counted by the port's own counter, which is what
 * the source check compares: the last counter is that of everybody else.
 */
static u8 counter_of(struct cx_core *core, u8 port)
{
	u32 counters = core->adapter.caps.max_counters;

	if (!counters)
		return CX_COUNTER_NONE;
	return min_t(u32, port - 1, counters - 1);
}

static bool can_check_source(struct cx_core *core)
{
	return cx_get(core->limits->dev_cap, CX_DEV_CAP_LB_SRC_CHECK) &&
	       core->adapter.caps.max_counters > CX_PORTS;
}

static void fill_path(struct cx_core *core, u8 *path,
		      const struct cx_qp_settings *settings)
{
	cx_set(path, CX_PATH_LINK_TYPE, CX_PATH_LINK_ETHERNET);
	cx_set(path, CX_PATH_COUNTER_INDEX, counter_of(core, settings->port));
	cx_set(path, CX_PATH_SCHEDULE_QUEUE, CX_SCHEDULE_QUEUE_ETHERNET);
	cx_set(path, CX_PATH_PORT, settings->port - 1);
	cx_set(path, CX_PATH_PRIORITY, settings->priority);
	cx_set(path, CX_PATH_FORCE_USER_PRIORITY, settings->priority > 0);
	if (can_check_source(core) && !settings->rss) {
		cx_set(path, CX_PATH_COUNTER_SOURCE_CHECK, 1);
		cx_set(path, CX_PATH_MULTICAST_SOURCE_CHECK,
		       !settings->loopback);
	}
}

/* Overlays the end of the primary path and more: comes last (Q5.7) */
static void fill_rss(u8 *context, const struct cx_rss_settings *rss)
{
	u8 *at = context + CX_QPC_RSS_CONTEXT;
	u32 fields = CX_RSS_FIELDS_IPV4 | CX_RSS_FIELDS_IPV6 |
		     CX_RSS_FIELDS_TCP_IPV4 | CX_RSS_FIELDS_TCP_IPV6;

	if (rss->udp) {
		fields |= CX_RSS_FIELDS_UDP_IPV4 | CX_RSS_FIELDS_UDP_IPV6;
		cx_set(at, CX_RSS_BASE_QPN_UDP, rss->base_qpn);
	}
	cx_set(at, CX_RSS_LOG_QUEUES, rss->log_queues);
	cx_set(at, CX_RSS_BASE_QPN, rss->base_qpn);
	cx_set(at, CX_RSS_DEFAULT_QPN, rss->default_qpn);
	cx_set(at, CX_RSS_HASH_FUNCTION, rss->hash_function);
	cx_set(at, CX_RSS_INNER,
	       rss->inner ? CX_RSS_INNER_HEADERS : CX_RSS_OUTER_HEADERS);
	cx_set(at, CX_RSS_HASH_FIELDS, fields);
	memcpy(at + CX_RSS_KEY, rss->key, CX_RSS_KEY_SIZE);
}

static void fill_rings(struct cx_core *core, u8 *context,
		       const struct cx_qp_settings *settings)
{
	const struct cx_buffer *ring = settings->ring ?: &core->queues->nothing;
	/* One send descriptor is there even if it is never used (context.h). */
	u8 log_sq_stride = settings->log_sq_stride ?: CX_QP_LOG_SEND_STRIDE;

	cx_set(context, CX_QPC_LOG_SQ_SIZE, settings->log_sq_entries);
	cx_set(context, CX_QPC_LOG_SQ_STRIDE,
	       log_sq_stride - CX_QP_LOG_STRIDE_UNIT);
	if (settings->log_rq_stride) {
		cx_set(context, CX_QPC_LOG_RQ_SIZE, settings->log_rq_entries);
		cx_set(context, CX_QPC_LOG_RQ_STRIDE,
		       settings->log_rq_stride - CX_QP_LOG_STRIDE_UNIT);
	}
	cx_set(context, CX_QPC_LOG_PAGE_SIZE,
	       ring->page_shift - CX_ICM_PAGE_SHIFT);
	cx_set(context, CX_QPC_MTT, ring->mtt);
	/* Nobody reads the record of a queue pair that receives nothing. */
	cx_set(context, CX_QPC_RECORD,
	       (settings->record ? settings->record->dma :
				   core->queues->nothing.dma) >>
		       CX_FIELD_BIT(CX_QPC_RECORD));
}

static void fill_context(struct cx_core *core, u8 *context, u32 qpn,
			 const struct cx_qp_settings *settings)
{
	cx_set(context, CX_QPC_SERVICE_TYPE, CX_QP_SERVICE_ETHERNET);
	cx_set(context, CX_QPC_PD, core->adapter.pd);
	cx_set(context, CX_QPC_MTU, CX_QP_MTU_ETHERNET);
	cx_set(context, CX_QPC_LOG_MESSAGE_MAX, CX_QP_LOG_MESSAGE_MAX);
	cx_set(context, CX_QPC_UAR_PAGE, core->adapter.uar_page);
	cx_set(context, CX_QPC_LOCAL_QPN, qpn);
	cx_set(context, CX_QPC_SEND_CQN, settings->send_cqn);
	cx_set(context, CX_QPC_RECEIVE_CQN, settings->receive_cqn);
	cx_set(context, CX_QPC_VLAN_STRIP_OFF, settings->vlan_strip_off);
	cx_set(context, CX_QPC_FCS_KEEP, settings->fcs_keep);
	fill_rings(core, context, settings);
	fill_path(core, context + CX_QPC_PRIMARY_PATH, settings);
	if (settings->rss) {
		cx_set(context, CX_QPC_RSS, 1);
		fill_rss(context, settings->rss);
	} else if (core->adapter.caps.vxlan && settings->log_rq_stride) {
		cx_set(context, CX_QPC_TUNNEL, CX_QP_TUNNEL_BOTH);
	}
}

/* The same context at each step: the adapter takes what belongs to it (Q5.1). */
static int bring_up(struct cx_core *core, struct cx_qp *qp,
		    struct cx_mailbox *mailbox)
{
	static const struct {
		enum cx_command opcode;
		enum cx_qp_state state;
	} steps[] = {
		{ CX_CMD_RST2INIT_QP, CX_QP_INIT },
		{ CX_CMD_INIT2RTR_QP, CX_QP_RTR },
		{ CX_CMD_RTR2RTS_QP, CX_QP_RTS },
	};
	u8 *context = mailbox->data + CX_QP_MAILBOX_CONTEXT;
	int err;
	int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		cx_set(context, CX_QPC_STATE, steps[i].state);
		err = cx_command(core, steps[i].opcode, 0, qp->number, mailbox,
				 NULL);
		if (err)
			return err;
		qp->state = steps[i].state;
	}
	return 0;
}

static void to_reset(struct cx_core *core, struct cx_qp *qp)
{
	/* If it is refused the adapter is cut off from memory. */
	cx_command(core, CX_CMD_TO_RST_QP,
		   CX_TO_RST_AT_ONCE | CX_TO_RST_NO_MAILBOX, qp->number, NULL,
		   NULL);
	qp->state = CX_QP_RST;
	xa_erase(&core->queues->qps, qp->number);
	cx_queues_synchronize(core, -1);
}

/**
 * cx_qp_start - bring a queue pair from reset to ready to send
 * @adapter: a running adapter
 * @qp: number and failed are set; number is from cx_qpn_alloc()
 * @settings: how it should be; needed during the call only
 *
 * Return: 0; -EINVAL; -ENOMEM; what a command returned. On error the queue
 * pair is in reset.
 */
int cx_qp_start(struct cx_adapter *adapter, struct cx_qp *qp,
		const struct cx_qp_settings *settings)
{
	struct cx_core *core = cx_core_of(adapter);
	struct cx_mailbox *mailbox;
	int err;

	if (settings->port < 1 || settings->port > CX_PORTS)
		return -EINVAL;
	qp->adapter = adapter;
	qp->state = CX_QP_RST;
	mailbox = cx_mailbox_get(core);
	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	fill_context(core, mailbox->data + CX_QP_MAILBOX_CONTEXT, qp->number,
		     settings);
	err = xa_err(xa_store(&core->queues->qps, qp->number, qp, GFP_KERNEL));
	if (!err) {
		err = bring_up(core, qp, mailbox);
		if (err)
			to_reset(core, qp);
	}
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_qp_start);

/**
 * cx_qp_stop - back to reset
 * @qp: a queue pair, or one that never started
 *
 * On return the adapter reads and writes nothing for it.
 */
void cx_qp_stop(struct cx_qp *qp)
{
	if (qp->state == CX_QP_RST)
		return;
	to_reset(cx_core_of(qp->adapter), qp);
}
EXPORT_SYMBOL_GPL(cx_qp_stop);

static int update_qp(struct cx_core *core, const struct cx_qp *qp,
		     struct cx_mailbox *mailbox)
{
	return cx_command(core, CX_CMD_UPDATE_QP, 0, qp->number, mailbox, NULL);
}

/**
 * cx_qp_set_loopback - change whether own multicast frames may come back
 * @qp: a started queue pair
 * @loopback: let them
 *
 * Return: 0; -EOPNOTSUPP; what the command returned.
 */
int cx_qp_set_loopback(struct cx_qp *qp, bool loopback)
{
	struct cx_core *core = cx_core_of(qp->adapter);
	struct cx_mailbox *mailbox;
	int err;

	/* Nothing holds them back on such a card. */
	if (!can_check_source(core))
		return 0;
	if (!core->adapter.caps.update_qp ||
	    !cx_get(core->limits->dev_cap, CX_DEV_CAP_UPDATE_QP_LB_SRC_CHECK))
		return -EOPNOTSUPP;
	mailbox = cx_mailbox_get(core);
	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_set(mailbox->data, CX_UPDATE_QP_MULTICAST_SOURCE_CHECK, 1);
	cx_set(mailbox->data + CX_UPDATE_QP_CONTEXT + CX_QPC_PRIMARY_PATH,
	       CX_PATH_MULTICAST_SOURCE_CHECK, !loopback);
	err = update_qp(core, qp, mailbox);
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_qp_set_loopback);

/* In the finest unit that holds it; between two of them the lower one */
static void fill_rate(u8 *context, u32 mbps)
{
	bool giga = mbps >> CX_FIELD_WIDTH(CX_QPC_RATE_VALUE);

	if (!mbps)
		return;
	cx_set(context, CX_QPC_RATE_UNIT, giga ? CX_RATE_GBPS : CX_RATE_MBPS);
	cx_set(context, CX_QPC_RATE_VALUE, giga ? mbps / 1000 : mbps);
}

/**
 * cx_qp_set_rate - limit what a queue pair sends
 * @qp: a started queue pair
 * @mbps: Mbit/s at most, within what caps say; 0: no limit
 *
 * Return: 0; -EOPNOTSUPP; what the command returned.
 */
int cx_qp_set_rate(struct cx_qp *qp, u32 mbps)
{
	struct cx_core *core = cx_core_of(qp->adapter);
	struct cx_mailbox *mailbox;
	int err;

	if (!core->adapter.caps.tx_rate_max)
		return -EOPNOTSUPP;
	mailbox = cx_mailbox_get(core);
	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_set(mailbox->data, CX_UPDATE_QP_RATE_LIMIT, 1);
	fill_rate(mailbox->data + CX_UPDATE_QP_CONTEXT, mbps);
	err = update_qp(core, qp, mailbox);
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_qp_set_rate);
