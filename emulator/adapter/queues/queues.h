/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event queues, completion queues, queue pairs: their live state and the
 * tables that hold them. Contexts live here, not in ICM: no driver reads them
 * there (docs/hardware/icm.md).
 */
#ifndef EMULATOR_ADAPTER_QUEUES_QUEUES_H
#define EMULATOR_ADAPTER_QUEUES_QUEUES_H

#include "connectx/context.h"
#include "connectx/descriptor.h"
#include "emulator/adapter/icm/memory_region.h"
#include "emulator/loop/event_loop.h"
#include "emulator/packet/packet.h"

struct adapter;

#define EQS_MAX 512
/* How many objects of a kind may live at once: what a guest can make this
 * process allocate is bounded by these.
 */
#define CQS_MAX 16384
#define QPS_MAX 16384
#define RSS_PARENTS_MAX 512
#define EQ_PENDING 64

struct event_queue {
	u16 number;
	u8 log_size;
	u8 log_stride;
	u8 state; /* CX_QUEUE_STATE_* */
	bool overrun_ignore;
	u16 vector;
	u32 producer, consumer;
	struct ring ring;
	/* Events that found the queue full */
	u8 pending[EQ_PENDING][CX_EQE_SIZE];
	unsigned int pending_count;
	struct completion_queue *waiting; /* owe an event */
	struct loop_timer catch_up; /* writes what is pending, outside of calls */
	struct adapter *adapter;
	u8 context[CX_EQC_SIZE];
};

struct completion_queue {
	u32 number;
	u8 log_size;
	u8 log_stride;
	u8 armed; /* 0, CX_CQ_ARM_SOLICITED, CX_CQ_ARM_NEXT */
	u8 status;
	bool overrun_ignore, collapse, timestamp;
	bool event_owed; /* its event queue was full */
	u16 eqn;
	u16 period, max_count; /* moderation: microseconds, completions */
	u32 producer; /* 24 bits */
	u32 solicited; /* producer behind the last solicited entry */
	u32 last_notified; /* producer at the last event */
	u32 arm_index; /* consumer index of the last arm */
	u64 record;
	struct ring ring;
	struct loop_timer moderation;
	struct adapter *adapter;
	struct completion_queue *next_waiting;
	u8 context[CX_CQC_SIZE];
};

struct queue_pair {
	u32 number; /* all 24 bits */
	u8 state; /* enum cx_qp_state */
	u8 port; /* 1 or 2 */
	bool rss_parent;
	bool send_queued; /* on the list of queue pairs with work */
	bool rung; /* since its ring was last looked at */
	bool stalled; /* no receive buffers for long: drop at once */
	bool event_when_drained;
	u8 counter_index;
	u32 pd;
	u32 send_cqn, receive_cqn;
	u8 log_sq_size, log_sq_stride, log_rq_size, log_rq_stride;
	u32 sq_head; /* free running, in strides */
	u32 rq_head; /* free running */
	u64 sq_offset, rq_offset; /* of the queues in the buffer */
	u64 record;
	struct ring ring;
	/* RSS */
	u8 log_queues, hash_function, hash_fields;
	bool hash_inner; /* of a VXLAN packet its inner headers */
	u32 base_qpn, base_qpn_udp, default_qpn;
	struct toeplitz_key *key;
	struct queue_pair *next_send;
	u8 context[CX_QPC_SIZE];
};

#define TABLE_LEAF 1024
#define TABLE_LEAVES 16384 /* 2^24 numbers */

/* Number -> object, sparse */
struct object_table {
	void **leaf[TABLE_LEAVES];
	unsigned int end; /* behind the last leaf that exists */
	unsigned int count;
};

struct queues {
	struct event_queue *eq[EQS_MAX];
	/* Which queue an asynchronous event goes to; -1 = none */
	s64 route[CX_EVENT_TYPES];
	struct object_table cqs, qps;
	unsigned int rss_parents;
	/* Queue pairs with a doorbell to serve */
	struct queue_pair *send_first, *send_last;
	struct loop_work send_work;
	struct loop_timer resume_timer;
	/* Entry sizes as INIT_HCA chose them */
	u8 log_cqe_stride, log_eqe_stride;
	/* First half of a CQ doorbell that came in two */
	u8 cq_doorbell_latch[4];
};

void queues_init(struct adapter *adapter);
/* Forgets every queue; nothing is written to the guest afterwards. */
void queues_reset(struct adapter *adapter);

void *object_find(const struct object_table *table, u32 number);
/* Return: 0, -ENOSPC (more than @limit), -ENOMEM. */
int object_insert(struct object_table *table, u32 number, void *object,
		  unsigned int limit);
void object_remove(struct object_table *table, u32 number);

/* eq.c */
void eq_reset(struct adapter *adapter);
/* Sets the owner bit of every entry of a new ring. Return: 0, -EFAULT. */
int ring_set_ownership(struct adapter *adapter, struct ring *ring, u8 log_size,
		       u8 log_stride);
struct event_queue *eq_find(struct adapter *adapter, u32 eqn);
void eq_doorbell(struct adapter *adapter, u32 eqn, u32 index, bool arm);
void eq_write(struct adapter *adapter, struct event_queue *eq,
	      const u8 eqe[CX_EQE_SIZE]);
/* Return: false if the queue is full; the caller keeps the event. */
bool eq_has_room(const struct event_queue *eq);
void eq_complete(struct adapter *adapter, struct completion_queue *cq);

/* cq.c */
struct completion_queue *cq_find(struct adapter *adapter, u32 cqn);
void cq_arm(struct adapter *adapter, u32 cqn, unsigned int command, u32 index);
/* True if an entry can be written. */
bool cq_has_room(struct adapter *adapter, struct completion_queue *cq);
/**
 * cq_write - add a completion
 * @cqe: CX_CQE_SIZE bytes; owner is filled in
 * @solicited: also wakes a queue armed for solicited completions
 *
 * Return: 0, -ENOSPC (overrun; the error was reported), -EFAULT.
 */
int cq_write(struct adapter *adapter, struct completion_queue *cq,
	     u8 cqe[CX_CQE_SIZE], bool solicited);
void cq_write_error(struct adapter *adapter, struct completion_queue *cq,
		    u32 qpn, u16 index, bool send, u8 syndrome, u8 vendor);
void cq_free(struct completion_queue *cq);

/* qp.c */
struct queue_pair *qp_find(struct adapter *adapter, u32 qpn);
/* To the error state: what is posted is flushed with error completions. */
void qp_fail(struct adapter *adapter, struct queue_pair *qp);
void qp_free(struct adapter *adapter, struct queue_pair *qp);

/* send.c */
void send_doorbell(struct adapter *adapter, u32 qpn);
bool send_work_run(struct loop_work *work);
void send_forget(struct adapter *adapter, struct queue_pair *qp);
/* Return: how many WQEs were flushed. */
void send_flush(struct adapter *adapter, struct queue_pair *qp);
void receive_flush(struct adapter *adapter, struct queue_pair *qp);

#endif
