// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts: a message for each event queue, or one line for all of them
 * (docs/hardware/queues.md, Q3.7; registers.md, C2.6).
 */
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/pci.h>

#include "mlx4_core/events.h"

static irqreturn_t handle_message(int irq, void *data)
{
	cx_eq_poll(data);
	return IRQ_HANDLED;
}

/* The line is cleared first: what comes while queues are read raises it anew. */
static irqreturn_t handle_line(int irq, void *data)
{
	struct cx_events *events = data;
	bool found = false;
	int i;

	__raw_writel(events->clear_word, events->clear_interrupt);
	for (i = 0; i < events->count; i++)
		found |= cx_eq_poll(&events->eq[i]);
	return IRQ_RETVAL(found);
}

static int map_clear_interrupt(struct cx_core *core)
{
	struct cx_device_limits *limits = core->limits;
	struct cx_events *events = core->events;
	u64 offset = limits->clear_int_offset;

	/* Pins 0 to 31 stand in the second word of the register. */
	if (limits->inta_pin < 32)
		offset += sizeof(u32);
	events->clear_interrupt = cx_register_map(core, limits->clear_int_bar,
						  offset, sizeof(u32));
	events->clear_word = cx_cpu_to_be32(1u << (limits->inta_pin % 32));
	return events->clear_interrupt ? 0 : -ENODEV;
}

/**
 * cx_irqs_alloc - have interrupts for core->events, all queues of it
 * @core: an adapter whose events hold as many queues as vectors are wanted
 * @completion_vectors: how many beside that of asynchronous events
 * @msix: messages; else the line
 *
 * Sets events->count to what there is: no more than was wanted, 2 at least.
 *
 * Return: 0 or -errno.
 */
int cx_irqs_alloc(struct cx_core *core, int completion_vectors, bool msix)
{
	struct pci_dev *pdev = core->adapter.pdev;
	struct cx_events *events = core->events;
	int wanted = completion_vectors + CX_EQ_FIRST_COMPLETION;
	int node = dev_to_node(&pdev->dev);
	int got;
	int err;
	int i;

	got = pci_alloc_irq_vectors(pdev, msix ? 2 : 1, msix ? wanted : 1,
				    msix ? PCI_IRQ_MSIX : PCI_IRQ_INTX);
	if (got < 0)
		return got;
	events->msix = msix;
	if (!msix) {
		events->irq = pci_irq_vector(pdev, 0);
		got = 2;
		err = map_clear_interrupt(core);
		if (err) {
			pci_free_irq_vectors(pdev);
			return err;
		}
	}
	events->count = min(got, wanted);
	for (i = 0; i < events->count; i++) {
		struct cx_eq *eq = &events->eq[i];

		eq->irq = msix ? pci_irq_vector(pdev, i) : events->irq;
		eq->cpu = -1;
		if (msix && i >= CX_EQ_FIRST_COMPLETION)
			eq->cpu = cpumask_local_spread(
				i - CX_EQ_FIRST_COMPLETION, node);
	}
	return 0;
}

void cx_irqs_free(struct cx_core *core)
{
	struct cx_events *events = core->events;

	if (events->clear_interrupt)
		cx_register_unmap(core, events->clear_interrupt);
	events->clear_interrupt = NULL;
	pci_free_irq_vectors(core->adapter.pdev);
}

static int request_message(struct cx_events *events, int i)
{
	struct cx_eq *eq = &events->eq[i];
	const char *device = pci_name(events->core->adapter.pdev);
	int err;

	if (i == CX_EQ_ASYNC)
		snprintf(eq->name, sizeof(eq->name), "mlx4_core-async@%s",
			 device);
	else
		snprintf(eq->name, sizeof(eq->name), "mlx4_core-%d@%s",
			 i - CX_EQ_FIRST_COMPLETION, device);
	err = request_irq(eq->irq, handle_message, 0, eq->name, eq);
	if (err)
		return err;
	eq->requested = true;
	/*
	 * A hint with a first setting, not a managed interrupt: those go quiet
	 * with their CPU, while receive hashing knows nothing of CPUs.
	 */
	if (eq->cpu >= 0)
		irq_set_affinity_and_hint(eq->irq, cpumask_of(eq->cpu));
	return 0;
}

/**
 * cx_irqs_request - let interrupts come
 * @core: an adapter whose event queues are created
 *
 * Return: 0 or -errno; then none comes.
 */
int cx_irqs_request(struct cx_core *core)
{
	struct cx_events *events = core->events;
	struct cx_eq *first = &events->eq[CX_EQ_ASYNC];
	int err = 0;
	int i;

	if (!events->msix) {
		snprintf(first->name, sizeof(first->name), "mlx4_core@%s",
			 pci_name(core->adapter.pdev));
		return request_irq(events->irq, handle_line, IRQF_SHARED,
				   first->name, events);
	}
	for (i = 0; i < events->count && !err; i++)
		err = request_message(events, i);
	if (err)
		cx_irqs_release(core);
	return err;
}

/**
 * cx_irqs_release - let no interrupt come any more
 * @core: an adapter with or without them
 */
void cx_irqs_release(struct cx_core *core)
{
	struct cx_events *events = core->events;
	int i;

	if (!events->msix) {
		free_irq(events->irq, events);
		return;
	}
	for (i = 0; i < events->count; i++) {
		struct cx_eq *eq = &events->eq[i];

		if (!eq->requested)
			continue;
		irq_update_affinity_hint(eq->irq, NULL);
		free_irq(eq->irq, eq);
		eq->requested = false;
	}
}

/**
 * cx_vector_irq - Linux' number of a completion vector's interrupt
 * @adapter: a running adapter
 * @vector: below adapter->completion_vectors
 *
 * Return: the number.
 */
int cx_vector_irq(struct cx_adapter *adapter, int vector)
{
	return cx_completion_eq(cx_core_of(adapter), vector)->irq;
}
EXPORT_SYMBOL_GPL(cx_vector_irq);

/**
 * cx_vector_affinity - the CPUs near which a vector's interrupt was put
 * @adapter: a running adapter
 * @vector: below adapter->completion_vectors
 *
 * Return: a mask that lasts.
 */
const struct cpumask *cx_vector_affinity(struct cx_adapter *adapter, int vector)
{
	int cpu = cx_completion_eq(cx_core_of(adapter), vector)->cpu;

	return cpu < 0 ? cpu_possible_mask : cpumask_of(cpu);
}
EXPORT_SYMBOL_GPL(cx_vector_affinity);
