// SPDX-License-Identifier: GPL-2.0-only
/*
 * One event queue: its context, its ring, its doorbell
 * (docs/hardware/queues.md, Q3).
 *
 * A queue of completions that has an interrupt message of its own is always
 * armed: its doorbell rings once for many events, not for each interrupt. No
 * event is missed, as the handler runs again for a message that comes while it
 * runs. The others are armed anew by their handler: an interrupt line stays up
 * until its cause is gone.
 */
#include <linux/log2.h>

#include "mlx4_core/events.h"

static void ring_doorbell(struct cx_eq *eq, bool arm)
{
	u32 word = 0;

	mb(); /* entries were read before they are given back */
	eq->published = eq->consumer;
	cx_set(&word, CX_EQ_DOORBELL_CONSUMER_INDEX, eq->consumer);
	cx_set(&word, CX_EQ_DOORBELL_ARM, arm);
	__raw_writel(word, eq->doorbell);
}

/**
 * cx_eq_arm - ask for an interrupt with the next event; at once if it is there
 * @eq: a created queue
 */
void cx_eq_arm(struct cx_eq *eq)
{
	ring_doorbell(eq, true);
}

static const u8 *next_entry(const struct cx_eq *eq)
{
	const u8 *eqe =
		eq->ring.address +
		(size_t)(eq->consumer & (eq->entries - 1)) * CX_EQE_SIZE;
	bool owner = READ_ONCE(eqe[CX_ENTRY_OWNER_BYTE]) & CX_ENTRY_OWNER_BIT;

	if (owner != !!(eq->consumer & eq->entries))
		return NULL;
	dma_rmb();
	return eqe;
}

/** cx_eq_waiting - whether there is an event that was not taken; any context */
bool cx_eq_waiting(const struct cx_eq *eq)
{
	return next_entry(eq);
}

/**
 * cx_eq_poll - take what has come, and have the next event interrupt
 * @eq: a created queue; its interrupt is the only caller, or disabled
 *
 * Takes a ring's worth at most: a device that never stops is a matter for the
 * next interrupt, which comes at once when there is more.
 *
 * Context: interrupts are off.
 *
 * Return: whether there was an event.
 */
bool cx_eq_poll(struct cx_eq *eq)
{
	u32 begin = eq->consumer;
	const u8 *eqe;

	while ((eqe = next_entry(eq))) {
		cx_event_dispatch(eq, eqe);
		WRITE_ONCE(eq->consumer, eq->consumer + 1);
		if (eq->consumer - eq->published >= CX_EQ_PUBLISH)
			ring_doorbell(eq, false);
		if (eq->consumer - begin == eq->entries)
			break;
	}
	if (!eq->always_armed)
		cx_eq_arm(eq);
	return eq->consumer != begin;
}

static int hand_over(struct cx_eq *eq, u16 interrupt)
{
	struct cx_core *core = eq->core;
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	int err;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	cx_set(mailbox->data, CX_EQC_STATE,
	       eq->always_armed ? CX_QUEUE_STATE_ALWAYS_ARMED :
				  CX_QUEUE_STATE_ARMED);
	cx_set(mailbox->data, CX_EQC_LOG_SIZE, ilog2(eq->entries));
	cx_set(mailbox->data, CX_EQC_INTERRUPT, interrupt);
	cx_set(mailbox->data, CX_EQC_LOG_PAGE_SIZE,
	       eq->ring.page_shift - CX_ICM_PAGE_SHIFT);
	cx_set(mailbox->data, CX_EQC_MTT, eq->ring.mtt);
	err = cx_command(core, CX_CMD_SW2HW_EQ, 0, eq->number, mailbox, NULL);
	cx_mailbox_put(core, mailbox);
	return err;
}

/* Nothing is valid yet: the first pass is that of owner bit 0. */
static void give_entries_away(struct cx_eq *eq)
{
	u8 *entry = eq->ring.address;
	u32 i;

	for (i = 0; i < eq->entries; i++)
		entry[i * CX_EQE_SIZE + CX_ENTRY_OWNER_BYTE] =
			CX_ENTRY_OWNER_BIT;
}

/**
 * cx_eq_create - make an event queue and hand it to the adapter, armed
 * @eq: core, number, doorbell and always_armed are set
 * @interrupt: which message the adapter sends
 * @entries: a power of two
 * @node: where its memory should be
 *
 * Return: 0 or -errno.
 */
int cx_eq_create(struct cx_eq *eq, u16 interrupt, u32 entries, int node)
{
	struct cx_core *core = eq->core;
	int err;

	eq->entries = entries;
	eq->consumer = 0;
	eq->published = 0;
	err = cx_icm_get(core, CX_ICM_CMPT_EQ, eq->number, 1);
	if (err)
		return err;
	err = cx_icm_get(core, CX_ICM_EQC, eq->number, 1);
	if (err)
		goto put_cmpt;
	err = cx_buffer_alloc(&core->adapter, &eq->ring,
			      (size_t)entries * CX_EQE_SIZE, node);
	if (err)
		goto put_eqc;
	give_entries_away(eq);
	err = hand_over(eq, interrupt);
	if (err)
		goto free;
	return 0;

free:
	cx_buffer_free(&core->adapter, &eq->ring);
put_eqc:
	cx_icm_put(core, CX_ICM_EQC, eq->number, 1);
put_cmpt:
	cx_icm_put(core, CX_ICM_CMPT_EQ, eq->number, 1);
	return err;
}

/**
 * cx_eq_destroy - take an event queue back
 * @eq: a created queue whose interrupt has no handler any more
 */
void cx_eq_destroy(struct cx_eq *eq)
{
	struct cx_core *core = eq->core;

	cx_command(core, CX_CMD_HW2SW_EQ, CX_HW2SW_NO_MAILBOX, eq->number, NULL,
		   NULL);
	cx_buffer_free(&core->adapter, &eq->ring);
	cx_icm_put(core, CX_ICM_EQC, eq->number, 1);
	cx_icm_put(core, CX_ICM_CMPT_EQ, eq->number, 1);
}
