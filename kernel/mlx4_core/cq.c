// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completion queues (docs/hardware/queues.md, Q4).
 */
#include <linux/log2.h>

#include "mlx4_core/events.h"
#include "mlx4_core/queue_tables.h"

#define CX_CQ_SEQUENCE_MASK \
	((1u << CX_FIELD_WIDTH(CX_CQ_DOORBELL_SEQUENCE)) - 1)
#define CX_CQ_INDEX_MASK \
	((1u << CX_FIELD_WIDTH(CX_CQ_DOORBELL_CONSUMER_INDEX)) - 1)

/*
 * Numbers go round, so that an event that was still on its way when its queue
 * went does not find another one under its number.
 */
static int alloc_number(struct cx_core *core, u32 *number)
{
	struct cx_queue_tables *queues = core->queues;
	u32 first = core->limits->reserved_cqs;
	u32 count = core->limits->count[CX_ICM_CQC];
	int err;

	if (count <= first)
		return -ENOSPC;
	err = xa_alloc_cyclic(&queues->cqs, number, NULL,
			      XA_LIMIT(first, count - 1), &queues->cqn_next,
			      GFP_KERNEL);
	if (err < 0)
		return err == -EBUSY ? -ENOSPC : err;
	err = cx_icm_get(core, CX_ICM_CQC, *number, 1);
	if (err)
		goto erase;
	err = cx_icm_get(core, CX_ICM_CMPT_CQ, *number, 1);
	if (err)
		goto put;
	return 0;

put:
	cx_icm_put(core, CX_ICM_CQC, *number, 1);
erase:
	xa_erase(&queues->cqs, *number);
	return err;
}

static void free_number(struct cx_core *core, u32 number)
{
	cx_icm_put(core, CX_ICM_CMPT_CQ, number, 1);
	cx_icm_put(core, CX_ICM_CQC, number, 1);
	xa_erase(&core->queues->cqs, number);
}

/* A place on the vector's event queue (events.h) */
static bool take_place(struct cx_core *core, int vector)
{
	struct cx_eq *eq = cx_completion_eq(core, vector);

	return atomic_add_unless(&eq->queues, 1, CX_CQS_PER_VECTOR);
}

static void leave_place(struct cx_core *core, int vector)
{
	atomic_dec(&cx_completion_eq(core, vector)->queues);
}

static int hand_over(struct cx_core *core, struct cx_cq *cq, bool timestamps)
{
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	int err;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_set(mailbox->data, CX_CQC_TIMESTAMP, timestamps);
	cx_set(mailbox->data, CX_CQC_LOG_SIZE, ilog2(cq->entries));
	cx_set(mailbox->data, CX_CQC_UAR_PAGE, core->adapter.uar_page);
	cx_set(mailbox->data, CX_CQC_EQN,
	       cx_completion_eq(core, cq->vector)->number);
	cx_set(mailbox->data, CX_CQC_LOG_PAGE_SIZE,
	       cq->ring.page_shift - CX_ICM_PAGE_SHIFT);
	cx_set(mailbox->data, CX_CQC_MTT, cq->ring.mtt);
	cx_set(mailbox->data, CX_CQC_RECORD,
	       cq->record.dma >> CX_FIELD_BIT(CX_CQC_RECORD));
	err = cx_command(core, CX_CMD_SW2HW_CQ, 0, cq->number, mailbox, NULL);
	cx_mailbox_put(core, mailbox);
	return err;
}

/**
 * cx_cq_moderate - delay a queue's events
 * @cq: a queue
 * @usecs: at most so long after the first completion
 * @frames: at most until so many; 0 of either: no delay
 *
 * Return: 0 or what the command returned.
 */
int cx_cq_moderate(struct cx_cq *cq, u16 usecs, u16 frames)
{
	struct cx_core *core = cx_core_of(cq->adapter);
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	int err;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_set(mailbox->data, CX_CQC_PERIOD, usecs);
	cx_set(mailbox->data, CX_CQC_MAX_COUNT, frames);
	err = cx_command(core, CX_CMD_MODIFY_CQ, CX_MODIFY_CQ_MODERATION,
			 cq->number, mailbox, NULL);
	cx_mailbox_put(core, mailbox);
	return err;
}
EXPORT_SYMBOL_GPL(cx_cq_moderate);

static int alloc_memory(struct cx_core *core, struct cx_cq *cq, int node)
{
	size_t size = (size_t)cq->entries * CX_CQE_SIZE;
	int err;

	err = cx_buffer_alloc(&core->adapter, &cq->ring, size, node);
	if (err)
		return err;
	/* The adapter does the same; nothing may look valid before it has. */
	memset(cq->ring.address, CX_CQE_INITIAL_BYTE, size);
	err = cx_record_alloc(&core->adapter, &cq->record);
	if (err)
		cx_buffer_free(&core->adapter, &cq->ring);
	return err;
}

static void free_memory(struct cx_core *core, struct cx_cq *cq)
{
	cx_record_free(&core->adapter, &cq->record);
	cx_buffer_free(&core->adapter, &cq->ring);
}

/* Events do not find it any more; its number stays taken. */
static void conceal(struct cx_core *core, struct cx_cq *cq)
{
	xa_store(&core->queues->cqs, cq->number, NULL, GFP_KERNEL);
}

static void take_back(struct cx_core *core, struct cx_cq *cq)
{
	/* If it is refused the adapter is cut off from memory. */
	cx_command(core, CX_CMD_HW2SW_CQ, CX_HW2SW_NO_MAILBOX, cq->number, NULL,
		   NULL);
	conceal(core, cq);
	cx_queues_synchronize(core, cq->vector);
}

static int hand_over_and_moderate(struct cx_core *core, struct cx_cq *cq,
				  const struct cx_cq_settings *settings)
{
	int err;

	err = xa_err(xa_store(&core->queues->cqs, cq->number, cq, GFP_KERNEL));
	if (err)
		return err;
	err = hand_over(core, cq, settings->timestamps);
	if (err) {
		conceal(core, cq);
		return err;
	}
	if (settings->usecs || settings->frames)
		err = cx_cq_moderate(cq, settings->usecs, settings->frames);
	if (err)
		take_back(core, cq);
	return err;
}

/**
 * cx_cq_create - make a completion queue; it is not armed
 * @adapter: a running adapter
 * @cq: completed and failed are set; the rest is filled in
 * @settings: how it should be
 *
 * Return: 0; -EINVAL; -ENOSPC when the adapter or the vector has no room;
 * -ENOMEM; what a command returned.
 */
int cx_cq_create(struct cx_adapter *adapter, struct cx_cq *cq,
		 const struct cx_cq_settings *settings)
{
	struct cx_core *core = cx_core_of(adapter);
	int err;

	if (!is_power_of_2(settings->entries) ||
	    settings->entries > adapter->caps.max_cq_entries ||
	    settings->vector < 0 ||
	    settings->vector >= adapter->completion_vectors)
		return -EINVAL;
	cq->adapter = adapter;
	cq->entries = settings->entries;
	cq->vector = settings->vector;
	cq->doorbell = adapter->uar + CX_UAR_CQ_DOORBELL;
	cq->arm_sequence = 1;
	cq->consumer = 0;

	if (!take_place(core, cq->vector))
		return -ENOSPC;
	err = alloc_number(core, &cq->number);
	if (err)
		goto leave;
	err = alloc_memory(core, cq, settings->node);
	if (err)
		goto free_number;
	err = hand_over_and_moderate(core, cq, settings);
	if (err)
		goto free_memory;
	return 0;

free_memory:
	free_memory(core, cq);
free_number:
	free_number(core, cq->number);
leave:
	leave_place(core, cq->vector);
	return err;
}
EXPORT_SYMBOL_GPL(cx_cq_create);

/**
 * cx_cq_destroy - take a completion queue back
 * @cq: one that no queue pair reports to
 *
 * On return no callback of this queue runs, or will.
 */
void cx_cq_destroy(struct cx_cq *cq)
{
	struct cx_core *core = cx_core_of(cq->adapter);

	take_back(core, cq);
	free_memory(core, cq);
	free_number(core, cq->number);
	leave_place(core, cq->vector);
}
EXPORT_SYMBOL_GPL(cx_cq_destroy);

/**
 * cx_cq_arm - ask for an event with the next completion
 * @cq: a queue; cq->consumer is up to date
 *
 * The event comes at once if there is a completion already. One write to the
 * card; what it says stands in the record before (Q4.7). The sequence number
 * stays what it is until an event has come, by which late requests are known.
 *
 * Context: any.
 */
void cx_cq_arm(struct cx_cq *cq)
{
	u32 request = (READ_ONCE(cq->arm_sequence) & CX_CQ_SEQUENCE_MASK)
			      << CX_FIELD_BIT(CX_CQ_DOORBELL_SEQUENCE) |
		      CX_CQ_ARM_NEXT << CX_FIELD_BIT(CX_CQ_DOORBELL_COMMAND);
	u32 index = cq->consumer & CX_CQ_INDEX_MASK;
	__be32 words[2] = {
		cpu_to_be32(request | cq->number),
		cpu_to_be32(index),
	};
	u64 doorbell;

	/* A host of 32 bits would need two writes, and a lock around them. */
	static_assert(BITS_PER_LONG == 64);

	WRITE_ONCE(cq->record.address[1], cpu_to_be32(request | index));
	memcpy(&doorbell, words, sizeof(doorbell));
	wmb(); /* the record stands before the adapter is asked to read it */
	__raw_writeq(doorbell, cq->doorbell);
}
EXPORT_SYMBOL_GPL(cx_cq_arm);
