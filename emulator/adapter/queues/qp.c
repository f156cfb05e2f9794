// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queue pairs: their state machine and what each transition takes from its
 * mailbox (docs/hardware/queues.md).
 */
#include <stdlib.h>

#include "emulator/adapter/adapter.h"

#define WQE_STRIDE_MIN_LOG 4
#define STATE(s) (1u << CX_QP_##s)

struct transition {
	u16 opcode;
	u16 from; /* mask of states */
	u8 to;
};

static const struct transition transitions[] = {
	{ CX_CMD_INIT2INIT_QP, STATE(INIT), CX_QP_INIT },
	{ CX_CMD_INIT2RTR_QP, STATE(INIT), CX_QP_RTR },
	{ CX_CMD_RTR2RTS_QP, STATE(RTR), CX_QP_RTS },
	{ CX_CMD_RTS2RTS_QP, STATE(RTS), CX_QP_RTS },
	{ CX_CMD_SQERR2RTS_QP, STATE(SQER), CX_QP_RTS },
	{ CX_CMD_RTS2SQD_QP, STATE(RTS), CX_QP_SQD },
	{ CX_CMD_SQD2RTS_QP, STATE(SQD), CX_QP_RTS },
	{ CX_CMD_SQD2SQD_QP, STATE(SQD), CX_QP_SQD },
};

/* Numbers have bits above the table's size: they are not part of the index. */
static u32 slot_of(const struct adapter *adapter, u32 qpn)
{
	return qpn &
	       ((1u << cx_get(adapter->init_hca, CX_INIT_HCA_LOG_QPS)) - 1);
}

struct queue_pair *qp_find(struct adapter *adapter, u32 qpn)
{
	return object_find(&adapter->queues.qps, slot_of(adapter, qpn));
}

static u64 queue_bytes(u8 log_size, u8 log_stride)
{
	return 1ULL << (log_size + log_stride);
}

/* The queue with the larger stride comes first; equal ones: send first. */
static void take_layout(struct queue_pair *qp, const u8 *context)
{
	qp->log_sq_size = cx_get(context, CX_QPC_LOG_SQ_SIZE);
	qp->log_rq_size = cx_get(context, CX_QPC_LOG_RQ_SIZE);
	qp->log_sq_stride =
		cx_get(context, CX_QPC_LOG_SQ_STRIDE) + WQE_STRIDE_MIN_LOG;
	qp->log_rq_stride =
		cx_get(context, CX_QPC_LOG_RQ_STRIDE) + WQE_STRIDE_MIN_LOG;
	qp->sq_offset = 0;
	qp->rq_offset = 0;
	if (qp->log_sq_stride >= qp->log_rq_stride)
		qp->rq_offset = queue_bytes(qp->log_sq_size, qp->log_sq_stride);
	else
		qp->sq_offset = queue_bytes(qp->log_rq_size, qp->log_rq_stride);
	ring_init(&qp->ring, cx_get(context, CX_QPC_MTT) << 3,
		  cx_get(context, CX_QPC_LOG_PAGE_SIZE),
		  cx_get(context, CX_QPC_PAGE_OFFSET) << 6);
	/* Garbage in queue pairs without a receive queue: kept, not read */
	qp->record = cx_get(context, CX_QPC_RECORD) << 2;
}

static void take_path(struct queue_pair *qp, const u8 *context)
{
	const u8 *path = context + CX_QPC_PRIMARY_PATH;

	qp->port = 1 + cx_get(path, CX_PATH_PORT);
	qp->counter_index = cx_get(path, CX_PATH_COUNTER_INDEX);
	/* A parent's path ends where its RSS context begins. */
	memcpy(qp->context + CX_QPC_PRIMARY_PATH, path, CX_PATH_SIZE);
}

static u8 take_rss(struct adapter *adapter, struct queue_pair *qp,
		   const u8 *context)
{
	const u8 *rss = context + CX_QPC_RSS_CONTEXT;

	qp->log_queues = cx_get(rss, CX_RSS_LOG_QUEUES);
	qp->base_qpn = cx_get(rss, CX_RSS_BASE_QPN);
	qp->default_qpn = cx_get(rss, CX_RSS_DEFAULT_QPN);
	qp->base_qpn_udp = cx_get(rss, CX_RSS_BASE_QPN_UDP);
	qp->hash_function = cx_get(rss, CX_RSS_HASH_FUNCTION);
	qp->hash_fields = cx_get(rss, CX_RSS_HASH_FIELDS);
	qp->hash_inner = cx_get(rss, CX_RSS_INNER);
	memcpy(qp->context + CX_QPC_RSS_CONTEXT, rss, CX_RSS_SIZE);
	if (qp->hash_function != CX_RSS_HASH_TOEPLITZ)
		return CX_STATUS_OK;
	if (!qp->key) {
		if (adapter->queues.rss_parents >= RSS_PARENTS_MAX)
			return CX_STATUS_EXCEED_LIM;
		qp->key = malloc(sizeof(*qp->key));
		if (!qp->key)
			return CX_STATUS_INTERNAL_ERR;
		adapter->queues.rss_parents++;
	}
	toeplitz_key_expand(qp->key, rss + CX_RSS_KEY);
	return CX_STATUS_OK;
}

void qp_free(struct adapter *adapter, struct queue_pair *qp)
{
	send_forget(adapter, qp);
	if (qp->key)
		adapter->queues.rss_parents--;
	free(qp->key);
	free(qp);
}

static u8 rst2init(struct adapter *adapter, struct command *command)
{
	const u8 *context = command->in + CX_QP_MAILBOX_CONTEXT;
	struct queue_pair *qp;
	u8 status = CX_STATUS_OK;

	if (!adapter->hca_up)
		return CX_STATUS_BAD_SYS_STATE;
	if (qp_find(adapter, command->in_mod))
		return CX_STATUS_BAD_QP_STATE;
	if (cx_get(context, CX_QPC_SRQ))
		return CX_STATUS_BAD_PARAM;
	if (!cq_find(adapter, cx_get(context, CX_QPC_SEND_CQN)) ||
	    !cq_find(adapter, cx_get(context, CX_QPC_RECEIVE_CQN)))
		return CX_STATUS_BAD_RES_STATE;
	qp = calloc(1, sizeof(*qp));
	if (!qp)
		return CX_STATUS_INTERNAL_ERR;
	qp->number = command->in_mod & 0xffffff;
	qp->state = CX_QP_INIT;
	memcpy(qp->context, context, CX_QPC_SIZE);
	qp->pd = cx_get(context, CX_QPC_PD);
	qp->send_cqn = cx_get(context, CX_QPC_SEND_CQN);
	qp->receive_cqn = cx_get(context, CX_QPC_RECEIVE_CQN);
	qp->rss_parent = cx_get(context, CX_QPC_RSS);
	take_layout(qp, context);
	take_path(qp, context);
	if (qp->rss_parent)
		status = take_rss(adapter, qp, context);
	if (!status && object_insert(&adapter->queues.qps,
				     slot_of(adapter, qp->number), qp, QPS_MAX))
		status = CX_STATUS_EXCEED_LIM;
	if (status)
		qp_free(adapter, qp);
	return status;
}

static void take_optional(struct queue_pair *qp, const u8 *mailbox)
{
	const u8 *context = mailbox + CX_QP_MAILBOX_CONTEXT;
	const u8 *path = context + CX_QPC_PRIMARY_PATH;
	u32 mask = cx_get(mailbox, CX_QP_OPTIONAL_MASK);

	if (mask & CX_QP_OPTIONAL_QKEY)
		cx_set(qp->context, CX_QPC_QKEY, cx_get(context, CX_QPC_QKEY));
	if (mask & CX_QP_OPTIONAL_VLAN_STRIP)
		cx_set(qp->context, CX_QPC_VLAN_STRIP_OFF,
		       cx_get(context, CX_QPC_VLAN_STRIP_OFF));
	if (mask & CX_QP_OPTIONAL_PRIMARY_PATH)
		take_path(qp, context);
	if (mask & CX_QP_OPTIONAL_SCHEDULE_QUEUE)
		qp->port = 1 + cx_get(path, CX_PATH_PORT);
	if (mask & CX_QP_OPTIONAL_COUNTER_INDEX)
		qp->counter_index = cx_get(path, CX_PATH_COUNTER_INDEX);
}

static void drained_event(struct adapter *adapter, struct queue_pair *qp)
{
	u8 eqe[CX_EQE_SIZE] = { 0 };

	cx_set(eqe, CX_EQE_TYPE, CX_EVENT_SQ_DRAINED);
	cx_set(eqe, CX_EQE_NUMBER, qp->number);
	adapter_event(adapter, CX_EVENT_SQ_DRAINED, eqe);
}

/*
 * iPXE passes partial contexts: a transition takes the fields that belong to
 * it and no other, or the port is lost at RTR2RTS.
 */
static u8 transit(struct adapter *adapter, struct command *command)
{
	const u8 *context = command->in + CX_QP_MAILBOX_CONTEXT;
	struct queue_pair *qp = qp_find(adapter, command->in_mod);
	const struct transition *transition = transitions;
	u8 status = CX_STATUS_OK;

	while (transition->opcode != command->opcode)
		transition++;
	if (!qp || !(transition->from & 1u << qp->state))
		return CX_STATUS_BAD_QP_STATE;
	if (command->opcode == CX_CMD_INIT2RTR_QP) {
		cx_set(qp->context, CX_QPC_MTU, cx_get(context, CX_QPC_MTU));
		cx_set(qp->context, CX_QPC_LOG_MESSAGE_MAX,
		       cx_get(context, CX_QPC_LOG_MESSAGE_MAX));
		take_path(qp, context);
		if (cx_get(context, CX_QPC_RSS))
			status = take_rss(adapter, qp, context);
	}
	if (status)
		return status;
	take_optional(qp, command->in);
	qp->state = transition->to;
	if (command->opcode == CX_CMD_RTS2SQD_QP &&
	    command->in_mod & CX_SQD_EVENT)
		drained_event(adapter, qp);
	return CX_STATUS_OK;
}

void qp_fail(struct adapter *adapter, struct queue_pair *qp)
{
	if (qp->state == CX_QP_ERR)
		return;
	qp->state = CX_QP_ERR;
	send_forget(adapter, qp);
	send_flush(adapter, qp);
	receive_flush(adapter, qp);
}

static u8 to_err(struct adapter *adapter, struct command *command)
{
	struct queue_pair *qp = qp_find(adapter, command->in_mod);

	if (qp)
		qp_fail(adapter, qp);
	return adapter->hca_up ? CX_STATUS_OK : CX_STATUS_BAD_SYS_STATE;
}

static void qp_image(const struct queue_pair *qp, u8 *mailbox)
{
	u8 *context = mailbox + CX_QP_MAILBOX_CONTEXT;

	memcpy(context, qp->context, CX_QPC_SIZE);
	cx_set(context, CX_QPC_STATE, qp->state);
	cx_set(context, CX_QPC_LOCAL_QPN, qp->number);
	cx_set(context, CX_QPC_SQ_COUNTER, qp->sq_head);
	cx_set(context, CX_QPC_RQ_COUNTER, qp->rq_head);
}

/* Legal in every state; no entry of the queues is touched afterwards. */
static u8 to_rst(struct adapter *adapter, struct command *command)
{
	struct queue_pair *qp;

	if (!adapter->hca_up)
		return CX_STATUS_OK;
	qp = qp_find(adapter, command->in_mod);
	if (command->op_mod & CX_TO_RST_NO_MAILBOX)
		command->out_length = 0;
	if (!qp)
		return CX_STATUS_OK;
	qp_image(qp, command->out);
	object_remove(&adapter->queues.qps, slot_of(adapter, qp->number));
	qp_free(adapter, qp);
	return CX_STATUS_OK;
}

/* A queue pair that nobody created is in state RST, which reads as zeros. */
static u8 query_qp(struct adapter *adapter, struct command *command)
{
	struct queue_pair *qp;

	if (!adapter->hca_up)
		return CX_STATUS_BAD_SYS_STATE;
	qp = qp_find(adapter, command->in_mod);
	if (qp)
		qp_image(qp, command->out);
	return CX_STATUS_OK;
}

static u8 update_qp(struct adapter *adapter, struct command *command)
{
	const u8 *masks = command->in;
	const u8 *context = command->in + CX_UPDATE_QP_CONTEXT;
	const u8 *path = context + CX_QPC_PRIMARY_PATH;
	struct queue_pair *qp = qp_find(adapter, command->in_mod);
	u8 *own_path;

	if (!qp)
		return CX_STATUS_BAD_QP_STATE;
	own_path = qp->context + CX_QPC_PRIMARY_PATH;
	if (cx_get(masks, CX_UPDATE_QP_VLAN_STRIP))
		cx_set(qp->context, CX_QPC_VLAN_STRIP_OFF,
		       cx_get(context, CX_QPC_VLAN_STRIP_OFF));
	if (cx_get(masks, CX_UPDATE_QP_RATE_LIMIT)) {
		cx_set(qp->context, CX_QPC_RATE_UNIT,
		       cx_get(context, CX_QPC_RATE_UNIT));
		cx_set(qp->context, CX_QPC_RATE_VALUE,
		       cx_get(context, CX_QPC_RATE_VALUE));
	}
	if (cx_get(masks, CX_UPDATE_QP_QOS_VPORT))
		cx_set(qp->context, CX_QPC_QOS_VPORT,
		       cx_get(context, CX_QPC_QOS_VPORT));
	if (cx_get(masks, CX_UPDATE_QP_SCHEDULE_QUEUE)) {
		cx_set(own_path, CX_PATH_SCHEDULE_QUEUE,
		       cx_get(path, CX_PATH_SCHEDULE_QUEUE));
		qp->port = 1 + cx_get(path, CX_PATH_PORT);
	}
	if (cx_get(masks, CX_UPDATE_QP_COUNTER_INDEX))
		qp->counter_index = cx_get(path, CX_PATH_COUNTER_INDEX);
	if (cx_get(masks, CX_UPDATE_QP_UNICAST_SOURCE_CHECK))
		cx_set(own_path, CX_PATH_UNICAST_SOURCE_CHECK,
		       cx_get(path, CX_PATH_UNICAST_SOURCE_CHECK));
	if (cx_get(masks, CX_UPDATE_QP_MULTICAST_SOURCE_CHECK))
		cx_set(own_path, CX_PATH_MULTICAST_SOURCE_CHECK,
		       cx_get(path, CX_PATH_MULTICAST_SOURCE_CHECK));
	return CX_STATUS_OK;
}

const struct command_binding qp_commands[] = {
	{ CX_CMD_RST2INIT_QP, rst2init }, { CX_CMD_INIT2INIT_QP, transit },
	{ CX_CMD_INIT2RTR_QP, transit },  { CX_CMD_RTR2RTS_QP, transit },
	{ CX_CMD_RTS2RTS_QP, transit },	  { CX_CMD_SQERR2RTS_QP, transit },
	{ CX_CMD_RTS2SQD_QP, transit },	  { CX_CMD_SQD2RTS_QP, transit },
	{ CX_CMD_SQD2SQD_QP, transit },	  { CX_CMD_TO_ERR_QP, to_err },
	{ CX_CMD_TO_RST_QP, to_rst },	  { CX_CMD_QUERY_QP, query_qp },
	{ CX_CMD_UPDATE_QP, update_qp },  { 0 },
};
