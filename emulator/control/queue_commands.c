// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of queues, for whoever looks for a driver's or our mistake.
 */
#include <string.h>

#include "emulator/control/internal.h"

#define PAGE_DEFAULT 64
#define PAGE_MAX 256

static const char *qp_state_text(u8 state)
{
	static const char *const names[] = {
		[CX_QP_RST] = "RST",   [CX_QP_INIT] = "INIT",
		[CX_QP_RTR] = "RTR",   [CX_QP_RTS] = "RTS",
		[CX_QP_SQER] = "SQER", [CX_QP_SQD] = "SQD",
		[CX_QP_ERR] = "ERR",   [CX_QP_SQ_DRAINING] = "SQ_DRAINING",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

static const char *eq_state_text(u8 state)
{
	switch (state) {
	case CX_QUEUE_STATE_ARMED:
		return "armed";
	case CX_QUEUE_STATE_FIRED:
		return "fired";
	case CX_QUEUE_STATE_ALWAYS_ARMED:
		return "always armed";
	}
	return "?";
}

static json_object *describe_eq(const void *at)
{
	const struct event_queue *eq = at;
	json_object *object = json_object_new_object();

	json_set_number(object, "eqn", eq->number);
	json_set_text(object, "state", eq_state_text(eq->state));
	json_set_number(object, "size", 1LL << eq->log_size);
	json_set_number(object, "stride", 1LL << eq->log_stride);
	json_set_number(object, "vector", eq->vector);
	json_set_number(object, "producer", eq->producer);
	json_set_number(object, "consumer", eq->consumer);
	json_set_number(object, "pending", eq->pending_count);
	return object;
}

static json_object *describe_cq(const void *at)
{
	static const char *const armed[] = {
		[0] = "no",
		[CX_CQ_ARM_SOLICITED] = "solicited",
		[CX_CQ_ARM_NEXT] = "next",
	};
	const struct completion_queue *cq = at;
	json_object *object = json_object_new_object();
	u8 record[4] = { 0 };

	guest_memory_read(cq->adapter->memory, cq->record, record,
			  sizeof(record));
	json_set_number(object, "cqn", cq->number);
	json_set_number(object, "eqn", cq->eqn);
	json_set_number(object, "status", cq->status);
	json_set_text(object, "armed", armed[cq->armed]);
	json_set_number(object, "size", 1LL << cq->log_size);
	json_set_number(object, "stride", 1LL << cq->log_stride);
	json_set_number(object, "producer", cq->producer);
	json_set_number(object, "consumer",
			(s64)cx_get(record, CX_CQ_RECORD_CONSUMER_INDEX));
	json_set_number(object, "period_us", cq->period);
	json_set_number(object, "max_count", cq->max_count);
	json_set_flag(object, "event_owed", cq->event_owed);
	return object;
}

/* The limit of what is sent, 0 without one */
static s64 rate_kbps(const u8 *context)
{
	static const s64 kbps[] = {
		[CX_RATE_KBPS] = 1,
		[CX_RATE_MBPS] = 1000,
		[CX_RATE_GBPS] = 1000 * 1000,
	};

	return kbps[cx_get(context, CX_QPC_RATE_UNIT)] *
	       (s64)cx_get(context, CX_QPC_RATE_VALUE);
}

static json_object *describe_qp(const void *at)
{
	const struct queue_pair *qp = at;
	json_object *object = json_object_new_object();

	json_set_number(object, "qpn", qp->number);
	json_set_text(object, "state", qp_state_text(qp->state));
	json_set_number(object, "port", qp->port);
	json_set_flag(object, "rss", qp->rss_parent);
	json_set_number(object, "send_cqn", qp->send_cqn);
	json_set_number(object, "receive_cqn", qp->receive_cqn);
	json_set_number(object, "sq_size", 1LL << qp->log_sq_size);
	json_set_number(object, "sq_stride", 1LL << qp->log_sq_stride);
	json_set_number(object, "sq_head", qp->sq_head);
	json_set_flag(object, "send_queued", qp->send_queued);
	json_set_number(object, "rate_kbps", rate_kbps(qp->context));
	json_set_number(object, "rq_size", 1LL << qp->log_rq_size);
	json_set_number(object, "rq_stride", 1LL << qp->log_rq_stride);
	json_set_number(object, "rq_head", qp->rq_head);
	json_set_flag(object, "stalled", qp->stalled);
	return object;
}

static const void *table_at(const struct object_table *table, u32 *index)
{
	if (!table->leaf[*index / TABLE_LEAF]) {
		*index |= TABLE_LEAF - 1;
		return NULL;
	}
	return object_find(table, *index);
}

/* Return: the queue at @index, or NULL after @index was moved over a gap. */
static const void *queue_at(const struct queues *queues, char kind, u32 *index)
{
	if (kind == 'e')
		return queues->eq[*index];
	return table_at(kind == 'c' ? &queues->cqs : &queues->qps, index);
}

static void run_queues(struct request *request)
{
	const struct queues *queues = &request->adapter->queues;
	const char *kind = request_text(request, "kind");
	s64 left = request_number(request, "limit", PAGE_DEFAULT);
	u32 index = (u32)request_number(request, "from", 0);
	u32 end = TABLE_LEAVES * TABLE_LEAF;
	json_object *list;

	if (strcmp(kind, "eq") && strcmp(kind, "cq") && strcmp(kind, "qp")) {
		request_fail(request, "kind is not \"eq\", \"cq\" or \"qp\"");
		return;
	}
	if (*kind == 'e')
		end = EQS_MAX;
	list = json_object_new_array();
	for (; index < end && left; index++) {
		const void *queue = queue_at(queues, *kind, &index);

		if (!queue)
			continue;
		json_object_array_add(list, *kind == 'e' ? describe_eq(queue) :
					    *kind == 'c' ? describe_cq(queue) :
							   describe_qp(queue));
		left--;
	}
	json_set(request->out, "queues", list);
	if (index < end)
		json_set_number(request->out, "next", index);
}

const struct control_command queue_control_commands[] = {
	{ "queues",
	  "state of the queues of a kind (eq, cq, qp); next says where to go on",
	  run_queues,
	  { NEEDS_TEXT("kind"),
	    TAKES_NUMBER("from", 0, TABLE_LEAVES *TABLE_LEAF - 1),
	    TAKES_NUMBER("limit", 1, PAGE_MAX) } },
	{ 0 },
};
