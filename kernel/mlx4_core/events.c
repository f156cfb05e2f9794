// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events as a whole: how many queues there are, which events go where, and
 * that an interrupt arrives (docs/hardware/init.md, phase D).
 */
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "mlx4_core/events.h"

/* More vectors than this help nobody, and each has a ring. */
#define CX_COMPLETION_VECTORS_MAX 64
/* A completion queue's context names its event queue in so many bits. */
#define CX_EQN_MAX ((1u << CX_FIELD_WIDTH(CX_CQC_EQN)) - 1)

static const u64 async_events =
	BIT_ULL(CX_EVENT_CQ_ERROR) | BIT_ULL(CX_EVENT_WQ_CATASTROPHIC) |
	BIT_ULL(CX_EVENT_LOCAL_CATASTROPHIC) | BIT_ULL(CX_EVENT_PORT_CHANGE) |
	BIT_ULL(CX_EVENT_COMMAND) | BIT_ULL(CX_EVENT_EQ_OVERFLOW) |
	BIT_ULL(CX_EVENT_WQ_INVALID_REQUEST) |
	BIT_ULL(CX_EVENT_WQ_ACCESS_VIOLATION) |
	BIT_ULL(CX_EVENT_FATAL_WARNING) | BIT_ULL(CX_EVENT_RECOVERABLE_ERROR);

/*
 * Without system queues those whose doorbells lie in reserved pages are not
 * for us (queues.md, Q3.2).
 */
static u32 first_eqn(const struct cx_device_limits *limits)
{
	u32 first = limits->reserved_eqs;

	if (!limits->sys_eqs)
		first = max(first, limits->reserved_uars * CX_UAR_EQS_PER_PAGE);
	return first;
}

static int wanted_vectors(struct cx_core *core)
{
	struct cx_device_limits *limits = core->limits;
	u32 first = first_eqn(limits);
	u32 eqs = min3(limits->max_eqs, limits->count[CX_ICM_EQC],
		       (u32)CX_EQN_MAX + 1);
	u32 vectors = num_online_cpus();

	if (eqs < first + 2)
		return -ENOSPC;
	if (core->adapter.small_memory)
		vectors = 1;
	return min3(vectors, eqs - first - CX_EQ_FIRST_COMPLETION,
		    (u32)CX_COMPLETION_VECTORS_MAX);
}

static u32 completion_entries(struct cx_core *core)
{
	u32 queues = core->limits->count[CX_ICM_CQC];

	return roundup_pow_of_two(min_t(u32, queues, CX_CQS_PER_VECTOR) +
				  CX_EQ_PUBLISH + CX_EQ_SPARE);
}

static int map_doorbells(struct cx_core *core)
{
	struct pci_dev *pdev = core->adapter.pdev;
	struct cx_events *events = core->events;
	u32 first = first_eqn(core->limits);
	u32 page = first / CX_UAR_EQS_PER_PAGE;
	u32 end = (first + events->count - 1) / CX_UAR_EQS_PER_PAGE + 1;
	int i;

	if (end > CX_UAR_EQ_PAGES || (resource_size_t)end << CX_UAR_PAGE_SHIFT >
					     pci_resource_len(pdev, CX_BAR_UAR))
		return -ENODEV;
	events->doorbells =
		ioremap(pci_resource_start(pdev, CX_BAR_UAR) +
				((resource_size_t)page << CX_UAR_PAGE_SHIFT),
			(end - page) << CX_UAR_PAGE_SHIFT);
	if (!events->doorbells)
		return -ENOMEM;
	for (i = 0; i < events->count; i++) {
		struct cx_eq *eq = &events->eq[i];

		eq->core = core;
		eq->number = first + i;
		eq->always_armed = events->msix && i >= CX_EQ_FIRST_COMPLETION;
		eq->doorbell = events->doorbells +
			       ((eq->number / CX_UAR_EQS_PER_PAGE - page)
				<< CX_UAR_PAGE_SHIFT) +
			       CX_UAR_EQ_DOORBELL +
			       eq->number % CX_UAR_EQS_PER_PAGE *
				       CX_UAR_EQ_DOORBELL_STRIDE;
	}
	return 0;
}

static int create_queues(struct cx_core *core)
{
	struct cx_events *events = core->events;
	int node = dev_to_node(cx_dma_device(&core->adapter));
	int err;
	int i;

	for (i = 0; i < events->count; i++) {
		struct cx_eq *eq = &events->eq[i];

		err = cx_eq_create(eq, events->msix ? i : 0,
				   i == CX_EQ_ASYNC ? CX_EQ_ASYNC_ENTRIES :
						      completion_entries(core),
				   eq->cpu < 0 ? node : cpu_to_node(eq->cpu));
		if (err) {
			while (i--)
				cx_eq_destroy(&events->eq[i]);
			return err;
		}
	}
	return 0;
}

static int map_async(struct cx_core *core)
{
	return cx_command_immediate(core, CX_CMD_MAP_EQ, 0,
				    core->events->eq[CX_EQ_ASYNC].number,
				    async_events, NULL);
}

static void unmap_async(struct cx_core *core)
{
	cx_command_immediate(core, CX_CMD_MAP_EQ, 0,
			     core->events->eq[CX_EQ_ASYNC].number |
				     CX_MAP_EQ_UNMAP,
			     async_events, NULL);
}

static void stop_events(struct cx_core *core)
{
	struct cx_events *events = core->events;
	int i;

	cx_events_watch_stop(events);
	cx_commands_use_polling(core);
	unmap_async(core);
	cx_irqs_release(core);
	for (i = events->count; i--;)
		cx_eq_destroy(&events->eq[i]);
	iounmap(events->doorbells);
	cx_irqs_free(core);
	kfree(events);
	core->events = NULL;
}

/*
 * Everything up to commands by events, with messages or with the line. -ENODEV
 * if the interrupts cannot be had.
 */
static int start_events(struct cx_core *core, int vectors, bool msix)
{
	int count = vectors + CX_EQ_FIRST_COMPLETION;
	struct cx_events *events;
	int err;
	int i;

	events = kzalloc(struct_size(events, eq, count), GFP_KERNEL);
	if (!events)
		return -ENOMEM;
	events->count = count;
	events->core = core;
	mutex_init(&events->test_lock);
	cx_events_watch_init(events);
	core->events = events;
	err = cx_irqs_alloc(core, vectors, msix);
	if (err) {
		err = -ENODEV;
		goto free;
	}
	err = map_doorbells(core);
	if (err)
		goto free_irqs;
	err = create_queues(core);
	if (err)
		goto unmap;
	err = cx_irqs_request(core);
	if (err)
		goto destroy;
	err = map_async(core);
	if (err)
		goto release;
	for (i = 0; i < events->count; i++)
		cx_eq_arm(&events->eq[i]);
	err = cx_commands_use_events(core);
	if (err)
		goto unmap_async;
	core->adapter.completion_vectors =
		events->count - CX_EQ_FIRST_COMPLETION;
	return 0;

unmap_async:
	unmap_async(core);
release:
	cx_irqs_release(core);
destroy:
	for (i = events->count; i--;)
		cx_eq_destroy(&events->eq[i]);
unmap:
	iounmap(events->doorbells);
free_irqs:
	cx_irqs_free(core);
free:
	kfree(events);
	core->events = NULL;
	return err;
}

/* -EBUSY if no interrupt arrives */
static int start_and_test(struct cx_core *core, int vectors, bool msix)
{
	int err = start_events(core, vectors, msix);

	if (err)
		return err;
	err = cx_command(core, CX_CMD_NOP, 0, CX_NOP_AT_ONCE, NULL, NULL);
	/* Its event may have been found without its interrupt */
	if (!err && core->events->eq[CX_EQ_ASYNC].lost)
		err = -EBUSY;
	if (err)
		stop_events(core);
	else
		cx_events_watch_start(core->events);
	return err;
}

/**
 * cx_events_init - event queues, their interrupts, commands by events
 * @core: an adapter with memory for queues
 *
 * Messages are given up for the line if none can be had, or none arrives.
 *
 * Return: 0 or -errno; then commands are polled and nothing is left behind.
 */
int cx_events_init(struct cx_core *core)
{
	struct device *dev = cx_dma_device(&core->adapter);
	int vectors = wanted_vectors(core);
	int err = -ENODEV;

	if (vectors < 0)
		return vectors;
	if (cx_param_msi_x)
		err = start_and_test(core, vectors, true);
	if (err != -ENODEV && err != -EBUSY)
		return err;
	if (cx_param_msi_x)
		dev_warn(dev, "MSI-X %s, using INTx\n",
			 err == -EBUSY ? "does not arrive" :
					 "is not to be had");
	err = start_and_test(core, 1, false);
	if (err == -EBUSY)
		dev_err(dev, "no interrupt arrives\n");
	/* -ENODEV would say that this is no adapter of ours. */
	return err == -ENODEV ? -EIO : err;
}

/**
 * cx_events_exit - undo cx_events_init()
 * @core: an adapter without queues
 */
void cx_events_exit(struct cx_core *core)
{
	core->adapter.completion_vectors = 0;
	stop_events(core);
}

/**
 * cx_adapter_test_interrupt - does a completion vector's interrupt arrive?
 * @adapter: the adapter
 * @vector: below adapter->completion_vectors
 *
 * Completions of commands are sent there for as long as it takes. Any event
 * queue can take them, so commands of others go on meanwhile.
 *
 * Return: 0; -EIO if it does not; what a command returned.
 */
int cx_adapter_test_interrupt(struct cx_adapter *adapter, int vector)
{
	struct cx_core *core = cx_core_of(adapter);
	u64 commands = BIT_ULL(CX_EVENT_COMMAND);
	struct cx_eq *eq;
	u32 before, lost;
	int err;

	if (vector < 0 || vector >= adapter->completion_vectors)
		return -EINVAL;
	eq = cx_completion_eq(core, vector);
	mutex_lock(&core->events->test_lock);
	err = cx_command_immediate(core, CX_CMD_MAP_EQ, 0, eq->number, commands,
				   NULL);
	if (err)
		goto unlock;
	before = READ_ONCE(eq->commands);
	lost = READ_ONCE(eq->lost);
	err = cx_command(core, CX_CMD_NOP, 0, CX_NOP_AT_ONCE, NULL, NULL);
	if (!err &&
	    (READ_ONCE(eq->commands) == before || READ_ONCE(eq->lost) != lost))
		err = -EIO;
	if (cx_command_immediate(core, CX_CMD_MAP_EQ, 0,
				 core->events->eq[CX_EQ_ASYNC].number, commands,
				 NULL))
		cx_adapter_report_error(adapter, "events cannot be moved back");
unlock:
	mutex_unlock(&core->events->test_lock);
	return err;
}
EXPORT_SYMBOL_GPL(cx_adapter_test_interrupt);
