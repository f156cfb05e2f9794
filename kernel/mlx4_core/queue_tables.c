// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who has which queue: events name queues by number, in interrupt context.
 *
 * A queue can be found from before the adapter knows it until after it has been
 * taken back; then cx_queues_synchronize() waits for handlers that may
 * have found it. Late events name a number that nobody has, and are dropped.
 */
#include <linux/interrupt.h>
#include <linux/slab.h>

#include "mlx4_core/events.h"
#include "mlx4_core/queue_tables.h"

static void completed(struct cx_cq *cq)
{
	WRITE_ONCE(cq->arm_sequence, cq->arm_sequence + 1);
	cq->completed(cq);
}

void cx_cq_event_completed(struct cx_core *core, u32 cqn)
{
	struct cx_queue_tables *queues = READ_ONCE(core->queues);
	struct cx_cq *cq = queues ? xa_load(&queues->cqs, cqn) : NULL;

	if (cq)
		completed(cq);
}

/**
 * cx_cq_take_event - go on as if the event that was asked for had come
 * @cq: a queue that was armed long ago; it is not destroyed meanwhile
 *
 * For an event that got lost. Should it come at this very moment, the sequence
 * number is one too far: at worst the next request for an event is taken for a
 * late one (docs/hardware/queues.md, Q4.7), and the client is here again.
 *
 * Context: any.
 */
void cx_cq_take_event(struct cx_cq *cq)
{
	unsigned long flags;

	local_irq_save(flags);
	completed(cq);
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(cx_cq_take_event);

void cx_cq_event_error(struct cx_core *core, u32 cqn, u8 syndrome)
{
	struct cx_queue_tables *queues = READ_ONCE(core->queues);
	struct cx_cq *cq = queues ? xa_load(&queues->cqs, cqn) : NULL;

	dev_warn_ratelimited(cx_dma_device(&core->adapter),
			     "completion queue %#x: %s\n", cqn,
			     syndrome == CX_CQ_ERROR_OVERRUN ?
				     "overrun" :
				     "cannot be written");
	if (cq && cq->failed)
		cq->failed(cq, syndrome);
}

void cx_qp_event(struct cx_core *core, u32 qpn, u8 type)
{
	struct cx_queue_tables *queues = READ_ONCE(core->queues);
	struct cx_qp *qp = queues ? xa_load(&queues->qps, qpn) : NULL;

	dev_warn_ratelimited(cx_dma_device(&core->adapter),
			     "queue pair %#x: error event %#x\n", qpn, type);
	if (qp && qp->failed)
		qp->failed(qp, type);
}

void cx_queues_synchronize(struct cx_core *core, int vector)
{
	synchronize_irq(core->events->eq[CX_EQ_ASYNC].irq);
	if (vector >= 0)
		synchronize_irq(cx_completion_eq(core, vector)->irq);
}

/**
 * cx_queues_init - make it possible to have queues
 * @core: an adapter with memory for queues and events
 *
 * Return: 0 or -errno; then nothing is left behind.
 */
int cx_queues_init(struct cx_core *core)
{
	struct cx_queue_tables *queues;
	int err;

	queues = kzalloc_obj(*queues);
	if (!queues)
		return -ENOMEM;
	xa_init_flags(&queues->cqs, XA_FLAGS_ALLOC);
	xa_init(&queues->qps);
	mutex_init(&queues->qpn_lock);
	WRITE_ONCE(core->queues, queues);

	err = cx_buffer_alloc(&core->adapter, &queues->nothing, PAGE_SIZE,
			      NUMA_NO_NODE);
	if (err)
		goto free;
	err = cx_qpns_init(core);
	if (err)
		goto free_nothing;
	return 0;

free_nothing:
	cx_buffer_free(&core->adapter, &queues->nothing);
free:
	WRITE_ONCE(core->queues, NULL);
	cx_queues_synchronize(core, -1);
	mutex_destroy(&queues->qpn_lock);
	kfree(queues);
	return err;
}

/**
 * cx_queues_exit - undo cx_queues_init()
 * @core: an adapter whose queues are all gone, with events
 */
void cx_queues_exit(struct cx_core *core)
{
	struct cx_queue_tables *queues = core->queues;
	int vector;

	cx_qpns_exit(core);
	cx_buffer_free(&core->adapter, &queues->nothing);
	WARN_ON(!xa_empty(&queues->cqs) || !xa_empty(&queues->qps));
	WRITE_ONCE(core->queues, NULL);
	for (vector = 0; vector < core->adapter.completion_vectors; vector++)
		cx_queues_synchronize(core, vector);
	xa_destroy(&queues->cqs);
	xa_destroy(&queues->qps);
	mutex_destroy(&queues->qpn_lock);
	kfree(queues);
}
