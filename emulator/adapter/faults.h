/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults that the control socket switches on: what each command and each data
 * path asks before it does its work.
 */
#ifndef EMULATOR_ADAPTER_FAULTS_H
#define EMULATOR_ADAPTER_FAULTS_H

#include "connectx/types.h"

enum command_fault_kind {
	COMMAND_FAULT_NONE,
	COMMAND_FAULT_STATUS, /* answers with a status, does nothing */
	COMMAND_FAULT_SLOW, /* does its work after a delay */
	COMMAND_FAULT_NEVER, /* is taken and never answered */
	COMMAND_FAULT_STUCK, /* is not even taken: go stays set */
	COMMAND_FAULT_GARBAGE, /* succeeds, with an output of noise */
};

struct command_fault {
	u16 opcode; /* 0xffff: any */
	u8 kind;
	u8 status;
	u32 skip; /* so many pass before it strikes */
	u32 count; /* strikes left; UINT32_MAX: always */
	u64 delay_ns;
};

#define COMMAND_FAULTS 32

/* Faults of the data path: each a number of strikes left */
enum data_fault {
	DATA_FAULT_SEND_ERROR, /* error completion for a good send */
	DATA_FAULT_RECEIVE_ERROR, /* error completion for a frame */
	DATA_FAULT_CQE_OWNER, /* completion with the wrong owner bit */
	DATA_FAULT_CQE_INDEX, /* completion that names a wrong WQE */
	DATA_FAULT_CQE_QPN, /* completion that names another queue pair */
	DATA_FAULT_CQE_LENGTH, /* a byte count beyond the buffers */
	DATA_FAULT_CQE_DUPLICATE, /* the same completion twice */
	DATA_FAULT_CQE_LOST, /* work done, no completion */
	DATA_FAULT_CQ_OVERRUN, /* queue reported as overrun */
	DATA_FAULT_EVENT_LOST, /* an event is not written */
	DATA_FAULT_EVENT_UNKNOWN, /* an event of an unknown type */
	DATA_FAULT_EVENT_CQN, /* a completion event for a wrong queue */
	DATA_FAULT_INTERRUPT_LOST, /* event written, no interrupt */
	DATA_FAULT_INTERRUPT_SPURIOUS, /* interrupt without an event */
	DATA_FAULT_RX_DROP, /* frame lost on its way in */
	DATA_FAULT_TX_DROP, /* frame lost on its way out */
	DATA_FAULT_RX_CORRUPT, /* a byte flipped, checksum status bad */
	DATA_FAULT_DOORBELL_LOST, /* send doorbell not seen */
	DATA_FAULTS,
};

struct faults {
	struct command_fault command[COMMAND_FAULTS];
	u32 data[DATA_FAULTS];
};

/* Takes a strike. Return: the fault that applies now, or NULL. */
const struct command_fault *faults_command(struct faults *faults, u16 opcode);

static inline bool faults_strike(struct faults *faults, enum data_fault fault)
{
	if (__builtin_expect(!faults->data[fault], 1))
		return false;
	if (faults->data[fault] != UINT32_MAX)
		faults->data[fault]--;
	return true;
}

#endif
