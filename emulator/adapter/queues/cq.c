// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completion queues: their commands, writing completions, arming, moderation
 * (docs/hardware/queues.md).
 */
#include <errno.h>
#include <stdlib.h>

#include "emulator/adapter/adapter.h"

#define CQ_LOG_SIZE_MAX 22
#define INDEX_MASK 0xffffffu
#define NS_PER_US 1000ULL

static u32 slot_of(const struct adapter *adapter, u32 cqn)
{
	return cqn &
	       ((1u << cx_get(adapter->init_hca, CX_INIT_HCA_LOG_CQS)) - 1);
}

struct completion_queue *cq_find(struct adapter *adapter, u32 cqn)
{
	return object_find(&adapter->queues.cqs, slot_of(adapter, cqn));
}

static void notify(struct completion_queue *cq)
{
	cq->armed = 0;
	cq->last_notified = cq->producer;
	loop_timer_stop(&cq->moderation);
	eq_complete(cq->adapter, cq);
}

static void moderation_expired(struct loop_timer *timer)
{
	struct completion_queue *cq =
		container_of(timer, struct completion_queue, moderation);

	if (cq->armed)
		notify(cq);
}

/*
 * An armed queue has a completion. The event waits until max_count have
 * gathered or period has passed; a zero in either means that nothing waits
 * (docs/hardware/choices.md).
 */
static void wake(struct completion_queue *cq)
{
	u32 gathered = (cq->producer - cq->arm_index) & INDEX_MASK;

	if (cq->period && cq->max_count && gathered < cq->max_count) {
		if (!loop_timer_running(&cq->moderation))
			loop_timer_start(cq->adapter->loop, &cq->moderation,
					 cq->period * NS_PER_US);
		return;
	}
	/* the event cannot be written while the client is being answered */
	if (guest_memory_direct(cq->adapter->memory))
		notify(cq);
	else
		loop_timer_start(cq->adapter->loop, &cq->moderation, 0);
}

/* The comparison makes an arm that races with a completion safe. */
void cq_arm(struct adapter *adapter, u32 cqn, unsigned int command, u32 index)
{
	struct completion_queue *cq = cq_find(adapter, cqn);
	u32 reached;

	if (!cq || !adapter->hca_up)
		return;
	if (command != CX_CQ_ARM_SOLICITED && command != CX_CQ_ARM_NEXT)
		return;
	cq->armed = command;
	cq->arm_index = index;
	reached = command == CX_CQ_ARM_NEXT ? cq->producer : cq->solicited;
	if (((reached - index) & INDEX_MASK) - 1 < INDEX_MASK / 2)
		wake(cq);
}

static void report_error(struct completion_queue *cq, u8 status, u8 syndrome)
{
	u8 eqe[CX_EQE_SIZE] = { 0 };

	cq->status = status;
	cx_set(eqe, CX_EQE_TYPE, CX_EVENT_CQ_ERROR);
	cx_set(eqe, CX_EQE_NUMBER, cq->number);
	cx_set(eqe, CX_EQE_STATUS, syndrome);
	adapter_event(cq->adapter, CX_EVENT_CQ_ERROR, eqe);
}

static bool has_room(struct completion_queue *cq)
{
	u8 record[4];

	if (cq->overrun_ignore || cq->collapse)
		return true;
	if (guest_memory_read(cq->adapter->memory, cq->record, record,
			      sizeof(record)))
		return false;
	return ((cq->producer - cx_get(record, CX_CQ_RECORD_CONSUMER_INDEX)) &
		INDEX_MASK) < (1u << cq->log_size);
}

bool cq_has_room(struct adapter *adapter, struct completion_queue *cq)
{
	return !cq->status && has_room(cq);
}

static u64 entry_offset(const struct completion_queue *cq)
{
	u32 slot = cq->collapse ? 0 : cq->producer & ((1u << cq->log_size) - 1);

	return ((u64)slot << cq->log_stride) +
	       ((1u << cq->log_stride) - CX_CQE_SIZE);
}

static void apply_faults(struct faults *faults, u8 *cqe, bool *owner)
{
	if (faults_strike(faults, DATA_FAULT_CQE_OWNER))
		*owner = !*owner;
	if (faults_strike(faults, DATA_FAULT_CQE_INDEX))
		cx_set(cqe, CX_CQE_WQE_INDEX,
		       cx_get(cqe, CX_CQE_WQE_INDEX) ^ 0x5a5);
	if (faults_strike(faults, DATA_FAULT_CQE_QPN))
		cx_set(cqe, CX_CQE_QPN, cx_get(cqe, CX_CQE_QPN) ^ 0x3ff);
	if (!cx_get(cqe, CX_CQE_IS_SEND) &&
	    faults_strike(faults, DATA_FAULT_CQE_LENGTH))
		cx_set(cqe, CX_CQE_BYTE_COUNT, 0x7fffffff);
}

static int write_entry(struct adapter *adapter, struct completion_queue *cq,
		       u8 cqe[CX_CQE_SIZE], bool solicited)
{
	bool owner = (cq->producer >> cq->log_size) & 1;

	if (cq->status)
		return -ENOSPC;
	if (!has_room(cq) ||
	    faults_strike(&adapter->faults, DATA_FAULT_CQ_OVERRUN)) {
		report_error(cq, CX_QUEUE_STATUS_OVERFLOW, CX_CQ_ERROR_OVERRUN);
		return -ENOSPC;
	}
	if (faults_strike(&adapter->faults, DATA_FAULT_CQE_LOST))
		return 0;
	apply_faults(&adapter->faults, cqe, &owner);
	cx_set(cqe, CX_CQE_OWNER, owner);
	if (ring_publish(adapter, &cq->ring, entry_offset(cq), cqe,
			 CX_CQE_SIZE)) {
		report_error(cq, CX_QUEUE_STATUS_WRITE_FAILURE,
			     CX_CQ_ERROR_ACCESS);
		return -EFAULT;
	}
	cq->producer = (cq->producer + 1) & INDEX_MASK;
	if (solicited)
		cq->solicited = cq->producer;
	if (cq->armed == CX_CQ_ARM_NEXT ||
	    (cq->armed == CX_CQ_ARM_SOLICITED && solicited))
		wake(cq);
	return 0;
}

int cq_write(struct adapter *adapter, struct completion_queue *cq,
	     u8 cqe[CX_CQE_SIZE], bool solicited)
{
	int error = write_entry(adapter, cq, cqe, solicited);

	if (!error && faults_strike(&adapter->faults, DATA_FAULT_CQE_DUPLICATE))
		error = write_entry(adapter, cq, cqe, solicited);
	return error;
}

void cq_write_error(struct adapter *adapter, struct completion_queue *cq,
		    u32 qpn, u16 index, bool send, u8 syndrome, u8 vendor)
{
	u8 cqe[CX_CQE_SIZE] = { 0 };

	cx_set(cqe, CX_CQE_QPN, qpn);
	cx_set(cqe, CX_CQE_WQE_INDEX, index);
	cx_set(cqe, CX_CQE_ERROR_VENDOR_SYNDROME, vendor);
	cx_set(cqe, CX_CQE_ERROR_SYNDROME, syndrome);
	cx_set(cqe, CX_CQE_IS_SEND, send);
	cx_set(cqe, CX_CQE_OPCODE, CX_CQE_OP_ERROR);
	cq_write(adapter, cq, cqe, true);
}

static u8 context_check(struct adapter *adapter, const struct command *command)
{
	if (!adapter->hca_up)
		return CX_STATUS_BAD_SYS_STATE;
	if (command->in_mod >> cx_get(adapter->init_hca, CX_INIT_HCA_LOG_CQS))
		return CX_STATUS_BAD_INDEX;
	return CX_STATUS_OK;
}

static struct completion_queue *cq_from_context(struct adapter *adapter,
						u32 number, const u8 *context)
{
	struct completion_queue *cq = calloc(1, sizeof(*cq));
	u64 state = cx_get(context, CX_CQC_STATE);

	if (!cq)
		return NULL;
	cq->adapter = adapter;
	cq->number = number;
	cq->log_size = cx_get(context, CX_CQC_LOG_SIZE);
	cq->log_stride = adapter->queues.log_cqe_stride;
	if (state == CX_QUEUE_STATE_ARMED)
		cq->armed = CX_CQ_ARM_NEXT;
	else if (state == CX_QUEUE_STATE_ARMED_SOLICITED)
		cq->armed = CX_CQ_ARM_SOLICITED;
	cq->overrun_ignore = cx_get(context, CX_CQC_OVERRUN_IGNORE);
	cq->collapse = cx_get(context, CX_CQC_COLLAPSE);
	cq->timestamp = cx_get(context, CX_CQC_TIMESTAMP);
	cq->eqn = cx_get(context, CX_CQC_EQN);
	cq->period = cx_get(context, CX_CQC_PERIOD);
	cq->max_count = cx_get(context, CX_CQC_MAX_COUNT);
	cq->record = cx_get(context, CX_CQC_RECORD) << 3;
	cq->moderation.expired = moderation_expired;
	cq->moderation.loop = adapter->loop;
	memcpy(cq->context, context, CX_CQC_SIZE);
	ring_init(&cq->ring, cx_get(context, CX_CQC_MTT) << 3,
		  cx_get(context, CX_CQC_LOG_PAGE_SIZE),
		  cx_get(context, CX_CQC_PAGE_OFFSET) << 5);
	return cq;
}

/* op_mod 1: software has filled the ring itself */
static u8 sw2hw_cq(struct adapter *adapter, struct command *command)
{
	u8 status = context_check(adapter, command);
	struct completion_queue *cq;

	if (status)
		return status;
	if (cq_find(adapter, command->in_mod))
		return CX_STATUS_BAD_RES_STATE;
	if (cx_get(command->in, CX_CQC_LOG_SIZE) > CQ_LOG_SIZE_MAX)
		return CX_STATUS_BAD_PARAM;
	if (!eq_find(adapter, cx_get(command->in, CX_CQC_EQN)))
		return CX_STATUS_BAD_RES_STATE;
	cq = cq_from_context(adapter, command->in_mod, command->in);
	if (!cq)
		return CX_STATUS_INTERNAL_ERR;
	if (command->op_mod == 0 &&
	    ring_set_ownership(adapter, &cq->ring, cq->log_size,
			       cq->log_stride)) {
		free(cq);
		return CX_STATUS_ICM_ERROR;
	}
	if (object_insert(&adapter->queues.cqs, command->in_mod, cq, CQS_MAX)) {
		free(cq);
		return CX_STATUS_EXCEED_LIM;
	}
	return CX_STATUS_OK;
}

static void cq_image(const struct completion_queue *cq, u8 *out)
{
	static const u8 state[] = {
		[0] = CX_QUEUE_STATE_FIRED,
		[CX_CQ_ARM_SOLICITED] = CX_QUEUE_STATE_ARMED_SOLICITED,
		[CX_CQ_ARM_NEXT] = CX_QUEUE_STATE_ARMED,
	};
	u8 record[4] = { 0 };

	memcpy(out, cq->context, CX_CQC_SIZE);
	guest_memory_read(cq->adapter->memory, cq->record, record,
			  sizeof(record));
	cx_set(out, CX_CQC_STATUS, cq->status);
	cx_set(out, CX_CQC_STATE, state[cq->armed]);
	cx_set(out, CX_CQC_PERIOD, cq->period);
	cx_set(out, CX_CQC_MAX_COUNT, cq->max_count);
	cx_set(out, CX_CQC_PRODUCER_INDEX, cq->producer);
	cx_set(out, CX_CQC_SOLICITED_INDEX, cq->solicited);
	cx_set(out, CX_CQC_LAST_NOTIFIED, cq->last_notified);
	cx_set(out, CX_CQC_CONSUMER_INDEX,
	       cx_get(record, CX_CQ_RECORD_CONSUMER_INDEX));
}

static u8 query_cq(struct adapter *adapter, struct command *command)
{
	struct completion_queue *cq = cq_find(adapter, command->in_mod);

	if (!cq)
		return CX_STATUS_BAD_RES_STATE;
	cq_image(cq, command->out);
	return CX_STATUS_OK;
}

static void leave_event_queue(struct completion_queue *cq)
{
	struct event_queue *eq = eq_find(cq->adapter, cq->eqn);
	struct completion_queue **at;

	if (!eq || !cq->event_owed)
		return;
	for (at = &eq->waiting; *at; at = &(*at)->next_waiting)
		if (*at == cq) {
			*at = cq->next_waiting;
			break;
		}
	cq->event_owed = false;
}

void cq_free(struct completion_queue *cq)
{
	leave_event_queue(cq);
	loop_timer_stop(&cq->moderation);
	free(cq);
}

static u8 hw2sw_cq(struct adapter *adapter, struct command *command)
{
	struct completion_queue *cq = cq_find(adapter, command->in_mod);

	if (!cq)
		return adapter->hca_up ? CX_STATUS_BAD_RES_STATE :
					 CX_STATUS_BAD_SYS_STATE;
	cq_image(cq, command->out);
	/* The modifier's bits above the table's size are not the index. */
	object_remove(&adapter->queues.cqs, cq->number);
	cq_free(cq);
	return CX_STATUS_OK;
}

/* Moves what software has not consumed into a new ring. */
static u8 resize(struct adapter *adapter, struct completion_queue *cq,
		 const u8 *context)
{
	u64 log_size = cx_get(context, CX_CQC_LOG_SIZE);
	struct ring ring;

	if (log_size > CQ_LOG_SIZE_MAX)
		return CX_STATUS_BAD_PARAM;
	if (!has_room(cq) && log_size < cq->log_size)
		return CX_STATUS_BAD_SIZE;
	ring_init(&ring, cx_get(context, CX_CQC_MTT) << 3,
		  cx_get(context, CX_CQC_LOG_PAGE_SIZE),
		  cx_get(context, CX_CQC_PAGE_OFFSET) << 5);
	if (ring_set_ownership(adapter, &ring, log_size, cq->log_stride))
		return CX_STATUS_ICM_ERROR;
	cq->ring = ring;
	cq->log_size = log_size;
	cx_set(cq->context, CX_CQC_LOG_SIZE, log_size);
	return CX_STATUS_OK;
}

static u8 modify_cq(struct adapter *adapter, struct command *command)
{
	struct completion_queue *cq = cq_find(adapter, command->in_mod);

	if (!cq)
		return CX_STATUS_BAD_RES_STATE;
	switch (command->op_mod) {
	case CX_MODIFY_CQ_MODERATION:
		cq->period = cx_get(command->in, CX_CQC_PERIOD);
		cq->max_count = cx_get(command->in, CX_CQC_MAX_COUNT);
		return CX_STATUS_OK;
	case CX_MODIFY_CQ_RESIZE:
		return resize(adapter, cq, command->in);
	}
	return CX_STATUS_BAD_OP;
}

const struct command_binding cq_commands[] = {
	{ CX_CMD_SW2HW_CQ, sw2hw_cq },
	{ CX_CMD_HW2SW_CQ, hw2sw_cq },
	{ CX_CMD_QUERY_CQ, query_cq },
	{ CX_CMD_MODIFY_CQ, modify_cq },
	{ 0 },
};
