/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole adapter in this process, without sockets: guest memory in a memfd,
 * ports that end in this file, a clock that a fuzzer turns, and a driver's
 * first steps.
 */
#ifndef TESTS_FUZZ_ADAPTER_RIG_H
#define TESTS_FUZZ_ADAPTER_RIG_H

#include "emulator/adapter/adapter.h"

/* Guest memory, and what stands where in it; offsets from RIG_MEMORY */
#define RIG_MEMORY 0x100000ULL
#define RIG_MEMORY_SIZE 0x100000u
enum rig_place {
	RIG_IN_BOX = 0x0000,
	RIG_OUT_BOX = 0x1000,
	RIG_MTT = 0x10000, /* four pages: 2,048 entries */
	RIG_EQ = 0x20000, /* a page each */
	RIG_CQ = 0x22000,
	RIG_QP = 0x24000, /* four pages: send queue, then receive queue */
	RIG_RECORDS = 0x2f000,
	RIG_BUFFERS = 0x40000,
};

/* What rig_bring_up() makes */
#define RIG_MTT_BASE 0x1000000000ULL
#define RIG_EQN 4u /* and 5 */
#define RIG_CQN 128u /* and 129: send, receive */
#define RIG_QPN 64u /* and 65 */
#define RIG_LKEY 0x10000u
#define RIG_PD 4u
#define RIG_LOG_SQ 4u
#define RIG_LOG_RQ 3u
#define RIG_RQ_OFFSET (64u << RIG_LOG_SQ)
#define RIG_RQ_STRIDE 32u
/* Of the first or the @second queue pair; offsets, as in enum rig_place */
#define RIG_RING(second) (RIG_QP + 8192u * (second))
#define RIG_RECEIVE_RECORD(second) (RIG_RECORDS + 0x40 + 8u * (second))
/* MTT entry n stands for the n-th page from RIG_EQ on */
#define RIG_MTT_OF(place) (((place) - (u32)RIG_EQ) / 4096u * CX_MTT_SIZE)

enum rig_steering { RIG_A0, RIG_B0, RIG_DEVICE_MANAGED, RIG_STEERINGS };

struct rig;

struct rig_port {
	struct net_backend base; /* first */
	struct rig *rig;
	u8 sum; /* of all that was sent */
};

struct rig {
	struct event_loop *loop;
	struct adapter *adapter;
	struct rig_port ports[ADAPTER_PORTS];
	int fd;
	u8 *memory;
	u8 toggle;
	bool ports_full; /* send() says -EAGAIN */
	bool mapped;
};

#define RIG_GENERATIONS 4

/* The rig of a generation; made when it is first asked for. Aborts if not. */
struct rig *rig_get(unsigned int generation);
/* As after power-on: no state, memory zeroed, faults off, links up. */
void rig_power_on(struct rig *rig);
/* The loop goes round a few times. */
void rig_turn(struct rig *rig);
/* Moves the clock that the adapter sees. */
void rig_clock_advance(u64 nanoseconds);
/* Guest memory comes and goes, as firmware remaps it. */
void rig_map(struct rig *rig, bool mapped);

/*
 * Posts a command with what stands in the input mailbox and lets the loop go
 * round.
 *
 * Return: its status, or -1 if it is not done.
 */
int rig_command(struct rig *rig, u16 opcode, u8 op_mod, u32 in_mod,
		u64 in_param, u64 out_param, bool event);
/* A frame comes in by @port (1 or 2). */
void rig_frame(struct rig *rig, unsigned int port,
	       const struct net_frame *frame);
/* Brings the card up with queues, so that fuzzing begins where work is. */
void rig_bring_up(struct rig *rig, enum rig_steering steering);

/* Contexts as a driver writes them, into @box (zeroed) */
void rig_eq_context(u8 *box, unsigned int which);
void rig_cq_context(u8 *box, unsigned int which);
void rig_qp_mailbox(u8 *box, u32 qpn);
void rig_region(u8 *box);
void rig_init_hca(u8 *box, enum rig_steering steering);

#endif
