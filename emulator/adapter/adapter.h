/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ConnectX behind the PCI function: registers, commands, tables, queues,
 * ports. One struct adapter holds all of it; each folder beside this file works
 * on its part.
 */
#ifndef EMULATOR_ADAPTER_ADAPTER_H
#define EMULATOR_ADAPTER_ADAPTER_H

#include "connectx/commands.h"
#include "connectx/context.h"
#include "connectx/descriptor.h"
#include "connectx/flash.h"
#include "connectx/hca.h"
#include "connectx/ids.h"
#include "connectx/registers.h"

#include "emulator/adapter/ethernet.h"
#include "emulator/adapter/command/faults.h"
#include "emulator/adapter/flash/flash.h"
#include "emulator/adapter/icm/icm.h"
#include "emulator/adapter/icm/memory_region.h"
#include "emulator/adapter/queues/queues.h"
#include "emulator/loop/container_of.h"
#include "emulator/loop/event_loop.h"
#include "emulator/loop/log.h"
#include "emulator/memory/guest_memory.h"
#include "emulator/net/net_backend.h"
#include "emulator/pci/pci_function.h"

#define ADAPTER_PORTS PORTS_MAX

struct trace;

struct adapter_config {
	u16 device_id;
	u8 mac[ADAPTER_PORTS][6];
	u64 bar2_size;
	unsigned int msix_vectors;
	u64 ready_ns; /* from reset until the card answers again */
	u64 link_training_ns;
	bool blueflame; /* advertised, not only understood */
	const u8 *rom; /* expansion ROM image, or NULL: the flash's */
	size_t rom_size;
	struct flash *flash; /* the owner's, or NULL */
};

/* A command as its handler sees it. */
struct command {
	u16 opcode;
	u8 op_mod;
	u32 in_mod;
	u64 in_param; /* immediate, or the input mailbox's address */
	u64 out_param; /* the output mailbox's address as given; 0 = none */
	u64 out_imm;
	u32 out_length; /* bytes of out[] that the guest gets */
	u8 in[CX_MAILBOX_SIZE]; /* what was there; zeros where nothing was */
	u8 out[CX_MAILBOX_SIZE]; /* zeroed before the handler runs */
};

struct adapter;

/* Return: a status of include/connectx/commands.h. */
typedef u8 (*command_handler)(struct adapter *adapter, struct command *command);

/* A table of these ends with a NULL handler. */
struct command_binding {
	u16 opcode;
	command_handler handler;
};

/*
 * A command that was accepted and is answered later: a fault made it slow, or
 * the guest's memory must be reached by messages.
 */
struct deferred_command {
	struct loop_timer timer;
	struct adapter *adapter;
	u8 hcr[CX_HCR_DWORDS * 4]; /* as posted */
	bool faulty;
	struct command_fault fault;
	bool in_use;
};

#define ADAPTER_DEFERRED_COMMANDS 64

/*
 * A frame that found no receive buffer is kept by its backend for a while:
 * a wire would drop it, but a virtual one can wait for a slow guest.
 */
struct receive_hold {
	u64 since; /* 0 = nothing is held */
	u32 segment; /* the first segment that was not delivered yet */
	bool paused;
};

enum adapter_reset_kind {
	ADAPTER_RESET_CHIP, /* the reset register */
	ADAPTER_RESET_BUS,
	ADAPTER_RESET_FLR,
	ADAPTER_RESET_DISCONNECT, /* the client has gone */
};

/*
 * Is told of what happens to the card. Each function may be NULL; none may
 * change the card.
 */
struct adapter_observer {
	void (*link)(struct adapter_observer *self, unsigned int port, bool up);
	void (*reset)(struct adapter_observer *self,
		      enum adapter_reset_kind kind);
	void (*command)(struct adapter_observer *self,
			const struct command *command, u8 status);
};

/* Address and data in configuration space, through which the registers are
 * reached too
 */
struct cr_gateway {
	u32 address;
	u32 data; /* what the last read got */
	bool armed; /* an address was written and not used yet */
};

/* The longest WQE: 63 units of 16 bytes */
#define WQE_BYTES_MAX 1024

struct adapter {
	struct adapter_config config;
	struct event_loop *loop;
	struct pci_function *pci;
	struct guest_memory *memory;
	struct trace *trace;
	struct adapter_observer *observer; /* or NULL */

	/* Registers */
	u8 hcr[CX_HCR_DWORDS * 4];
	bool owned;
	bool semaphore;
	bool reads_block; /* the health buffer's word: reads change nothing */
	struct cr_gateway cr_gateway;
	u8 catastrophic[CX_CATASTROPHIC_DWORDS * 4];
	bool dead; /* a catastrophic error stopped it until reset */
	bool removed; /* pulled out of its slot */
	bool unplugged[ADAPTER_PORTS]; /* cables pulled by a fault */
	struct loop_timer ready_timer;
	u64 memory_changed; /* when the client last mapped or unmapped */
	u64 clock_start;

	/* Commands */
	struct command command;
	struct deferred_command deferred[ADAPTER_DEFERRED_COMMANDS];
	u64 commands_done;
	bool unknown_opcode_logged[4096];
	struct faults faults;

	/* Set-up */
	u64 fa_pages, aux_pages;
	bool running; /* RUN_FW */
	struct icm icm;
	bool hca_up;
	u8 init_hca[CX_INIT_HCA_SIZE];
	struct memory_regions regions;

	/* Queues */
	struct queues queues;

	/* Ethernet */
	struct port ports[ADAPTER_PORTS];
	struct ethernet ethernet;
	struct net_backend *backends[ADAPTER_PORTS];
	struct net_capture *capture;
	struct receive_hold hold[ADAPTER_PORTS];
	u8 *tx_frame; /* NET_FRAME_MAX bytes: a frame on its way out */
	u8 *rx_frame; /* the same, one segment on its way in */
	u8 *wqe; /* WQE_BYTES_MAX */
};

/**
 * adapter_create - a card in its state after power-on
 * @config: copied; @backends: one a port, or NULL for none; owned by the
 *	adapter from now on
 *
 * Return: the adapter, or NULL with errno set (ENODEV: unknown device id).
 */
struct adapter *adapter_create(struct event_loop *loop,
			       const struct adapter_config *config,
			       struct net_backend *backends[ADAPTER_PORTS]);
void adapter_destroy(struct adapter *adapter);

/* Chip reset: all state but configuration, backends and faults is forgotten. */
void adapter_reset(struct adapter *adapter);
/* Stops everything and fills the catastrophic buffer. */
void adapter_catastrophic_error(struct adapter *adapter, u32 code);
/* Surprise removal; insertion is a power-on. */
void adapter_remove(struct adapter *adapter);
void adapter_insert(struct adapter *adapter);
/*
 * Pulls or plugs the cable of a port (1-based). The link needs the cable, the
 * backend's other side, and the module where the card takes one.
 */
void adapter_plug_cable(struct adapter *adapter, unsigned int port,
			bool plugged);
/* Return: 0, or -ENODEV if the card's ports take no modules. */
int adapter_plug_module(struct adapter *adapter, unsigned int port,
			bool present);

/* registers.c */
void adapter_bar0_read(struct adapter *adapter, u64 offset, u8 *data,
		       unsigned int length);
void adapter_bar0_write(struct adapter *adapter, u64 offset, const u8 *data,
			unsigned int length);
/* The same for dwords of configuration space; false: none of ours */
bool adapter_config_read(struct adapter *adapter, unsigned int offset,
			 u32 *value);
bool adapter_config_write(struct adapter *adapter, unsigned int offset,
			  u32 value);
/* Whether a write there may reset the card */
bool adapter_config_write_resets(const struct adapter *adapter,
				 unsigned int offset);
/* Core clock cycles since power-on */
u64 adapter_clock(const struct adapter *adapter);

/* doorbell.c */
void adapter_uar_write(struct adapter *adapter, u64 offset, const u8 *data,
		       unsigned int length);

/* command.c */
void command_post(struct adapter *adapter);
void command_reset(struct adapter *adapter);
const char *command_name(u16 opcode);
/* Return: the opcode of a CX_COMMANDS name, or -1. */
int command_opcode(const char *name);
/* Whether the opcode has a handler. */
bool command_implemented(u16 opcode);
const char *status_name(u8 status);

/* event.c: asynchronous events, routed as MAP_EQ said */
void adapter_event(struct adapter *adapter, u8 type, const u8 eqe[CX_EQE_SIZE]);
/* @port: 1-based */
void adapter_port_event(struct adapter *adapter, unsigned int port, bool up);
void adapter_command_event(struct adapter *adapter, u16 token, u8 status,
			   u64 out_imm);

/* receive.c. @port: 1-based. Return: false if the frame must be kept. */
bool adapter_receive(struct adapter *adapter, unsigned int port,
		     const struct net_frame *frame);
void adapter_receive_loopback(struct adapter *adapter,
			      const struct queue_pair *sender,
			      const struct net_frame *frame);
/* The guest may have posted buffers: try what was held back. */
void adapter_receive_resume(struct adapter *adapter);

/* Handlers, one table a file; those of the Ethernet half stand in
 * ethernet_commands.h
 */
extern const struct command_binding icm_commands[];
extern const struct command_binding hca_commands[];
extern const struct command_binding mpt_commands[];
extern const struct command_binding eq_commands[];
extern const struct command_binding cq_commands[];
extern const struct command_binding qp_commands[];

#endif
