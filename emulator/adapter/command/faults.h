/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults that the control socket switches on: what each command and each data
 * path asks before it does its work.
 */
#ifndef EMULATOR_ADAPTER_COMMAND_FAULTS_H
#define EMULATOR_ADAPTER_COMMAND_FAULTS_H

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
	u16 opcode; /* or FAULT_ANY_OPCODE */
	u8 kind;
	u8 status;
	u32 skip; /* so many pass before it strikes */
	u32 count; /* strikes left; UINT32_MAX: always */
	u64 delay_ns;
};

#define COMMAND_FAULTS 32
#define FAULT_ANY_OPCODE 0xffff

/*
 * Faults of the data path, each a number of strikes left:
 * X(constant, name on the control socket, what it does)
 */
#define DATA_FAULT_LIST(X)                                                    \
	X(SEND_ERROR, "send-error", "error completion for a good send")       \
	X(RECEIVE_ERROR, "receive-error", "error completion for a frame")     \
	X(CQE_OWNER, "cqe-owner", "completion with the wrong owner bit")      \
	X(CQE_INDEX, "cqe-index", "completion that names a wrong WQE")        \
	X(CQE_QPN, "cqe-qpn", "completion that names another queue pair")     \
	X(CQE_LENGTH, "cqe-length", "a byte count beyond the buffers")        \
	X(CQE_DUPLICATE, "cqe-duplicate", "the same completion twice")        \
	X(CQE_LOST, "cqe-lost", "work done, no completion")                   \
	X(CQ_OVERRUN, "cq-overrun", "completion queue reported as overrun")   \
	X(EVENT_LOST, "event-lost", "an event is not written")                \
	X(EVENT_UNKNOWN, "event-unknown", "an event of an unknown type")      \
	X(EVENT_CQN, "event-cqn", "a completion event for a wrong queue")     \
	X(INTERRUPT_LOST, "interrupt-lost", "event written, no interrupt")    \
	X(INTERRUPT_SPURIOUS, "interrupt-spurious",                           \
	  "interrupt without an event")                                       \
	X(RX_DROP, "rx-drop", "frame lost on its way in")                     \
	X(RX_CRC, "rx-crc",                                                   \
	  "bad FCS: counted, and dropped unless the port takes such")         \
	X(RX_CORRUPT, "rx-corrupt",                                           \
	  "a byte flipped behind the FCS check: checksum status bad")         \
	X(TX_DROP, "tx-drop", "frame lost on its way out")                    \
	X(DOORBELL_LOST, "doorbell-lost", "send doorbell not seen")           \
	X(OWNER_HELD, "owner-held",                                           \
	  "owner register says that another driver has the card")             \
	X(SEMAPHORE_HELD, "semaphore-held", "software semaphore stays taken") \
	X(RESET_LOST, "reset-lost", "a chip reset is not carried out")

#define DATA_FAULT_CONSTANT(name, text, help) DATA_FAULT_##name,
enum data_fault { DATA_FAULT_LIST(DATA_FAULT_CONSTANT) DATA_FAULTS };

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
