// SPDX-License-Identifier: GPL-2.0-only
/*
 * The send engine: doorbells, fetching of WQEs, gathering, completions
 * (docs/hardware/datapath.md). Everything read from a ring is copied once and
 * then trusted no more than any other input.
 */
#include "emulator/adapter/adapter.h"
#include "emulator/adapter/data/transmit.h"

/* Work of one slice: then the loop looks at the socket again. */
#define SLICE_WQES 64
#define SLICE_BYTES 262144

enum wqe_result {
	WQE_DONE, /* sent or dropped: completes */
	WQE_NONE, /* no descriptor of the adapter's here */
	WQE_FAILED, /* error completion was written */
	WQE_LATER, /* the backend is full, or memory is being remapped */
};

static void enqueue(struct adapter *adapter, struct queue_pair *qp)
{
	struct queues *queues = &adapter->queues;

	qp->rung = true;
	if (!qp->send_queued) {
		qp->send_queued = true;
		qp->next_send = NULL;
		if (queues->send_last)
			queues->send_last->next_send = qp;
		else
			queues->send_first = qp;
		queues->send_last = qp;
	}
	loop_work_queue(adapter->loop, &queues->send_work);
}

void send_doorbell(struct adapter *adapter, u32 qpn)
{
	struct queue_pair *qp = qp_find(adapter, qpn);

	if (!qp || qp->rss_parent)
		return;
	if (faults_strike(&adapter->faults, DATA_FAULT_DOORBELL_LOST))
		return;
	if (qp->state == CX_QP_ERR && guest_memory_direct(adapter->memory))
		send_flush(adapter, qp);
	else if (qp->state == CX_QP_RTS || qp->state == CX_QP_ERR)
		enqueue(adapter, qp);
}

void send_forget(struct adapter *adapter, struct queue_pair *qp)
{
	struct queues *queues = &adapter->queues;
	struct queue_pair **at = &queues->send_first, *last = NULL;

	if (!qp->send_queued)
		return;
	for (; *at; last = *at, at = &(*at)->next_send)
		if (*at == qp) {
			*at = qp->next_send;
			if (queues->send_last == qp)
				queues->send_last = last;
			break;
		}
	qp->send_queued = false;
}

static u64 sq_bytes(const struct queue_pair *qp)
{
	return 1ULL << (qp->log_sq_size + qp->log_sq_stride);
}

static u64 sq_position(const struct queue_pair *qp)
{
	return (u64)(qp->sq_head & ((1u << qp->log_sq_size) - 1))
	       << qp->log_sq_stride;
}

/* A WQE may continue at the start of the ring. */
static int sq_read(struct adapter *adapter, struct queue_pair *qp, u8 *to,
		   size_t length)
{
	u64 position = sq_position(qp);
	size_t first = sq_bytes(qp) - position;
	int error;

	if (first > length)
		first = length;
	error = ring_read(adapter, &qp->ring, qp->sq_offset + position, to,
			  first);
	if (error || first == length)
		return error;
	return ring_read(adapter, &qp->ring, qp->sq_offset, to + first,
			 length - first);
}

static bool owned_by_adapter(const struct queue_pair *qp, const u8 *control)
{
	return cx_get(control, CX_SEND_OWNER) ==
	       (qp->sq_head >> qp->log_sq_size & 1);
}

/*
 * Reads the WQE at the queue's head into adapter->wqe.
 *
 * Return: its length in bytes, 0 if there is none, or -1 if its place cannot
 * be read.
 */
static int fetch(struct adapter *adapter, struct queue_pair *qp)
{
	u8 *wqe = adapter->wqe;
	u64 length;

	if (sq_read(adapter, qp, wqe, CX_WQE_UNIT))
		return -1;
	if (!owned_by_adapter(qp, wqe))
		return 0;
	length = cx_get(wqe, CX_SEND_UNITS) * CX_WQE_UNIT;
	/* A zeroed ring is no work (docs/hardware/choices.md). */
	if (!length || length > sq_bytes(qp))
		return 0;
	/* The owner dword was seen: what stands behind it is complete. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (sq_read(adapter, qp, wqe, length))
		return -1;
	return length;
}

static u32 strides_of(const struct queue_pair *qp, u32 length)
{
	u32 stride = 1u << qp->log_sq_stride;

	return (length + stride - 1) >> qp->log_sq_stride;
}

static void fail_send(struct adapter *adapter, struct queue_pair *qp,
		      u32 length, u8 syndrome, u8 vendor)
{
	struct completion_queue *cq = cq_find(adapter, qp->send_cqn);
	u16 index = qp->sq_head;

	qp->sq_head += strides_of(qp, length ? length : CX_WQE_UNIT);
	if (cq)
		cq_write_error(adapter, cq, qp->number, index, true, syndrome,
			       vendor);
	qp_fail(adapter, qp);
}

/* Writes the completion and moves on. Return: false if the CQ overran. */
static bool complete_send(struct adapter *adapter, struct queue_pair *qp,
			  u32 length)
{
	struct completion_queue *cq = cq_find(adapter, qp->send_cqn);
	u8 cqe[CX_CQE_SIZE] = { 0 };
	u16 index = qp->sq_head;

	qp->sq_head += strides_of(qp, length);
	if (cx_get(adapter->wqe, CX_SEND_COMPLETION) !=
	    CX_SEND_COMPLETION_ALWAYS)
		return true;
	if (!cq)
		return false;
	cx_set(cqe, CX_CQE_QPN, qp->number);
	cx_set(cqe, CX_CQE_WQE_INDEX, index);
	cx_set(cqe, CX_CQE_IS_SEND, 1);
	cx_set(cqe, CX_CQE_OPCODE, cx_get(adapter->wqe, CX_SEND_OPCODE));
	if (cq->timestamp)
		cqe_set_timestamp(cqe, adapter_clock(adapter));
	return !cq_write(adapter, cq, cqe,
			 cx_get(adapter->wqe, CX_SEND_SOLICITED));
}

static enum wqe_result send_one(struct adapter *adapter, struct queue_pair *qp,
				u32 *bytes)
{
	u64 opcode;
	u8 syndrome = 0;
	int length, error = 0;

	if (qp->state == CX_QP_ERR) {
		send_flush(adapter, qp);
		return WQE_NONE;
	}
	length = fetch(adapter, qp);
	if (length == 0)
		return WQE_NONE;
	if (length < 0) {
		/* Firmware remaps all memory at times: wait for it, once. */
		if (adapter_memory_settling(adapter))
			return WQE_LATER;
		fail_send(adapter, qp, 0, CX_SYNDROME_LOCAL_QP_OPERATION, 1);
		return WQE_FAILED;
	}
	opcode = cx_get(adapter->wqe, CX_SEND_OPCODE);
	if (faults_strike(&adapter->faults, DATA_FAULT_SEND_ERROR))
		syndrome = CX_SYNDROME_LOCAL_PROTECTION;
	else if (opcode == CX_SEND_OP_SEND || opcode == CX_SEND_OP_LSO)
		error = transmit_wqe(adapter, qp, adapter->wqe, length,
				     &syndrome, bytes);
	else if (opcode != CX_SEND_OP_NOP)
		syndrome = CX_SYNDROME_LOCAL_QP_OPERATION;
	if (error)
		return WQE_LATER;
	/* A frame that looped back failed its own sender: all is flushed. */
	if (qp->state == CX_QP_ERR)
		return WQE_FAILED;
	if (syndrome) {
		fail_send(adapter, qp, length, syndrome, 0);
		return WQE_FAILED;
	}
	if (!complete_send(adapter, qp, length)) {
		qp_fail(adapter, qp);
		return WQE_FAILED;
	}
	return WQE_DONE;
}

/* Serves queue pairs in turn. Return: true if more is to be done now. */
bool send_work_run(struct loop_work *work)
{
	struct queues *queues = container_of(work, struct queues, send_work);
	struct adapter *adapter = container_of(queues, struct adapter, queues);
	u32 wqes = 0, bytes = 0;

	while (queues->send_first && wqes < SLICE_WQES && bytes < SLICE_BYTES) {
		struct queue_pair *qp = queues->send_first;
		enum wqe_result result;

		qp->rung = false;
		result = send_one(adapter, qp, &bytes);
		wqes++;
		if (result == WQE_LATER) {
			adapter_retry_later(adapter);
			return false;
		}
		/* a doorbell can come while the descriptor is waited for */
		if (result == WQE_NONE && !qp->rung)
			send_forget(adapter, qp);
	}
	return queues->send_first;
}

void send_flush(struct adapter *adapter, struct queue_pair *qp)
{
	struct completion_queue *cq = cq_find(adapter, qp->send_cqn);

	for (u32 i = 0; i < 1u << qp->log_sq_size; i++) {
		int length = fetch(adapter, qp);
		u16 index = qp->sq_head;

		if (length <= 0)
			return;
		qp->sq_head += strides_of(qp, length);
		if (cq)
			cq_write_error(adapter, cq, qp->number, index, true,
				       CX_SYNDROME_FLUSHED, 0);
	}
}
