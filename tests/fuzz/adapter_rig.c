// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "connectx/port.h"
#include "emulator/adapter/command/trace.h"
#include "tests/fuzz/adapter_rig.h"

#define TURNS 4
#define NS_PER_SECOND 1000000000ULL
#define IN_BOX_BUS (RIG_MEMORY + RIG_IN_BOX)

static const u16 device_ids[RIG_GENERATIONS] = { 25448, 26448, 4099, 4103 };
static u64 clock_skew;

/*
 * The adapter's clock is this one: CLOCK_MONOTONIC as it is plus what the
 * fuzzer added. libFuzzer itself looks at another clock.
 */
int clock_gettime(clockid_t id, struct timespec *now)
{
	long result = syscall(SYS_clock_gettime, id, now);

	if (!result && id == CLOCK_MONOTONIC) {
		u64 ns = (u64)now->tv_nsec + clock_skew;

		now->tv_sec += (time_t)(ns / NS_PER_SECOND);
		now->tv_nsec = (long)(ns % NS_PER_SECOND);
	}
	return (int)result;
}

void rig_clock_advance(u64 nanoseconds)
{
	clock_skew += nanoseconds;
}

static void require(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz-adapter: %s\n", what);
	abort();
}

/* Every byte of a frame must be there to be read. */
static int port_send(struct net_backend *backend, const struct net_frame *frame)
{
	struct rig_port *port = (struct rig_port *)backend;

	if (port->rig->ports_full)
		return -EAGAIN;
	require(frame->length >= 60 || frame->mss, "runt on the wire");
	require(frame->length <= NET_FRAME_MAX + 8, "giant on the wire");
	require(frame->header_length <= frame->length, "header beyond frame");
	for (size_t i = 0; i < frame->length; i++)
		port->sum ^= frame->data[i];
	return 0;
}

static void port_pause(struct net_backend *backend, bool paused)
{
}

static void port_destroy(struct net_backend *backend)
{
}

static const struct net_backend_ops port_ops = {
	.send = port_send,
	.pause = port_pause,
	.destroy = port_destroy,
};

static void rig_create(struct rig *rig, u16 device_id)
{
	struct adapter_config config = {
		.device_id = device_id,
		.mac = { { 0, 2, 0xc9, 0, 0, 0xbb },
			 { 0, 2, 0xc9, 0, 0, 0xbc } },
		.bar2_size = CX_BAR2_SIZE,
		.msix_vectors = CX_MSIX_VECTORS,
	};
	struct net_backend *backends[ADAPTER_PORTS];

	rig->loop = event_loop_create(0);
	require(rig->loop, "no event loop");
	for (unsigned int i = 0; i < ADAPTER_PORTS; i++) {
		struct net_backend *base = &rig->ports[i].base;

		rig->ports[i].rig = rig;
		base->ops = &port_ops;
		base->loop = rig->loop;
		base->up = true;
		backends[i] = base;
	}
	rig->adapter = adapter_create(rig->loop, &config, backends);
	require(rig->adapter, "no adapter");
	/* One card prints all its commands as well */
	if (rig->adapter->ethernet.profile.generation ==
	    CX_GENERATION_CONNECTX_3_PRO)
		rig->adapter->trace = trace_open("/dev/null");
	rig->fd = memfd_create("guest", MFD_CLOEXEC);
	require(rig->fd >= 0 && !ftruncate(rig->fd, RIG_MEMORY_SIZE),
		"no memory");
	rig->memory = mmap(NULL, RIG_MEMORY_SIZE, PROT_READ | PROT_WRITE,
			   MAP_SHARED, rig->fd, 0);
	require(rig->memory != MAP_FAILED, "memory is not mapped");
}

struct rig *rig_get(unsigned int generation)
{
	static struct rig rigs[RIG_GENERATIONS];
	struct rig *rig = &rigs[generation % RIG_GENERATIONS];

	if (!rig->loop)
		rig_create(rig, device_ids[generation % RIG_GENERATIONS]);
	return rig;
}

void rig_map(struct rig *rig, bool mapped)
{
	struct guest_memory *memory = rig->adapter->memory;

	if (mapped && !rig->mapped)
		require(!guest_memory_add(memory, RIG_MEMORY, RIG_MEMORY_SIZE,
					  rig->fd, 0, true),
			"memory is refused");
	else if (!mapped && rig->mapped)
		guest_memory_remove(memory, RIG_MEMORY, RIG_MEMORY_SIZE);
	rig->mapped = mapped;
	/* A reset took the right to master the bus away */
	guest_memory_enable(memory, true);
}

void rig_turn(struct rig *rig)
{
	for (unsigned int i = 0; i < TURNS; i++)
		require(!event_loop_turn(rig->loop, 0), "the loop failed");
}

void rig_power_on(struct rig *rig)
{
	struct adapter *adapter = rig->adapter;

	memset(&adapter->faults, 0, sizeof(adapter->faults));
	adapter_reset(adapter);
	rig->ports_full = false;
	rig->toggle = 0;
	for (unsigned int i = 0; i < ADAPTER_PORTS; i++)
		port_set_physical_link(&adapter->ports[i], true);
	rig_map(rig, true);
	memset(rig->memory, 0, RIG_MEMORY_SIZE);
}

int rig_command(struct rig *rig, u16 opcode, u8 op_mod, u32 in_mod,
		u64 in_param, u64 out_param, bool event)
{
	u8 hcr[CX_HCR_DWORDS * 4] = { 0 };
	u8 trigger[CX_HCR_DWORDS * 4] = { 0 };
	unsigned int last = CX_HCR_TRIGGER_DWORD * 4;

	rig->toggle ^= 1;
	cx_set(hcr, CX_HCR_IN_PARAM, in_param);
	cx_set(hcr, CX_HCR_IN_MODIFIER, in_mod);
	cx_set(hcr, CX_HCR_OUT_PARAM, out_param);
	cx_set(hcr, CX_HCR_TOKEN, 0x1234);
	cx_set(hcr, CX_HCR_GO, 1);
	cx_set(hcr, CX_HCR_EVENT, event);
	cx_set(hcr, CX_HCR_TOGGLE, rig->toggle);
	cx_set(hcr, CX_HCR_OP_MODIFIER, op_mod);
	cx_set(hcr, CX_HCR_OPCODE, opcode);
	for (unsigned int i = 0; i < sizeof(hcr); i += 4)
		adapter_bar0_write(rig->adapter, CX_REG_HCR + i, hcr + i, 4);
	rig_turn(rig);
	adapter_bar0_read(rig->adapter, CX_REG_HCR + last, trigger + last, 4);
	if (cx_get(trigger, CX_HCR_GO))
		return -1;
	return (int)cx_get(trigger, CX_HCR_STATUS);
}

void rig_frame(struct rig *rig, unsigned int port,
	       const struct net_frame *frame)
{
	struct net_backend_events *events = &rig->ports[port - 1].base.events;

	/* What is not taken is lost: there is no wire to keep it */
	events->receive(events->context, frame);
	rig_turn(rig);
}

static int with_mailbox(struct rig *rig, u16 opcode, u32 in_mod)
{
	return rig_command(rig, opcode, 0, in_mod, IN_BOX_BUS, 0, false);
}

static u8 *clean_box(struct rig *rig)
{
	return memset(rig->memory + RIG_IN_BOX, 0, CX_MAILBOX_SIZE);
}

static void map_block(struct rig *rig, u16 opcode, u64 virtual, u64 bus,
		      unsigned int log_pages)
{
	u8 *box = clean_box(rig);

	cx_set(box, CX_MAP_ENTRY_VIRTUAL_PAGE, virtual >> CX_ICM_PAGE_SHIFT);
	cx_set(box, CX_MAP_ENTRY_PHYSICAL_PAGE, bus >> CX_ICM_PAGE_SHIFT);
	cx_set(box, CX_MAP_ENTRY_LOG_PAGES, log_pages);
	require(!with_mailbox(rig, opcode, 1), "no memory for the card");
}

void rig_init_hca(u8 *box, enum rig_steering steering)
{
	cx_set(box, CX_INIT_HCA_VERSION, CX_INIT_HCA_VERSION_2);
	cx_set(box, CX_INIT_HCA_COUNTERS, 1);
	cx_set(box, CX_INIT_HCA_LOG_QPS, 8);
	cx_set(box, CX_INIT_HCA_LOG_CQS, 8);
	cx_set(box, CX_INIT_HCA_LOG_EQS, 4);
	cx_set(box, CX_INIT_HCA_LOG_DMPTS, 9);
	cx_set(box, CX_INIT_HCA_MTT_BASE, RIG_MTT_BASE);
	cx_set(box, CX_INIT_HCA_LOG_UARS, 8);
	if (steering == RIG_DEVICE_MANAGED) {
		cx_set(box, CX_INIT_HCA_DEVICE_MANAGED_STEERING, 1);
		cx_set(box, CX_INIT_HCA_FS_LOG_ENTRY, 7);
		cx_set(box, CX_INIT_HCA_FS_LOG_TABLE, 6);
		return;
	}
	cx_set(box, CX_INIT_HCA_LOG_MC_ENTRY, 7);
	cx_set(box, CX_INIT_HCA_LOG_MC_HASH, 2);
	cx_set(box, CX_INIT_HCA_LOG_MC_TABLE, 4);
	cx_set(box, CX_INIT_HCA_UC_STEERING, steering == RIG_B0);
}

void rig_eq_context(u8 *box, unsigned int which)
{
	cx_set(box, CX_EQC_STATE, CX_QUEUE_STATE_ARMED);
	cx_set(box, CX_EQC_LOG_SIZE, 5);
	cx_set(box, CX_EQC_INTERRUPT, which);
	cx_set(box, CX_EQC_MTT, RIG_MTT_OF(RIG_EQ + which * 4096u) >> 3);
}

void rig_cq_context(u8 *box, unsigned int which)
{
	cx_set(box, CX_CQC_LOG_SIZE, 5);
	cx_set(box, CX_CQC_EQN, RIG_EQN + 1);
	cx_set(box, CX_CQC_MTT, RIG_MTT_OF(RIG_CQ + which * 4096u) >> 3);
	cx_set(box, CX_CQC_RECORD,
	       (RIG_MEMORY + RIG_RECORDS + which * 8u) >> 3);
}

void rig_region(u8 *box)
{
	cx_set(box, CX_MPT_LOCAL_READ, 1);
	cx_set(box, CX_MPT_LOCAL_WRITE, 1);
	cx_set(box, CX_MPT_PHYSICAL, 1);
	cx_set(box, CX_MPT_REGION, 1);
	cx_set(box, CX_MPT_KEY, RIG_LKEY >> 8);
	cx_set(box, CX_MPT_PD, RIG_PD);
	cx_set(box, CX_MPT_LENGTH, ~0ULL);
	cx_set(box, CX_MPT_LOG_ENTITY_SIZE, CX_ICM_PAGE_SHIFT);
}

void rig_qp_mailbox(u8 *box, u32 qpn)
{
	u8 *context = box + CX_QP_MAILBOX_CONTEXT;
	u32 second = (qpn - RIG_QPN) & 1;

	cx_set(context, CX_QPC_SERVICE_TYPE, CX_QP_SERVICE_ETHERNET);
	cx_set(context, CX_QPC_PD, RIG_PD);
	cx_set(context, CX_QPC_LOG_RQ_SIZE, RIG_LOG_RQ);
	cx_set(context, CX_QPC_LOG_RQ_STRIDE, 1);
	cx_set(context, CX_QPC_LOG_SQ_SIZE, RIG_LOG_SQ);
	cx_set(context, CX_QPC_LOG_SQ_STRIDE, 2);
	cx_set(context, CX_QPC_LOCAL_QPN, qpn);
	cx_set(context, CX_QPC_SEND_CQN, RIG_CQN);
	cx_set(context, CX_QPC_RECEIVE_CQN, RIG_CQN + 1);
	cx_set(context, CX_QPC_RECORD,
	       (RIG_MEMORY + RIG_RECEIVE_RECORD(second)) >> 2);
	cx_set(context, CX_QPC_MTT, RIG_MTT_OF(RIG_RING(second)) >> 3);
	cx_set(context + CX_QPC_PRIMARY_PATH, CX_PATH_SCHEDULE_QUEUE, 0x83);
}

/* Eight buffers for each queue pair; ownership marks in the send queues */
static void fill_queues(struct rig *rig, u32 second)
{
	u8 *ring = rig->memory + RIG_RING(second);

	for (unsigned int i = 0; i < 1u << RIG_LOG_SQ; i++)
		memset(ring + i * 64, 0xff, 4);
	for (unsigned int i = 0; i < 1u << RIG_LOG_RQ; i++) {
		u8 *entry = ring + RIG_RQ_OFFSET + i * RIG_RQ_STRIDE;

		cx_set(entry, CX_DATA_LENGTH, 2048);
		cx_set(entry, CX_DATA_LKEY, RIG_LKEY);
		cx_set(entry, CX_DATA_ADDRESS,
		       RIG_MEMORY + RIG_BUFFERS + (second * 8 + i) * 2048ULL);
		cx_set(entry + 16, CX_DATA_LKEY, CX_LKEY_INVALID);
	}
	cx_set(rig->memory + RIG_RECEIVE_RECORD(second), CX_RQ_RECORD_POSTED,
	       1u << RIG_LOG_RQ);
}

static void make_queue_pair(struct rig *rig, u32 qpn)
{
	static const u16 steps[] = { CX_CMD_RST2INIT_QP, CX_CMD_INIT2RTR_QP,
				     CX_CMD_RTR2RTS_QP };

	rig_qp_mailbox(clean_box(rig), qpn);
	for (unsigned int i = 0; i < 3; i++)
		require(!with_mailbox(rig, steps[i], qpn), "no queue pair");
	fill_queues(rig, (qpn - RIG_QPN) & 1);
}

static void steer_everything(struct rig *rig)
{
	u8 *box = clean_box(rig);

	cx_set(box, CX_RQP_CALC_UC_PROMISC, 1);
	cx_set(box, CX_RQP_CALC_PROMISC_QPN, RIG_QPN);
	cx_set(box, CX_RQP_CALC_MC_MODE, CX_MC_DEFAULT);
	cx_set(box, CX_RQP_CALC_DEFAULT_MC_QPN, RIG_QPN + 1);
	rig_command(rig, CX_CMD_SET_PORT, CX_SET_PORT_ETHERNET,
		    CX_SET_PORT_RQP_CALC << CX_SET_PORT_TABLE_SHIFT | 1,
		    IN_BOX_BUS, 0, false);
}

static enum rig_steering best_steering(const struct rig *rig,
				       enum rig_steering wanted)
{
	unsigned int generation = rig->adapter->ethernet.profile.generation;

	return wanted <= generation ? wanted : RIG_A0;
}

void rig_bring_up(struct rig *rig, enum rig_steering steering)
{
	map_block(rig, CX_CMD_MAP_FA, 0, RIG_MEMORY, 4);
	require(!with_mailbox(rig, CX_CMD_RUN_FW, 0), "no firmware");
	require(!rig_command(rig, CX_CMD_SET_ICM_SIZE, 0, 0, RIG_MTT_BASE * 2,
			     0, false),
		"no ICM");
	map_block(rig, CX_CMD_MAP_ICM_AUX, 0, RIG_MEMORY, 4);
	map_block(rig, CX_CMD_MAP_ICM, RIG_MTT_BASE, RIG_MEMORY + RIG_MTT, 2);
	rig_init_hca(clean_box(rig), best_steering(rig, steering));
	require(!with_mailbox(rig, CX_CMD_INIT_HCA, 0), "no HCA");
	for (unsigned int i = 0; i < 64; i++) {
		u8 *entry = rig->memory + RIG_MTT + i * CX_MTT_SIZE;

		cx_store_be64(entry, (RIG_MEMORY + RIG_EQ + i * 4096ULL) | 1);
	}
	rig_region(clean_box(rig));
	require(!with_mailbox(rig, CX_CMD_SW2HW_MPT, RIG_LKEY >> 8),
		"no region");
	for (unsigned int i = 0; i < 2; i++) {
		rig_eq_context(clean_box(rig), i);
		require(!with_mailbox(rig, CX_CMD_SW2HW_EQ, RIG_EQN + i),
			"no event queue");
	}
	require(!rig_command(rig, CX_CMD_MAP_EQ, 0, RIG_EQN, ~0ULL, 0, false),
		"no events");
	for (unsigned int i = 0; i < 2; i++) {
		rig_cq_context(clean_box(rig), i);
		require(!with_mailbox(rig, CX_CMD_SW2HW_CQ, RIG_CQN + i),
			"no completion queue");
	}
	make_queue_pair(rig, RIG_QPN);
	make_queue_pair(rig, RIG_QPN + 1);
	steer_everything(rig);
	for (unsigned int port = 1; port <= ADAPTER_PORTS; port++)
		rig_command(rig, CX_CMD_INIT_PORT, 0, port, 0, 0, false);
	rig_turn(rig);
}
