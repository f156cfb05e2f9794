// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event queues: their commands, writing events, arming, interrupts
 * (docs/hardware/queues.md).
 */
#include <errno.h>
#include <stdlib.h>

#include "emulator/adapter/adapter.h"

#define EQ_LOG_SIZE_MAX 22
#define INDEX_MASK 0xffffffu
/* Entries that are prepared at once; no entry is longer */
#define OWNERSHIP_STEP 4096u

struct event_queue *eq_find(struct adapter *adapter, u32 eqn)
{
	return eqn < EQS_MAX ? adapter->queues.eq[eqn] : NULL;
}

bool eq_has_room(const struct event_queue *eq)
{
	return eq->overrun_ignore || ((eq->producer - eq->consumer) &
				      INDEX_MASK) < (1u << eq->log_size);
}

static void interrupt(struct adapter *adapter, struct event_queue *eq)
{
	if (faults_strike(&adapter->faults, DATA_FAULT_INTERRUPT_LOST))
		return;
	if (pci_function_msix_enabled(adapter->pci))
		pci_function_raise_msix(adapter->pci, eq->vector);
	else
		pci_function_set_intx(adapter->pci, true);
}

static void fire(struct adapter *adapter, struct event_queue *eq)
{
	if (eq->state == CX_QUEUE_STATE_ARMED)
		eq->state = CX_QUEUE_STATE_FIRED;
	else if (eq->state != CX_QUEUE_STATE_ALWAYS_ARMED)
		return;
	interrupt(adapter, eq);
}

/* In 64-byte entries the event stands in the upper half. */
static u64 entry_offset(const struct event_queue *eq, u32 index)
{
	u32 slot = index & ((1u << eq->log_size) - 1);

	return ((u64)slot << eq->log_stride) +
	       ((1u << eq->log_stride) - CX_EQE_SIZE);
}

/* The owner byte is written last and with one store. */
static void entry_write(struct adapter *adapter, struct event_queue *eq,
			const u8 eqe[CX_EQE_SIZE])
{
	u64 offset = entry_offset(eq, eq->producer);
	bool owner = (eq->producer >> eq->log_size) & 1;
	u8 entry[CX_EQE_SIZE];

	memcpy(entry, eqe, CX_EQE_SIZE);
	entry[CX_ENTRY_OWNER_BYTE] = owner ? CX_ENTRY_OWNER_BIT : 0;
	if (ring_publish(adapter, &eq->ring, offset, entry, CX_EQE_SIZE)) {
		cx_set(eq->context, CX_EQC_STATUS,
		       CX_QUEUE_STATUS_WRITE_FAILURE);
		return;
	}
	eq->producer = (eq->producer + 1) & INDEX_MASK;
}

/* True if the next event's turn has not come: others wait, or no room is. */
static bool must_wait(const struct event_queue *eq)
{
	return eq->pending_count || !eq_has_room(eq);
}

void eq_write(struct adapter *adapter, struct event_queue *eq,
	      const u8 eqe[CX_EQE_SIZE])
{
	if (faults_strike(&adapter->faults, DATA_FAULT_EVENT_LOST))
		return;
	if (must_wait(eq)) {
		if (eq->pending_count < EQ_PENDING)
			memcpy(eq->pending[eq->pending_count++], eqe,
			       CX_EQE_SIZE);
		else
			log_limited("event queue %u is full, an event is lost",
				    eq->number);
		return;
	}
	entry_write(adapter, eq, eqe);
	fire(adapter, eq);
}

/* A completion event; a full queue makes the CQ wait its turn. */
void eq_complete(struct adapter *adapter, struct completion_queue *cq)
{
	struct event_queue *eq = eq_find(adapter, cq->eqn);
	u8 eqe[CX_EQE_SIZE] = { 0 };

	if (!eq)
		return;
	if (must_wait(eq)) {
		if (cq->event_owed)
			return;
		cq->event_owed = true;
		cq->next_waiting = eq->waiting;
		eq->waiting = cq;
		return;
	}
	cx_set(eqe, CX_EQE_TYPE, CX_EVENT_COMPLETION);
	cx_set(eqe, CX_EQE_NUMBER, cq->number);
	if (faults_strike(&adapter->faults, DATA_FAULT_EVENT_CQN))
		cx_set(eqe, CX_EQE_NUMBER, cq->number ^ 0x155);
	if (faults_strike(&adapter->faults, DATA_FAULT_EVENT_UNKNOWN))
		cx_set(eqe, CX_EQE_TYPE, 0x77);
	eq_write(adapter, eq, eqe);
}

static void catch_up(struct adapter *adapter, struct event_queue *eq)
{
	unsigned int done = 0;

	while (done < eq->pending_count && eq_has_room(eq))
		entry_write(adapter, eq, eq->pending[done++]);
	memmove(eq->pending[0], eq->pending[done],
		(eq->pending_count - done) * CX_EQE_SIZE);
	eq->pending_count -= done;
	while (eq->waiting && !must_wait(eq)) {
		struct completion_queue *cq = eq->waiting;

		eq->waiting = cq->next_waiting;
		cq->event_owed = false;
		eq_complete(adapter, cq);
	}
}

static void catch_up_and_fire(struct adapter *adapter, struct event_queue *eq)
{
	u32 producer = eq->producer;

	catch_up(adapter, eq);
	if (eq->producer != producer)
		fire(adapter, eq);
}

static void catch_up_expired(struct loop_timer *timer)
{
	struct event_queue *eq =
		container_of(timer, struct event_queue, catch_up);

	catch_up_and_fire(eq->adapter, eq);
}

void eq_doorbell(struct adapter *adapter, u32 eqn, u32 index, bool arm)
{
	struct event_queue *eq = eq_find(adapter, eqn);

	if (!eq)
		return;
	eq->consumer = index;
	/* nothing can be written while the client is being answered */
	if (guest_memory_direct(adapter->memory))
		catch_up_and_fire(adapter, eq);
	else if (eq->pending_count || eq->waiting)
		loop_timer_start(adapter->loop, &eq->catch_up, 0);
	if (faults_strike(&adapter->faults, DATA_FAULT_INTERRUPT_SPURIOUS))
		interrupt(adapter, eq);
	if (!arm || eq->state == CX_QUEUE_STATE_ALWAYS_ARMED)
		return;
	/* What was written after software looked for the last time */
	if (eq->producer != index) {
		eq->state = CX_QUEUE_STATE_FIRED;
		interrupt(adapter, eq);
	} else {
		eq->state = CX_QUEUE_STATE_ARMED;
	}
}

/*
 * Software hands over zeroed pages and takes owner = 0 for valid on the first
 * pass: the adapter sets the bit in every entry, and in nothing else
 * (docs/hardware/queues.md).
 */
int ring_set_ownership(struct adapter *adapter, struct ring *ring, u8 log_size,
		       u8 log_stride)
{
	u64 bytes = 1ULL << (log_size + log_stride);
	u32 stride = 1u << log_stride;
	u8 entries[OWNERSHIP_STEP];

	for (u64 offset = 0; offset < bytes; offset += OWNERSHIP_STEP) {
		u32 part = bytes - offset < OWNERSHIP_STEP ? bytes - offset :
							     OWNERSHIP_STEP;
		int error = ring_read(adapter, ring, offset, entries, part);

		if (error)
			return error;
		for (u32 i = stride - 1; i < part; i += stride)
			entries[i] |= CX_ENTRY_OWNER_BIT;
		error = ring_write(adapter, ring, offset, entries, part);
		if (error)
			return error;
	}
	return 0;
}

static u8 sw2hw_eq(struct adapter *adapter, struct command *command)
{
	const u8 *context = command->in;
	u64 log_size = cx_get(context, CX_EQC_LOG_SIZE);
	struct event_queue *eq;

	if (!adapter->hca_up)
		return CX_STATUS_BAD_SYS_STATE;
	if (command->in_mod >= EQS_MAX ||
	    command->in_mod >> cx_get(adapter->init_hca, CX_INIT_HCA_LOG_EQS))
		return CX_STATUS_BAD_INDEX;
	if (eq_find(adapter, command->in_mod))
		return CX_STATUS_BAD_RES_STATE;
	if (log_size > EQ_LOG_SIZE_MAX)
		return CX_STATUS_BAD_PARAM;
	eq = calloc(1, sizeof(*eq));
	if (!eq)
		return CX_STATUS_INTERNAL_ERR;
	eq->number = command->in_mod;
	eq->log_size = log_size;
	eq->log_stride = adapter->queues.log_eqe_stride;
	eq->adapter = adapter;
	eq->catch_up.expired = catch_up_expired;
	eq->catch_up.loop = adapter->loop;
	eq->state = cx_get(context, CX_EQC_STATE);
	eq->overrun_ignore = cx_get(context, CX_EQC_OVERRUN_IGNORE);
	eq->vector = cx_get(context, CX_EQC_INTERRUPT) & 0xff;
	memcpy(eq->context, context, CX_EQC_SIZE);
	ring_init(&eq->ring, cx_get(context, CX_EQC_MTT) << 3,
		  cx_get(context, CX_EQC_LOG_PAGE_SIZE),
		  cx_get(context, CX_EQC_PAGE_OFFSET) << 5);
	if (ring_set_ownership(adapter, &eq->ring, eq->log_size,
			       eq->log_stride)) {
		free(eq);
		return CX_STATUS_ICM_ERROR;
	}
	adapter->queues.eq[eq->number] = eq;
	return CX_STATUS_OK;
}

static void eq_image(const struct event_queue *eq, u8 *out)
{
	memcpy(out, eq->context, CX_EQC_SIZE);
	cx_set(out, CX_EQC_STATE, eq->state);
	cx_set(out, CX_EQC_PRODUCER_INDEX, eq->producer);
	cx_set(out, CX_EQC_CONSUMER_INDEX, eq->consumer);
}

static u8 query_eq(struct adapter *adapter, struct command *command)
{
	struct event_queue *eq = eq_find(adapter, command->in_mod);

	if (!eq)
		return CX_STATUS_BAD_RES_STATE;
	eq_image(eq, command->out);
	return CX_STATUS_OK;
}

static void eq_free(struct adapter *adapter, struct event_queue *eq)
{
	for (struct completion_queue *cq = eq->waiting; cq;
	     cq = cq->next_waiting)
		cq->event_owed = false;
	for (unsigned int type = 0; type < CX_EVENT_TYPES; type++)
		if (adapter->queues.route[type] == eq->number)
			adapter->queues.route[type] = -1;
	adapter->queues.eq[eq->number] = NULL;
	loop_timer_stop(&eq->catch_up);
	free(eq);
}

static u8 hw2sw_eq(struct adapter *adapter, struct command *command)
{
	struct event_queue *eq = eq_find(adapter, command->in_mod);

	if (!eq)
		return adapter->hca_up ? CX_STATUS_BAD_RES_STATE :
					 CX_STATUS_BAD_SYS_STATE;
	eq_image(eq, command->out);
	eq_free(adapter, eq);
	return CX_STATUS_OK;
}

static u8 map_eq(struct adapter *adapter, struct command *command)
{
	u32 eqn = command->in_mod & CX_MAP_EQ_EQN_MASK;
	bool unmap = command->in_mod & CX_MAP_EQ_UNMAP;

	if (!unmap && !eq_find(adapter, eqn))
		return CX_STATUS_BAD_RES_STATE;
	for (unsigned int type = 0; type < CX_EVENT_TYPES; type++) {
		s64 *route = &adapter->queues.route[type];

		if (!(command->in_param >> type & 1))
			continue;
		if (!unmap)
			*route = eqn;
		else if (*route == eqn)
			*route = -1;
	}
	return CX_STATUS_OK;
}

void adapter_event(struct adapter *adapter, u8 type, const u8 eqe[CX_EQE_SIZE])
{
	struct event_queue *eq;

	if (type >= CX_EVENT_TYPES || adapter->queues.route[type] < 0)
		return;
	eq = eq_find(adapter, adapter->queues.route[type]);
	if (eq)
		eq_write(adapter, eq, eqe);
}

void adapter_port_event(struct adapter *adapter, unsigned int port, bool up)
{
	struct adapter_observer *observer = adapter->observer;
	u8 eqe[CX_EQE_SIZE] = { 0 };

	if (observer && observer->link)
		observer->link(observer, port, up);
	cx_set(eqe, CX_EQE_TYPE, CX_EVENT_PORT_CHANGE);
	cx_set(eqe, CX_EQE_SUBTYPE,
	       up ? CX_PORT_CHANGE_UP : CX_PORT_CHANGE_DOWN);
	cx_set(eqe, CX_EQE_PORT, port);
	adapter_event(adapter, CX_EVENT_PORT_CHANGE, eqe);
}

void adapter_command_event(struct adapter *adapter, u16 token, u8 status,
			   u64 out_imm)
{
	u8 eqe[CX_EQE_SIZE] = { 0 };

	cx_set(eqe, CX_EQE_TYPE, CX_EVENT_COMMAND);
	cx_set(eqe, CX_EQE_TOKEN, token);
	cx_set(eqe, CX_EQE_STATUS, status);
	cx_set(eqe, CX_EQE_OUT_PARAM, out_imm);
	adapter_event(adapter, CX_EVENT_COMMAND, eqe);
}

void eq_reset(struct adapter *adapter)
{
	for (unsigned int i = 0; i < EQS_MAX; i++)
		if (adapter->queues.eq[i])
			eq_free(adapter, adapter->queues.eq[i]);
	for (unsigned int type = 0; type < CX_EVENT_TYPES; type++)
		adapter->queues.route[type] = -1;
}

const struct command_binding eq_commands[] = {
	{ CX_CMD_SW2HW_EQ, sw2hw_eq },
	{ CX_CMD_HW2SW_EQ, hw2sw_eq },
	{ CX_CMD_QUERY_EQ, query_eq },
	{ CX_CMD_MAP_EQ, map_eq },
	{ 0 },
};
