// SPDX-License-Identifier: GPL-2.0-only
/*
 * The card as a whole: creation, reset, catastrophic error, and where the
 * PCI function's accesses go.
 */
#include <errno.h>
#include <stdlib.h>

#include "emulator/adapter/adapter.h"
#include "emulator/adapter/device/device_limits.h"
#include "emulator/adapter/data/transmit.h"

/* In front of a frame on its way out: room for a VLAN tag */
#define FRAME_HEADROOM 64
#define SETTLING_NS 10000000ULL

bool adapter_memory_settling(struct adapter *adapter)
{
	return loop_now() - adapter->memory_changed < SETTLING_NS;
}

static void bar_read(void *device, unsigned int bar, u64 offset, void *data,
		     unsigned int length)
{
	if (bar == CX_BAR_DCS)
		adapter_bar0_read(device, offset, data, length);
	else
		memset(data, 0, length);
}

static void bar_write(void *device, unsigned int bar, u64 offset,
		      const void *data, unsigned int length)
{
	if (bar == CX_BAR_DCS)
		adapter_bar0_write(device, offset, data, length);
	else if (bar == CX_BAR_UAR)
		adapter_uar_write(device, offset, data, length);
}

static bool bar_write_resets(void *device, unsigned int bar, u64 offset,
			     size_t length)
{
	return bar == CX_BAR_DCS && offset < CX_REG_RESET + 4 &&
	       offset + length > CX_REG_RESET;
}

static bool config_read(void *device, unsigned int offset, u32 *value)
{
	return adapter_config_read(device, offset, value);
}

static bool config_write(void *device, unsigned int offset, u32 value)
{
	return adapter_config_write(device, offset, value);
}

static bool config_write_resets(void *device, unsigned int offset)
{
	return adapter_config_write_resets(device, offset);
}

static void forget_all(struct adapter *adapter)
{
	command_reset(adapter);
	queues_reset(adapter);
	ethernet_reset(adapter);
	memory_regions_reset(&adapter->regions);
	icm_reset(&adapter->icm);
	memset(adapter->init_hca, 0, sizeof(adapter->init_hca));
	memset(adapter->catastrophic, 0, sizeof(adapter->catastrophic));
	memset(adapter->hold, 0, sizeof(adapter->hold));
	adapter->hca_up = false;
	adapter->running = false;
	adapter->dead = false;
	adapter->owned = false;
	adapter->semaphore = false;
	adapter->reads_block = false;
	memset(&adapter->cr_gateway, 0, sizeof(adapter->cr_gateway));
	adapter->fa_pages = 0;
	adapter->aux_pages = 0;
	pci_function_set_intx(adapter->pci, false);
	for (unsigned int i = 0; i < ADAPTER_PORTS; i++)
		if (adapter->backends[i])
			adapter->backends[i]->ops->pause(adapter->backends[i],
							 false);
}

static void ready_expired(struct loop_timer *timer)
{
	struct adapter *adapter =
		container_of(timer, struct adapter, ready_timer);

	pci_function_set_present(adapter->pci, true);
}

static void observe_reset(struct adapter *adapter, enum adapter_reset_kind kind)
{
	struct adapter_observer *observer = adapter->observer;

	if (observer && observer->reset)
		observer->reset(observer, kind);
}

static void start_up(struct adapter *adapter)
{
	if (!adapter->config.ready_ns) {
		pci_function_set_present(adapter->pci, true);
		return;
	}
	pci_function_set_present(adapter->pci, false);
	loop_timer_start(adapter->loop, &adapter->ready_timer,
			 adapter->config.ready_ns);
}

/* A card that is not ready yet answers like no card at all. */
void adapter_reset(struct adapter *adapter)
{
	if (faults_strike(&adapter->faults, DATA_FAULT_RESET_LOST))
		return;
	forget_all(adapter);
	if (adapter->config.ready_ns)
		start_up(adapter);
	observe_reset(adapter, ADAPTER_RESET_CHIP);
}

void adapter_remove(struct adapter *adapter)
{
	loop_timer_stop(&adapter->ready_timer);
	adapter->removed = true;
	pci_function_set_present(adapter->pci, false);
	forget_all(adapter);
}

void adapter_insert(struct adapter *adapter)
{
	if (!adapter->removed)
		return;
	adapter->removed = false;
	start_up(adapter);
}

/* --rom, or what was burned into the flash */
static void show_rom(struct adapter *adapter)
{
	const u8 *rom;
	size_t size;

	if (adapter->config.rom || !adapter->config.flash)
		return;
	rom = flash_look_for_rom(adapter->config.flash, &size);
	pci_function_set_rom(adapter->pci, rom, size);
}

static void function_reset(void *device, enum pci_reset kind)
{
	static const enum adapter_reset_kind kinds[] = {
		[PCI_RESET_BUS] = ADAPTER_RESET_BUS,
		[PCI_RESET_FLR] = ADAPTER_RESET_FLR,
		[PCI_RESET_DISCONNECT] = ADAPTER_RESET_DISCONNECT,
	};
	struct adapter *adapter = device;

	/* It may come while the card is still busy with a chip reset. */
	loop_timer_stop(&adapter->ready_timer);
	pci_function_set_present(adapter->pci, !adapter->removed);
	forget_all(adapter);
	/* a client that has gone is the power going off */
	if (kind == PCI_RESET_DISCONNECT)
		show_rom(adapter);
	observe_reset(adapter, kinds[kind]);
}

static void memory_changed(void *device)
{
	struct adapter *adapter = device;

	adapter->memory_changed = loop_now();
}

static const struct pci_function_ops function_ops = {
	.bar_read = bar_read,
	.bar_write = bar_write,
	.bar_write_resets = bar_write_resets,
	.config_read = config_read,
	.config_write = config_write,
	.config_write_resets = config_write_resets,
	.reset = function_reset,
	.memory_changed = memory_changed,
};

void adapter_catastrophic_error(struct adapter *adapter, u32 code)
{
	queues_reset(adapter);
	command_reset(adapter);
	adapter->dead = true;
	for (unsigned int i = 0; i < CX_CATASTROPHIC_DWORDS; i++)
		cx_store_be32(adapter->catastrophic + 4 * i, code + i);
}

static bool frame_arrived(void *context, const struct net_frame *frame)
{
	struct port *port = context;

	return adapter_receive(port->adapter, port->number, frame);
}

static void backend_writable(void *context)
{
	struct port *port = context;
	struct adapter *adapter = port->adapter;

	if (adapter->queues.send_first)
		loop_work_queue(adapter->loop, &adapter->queues.send_work);
}

static void update_physical_link(struct adapter *adapter, unsigned int port)
{
	const struct net_backend *backend = adapter->backends[port - 1];
	struct port *self = &adapter->ports[port - 1];
	bool cage_filled = adapter->ethernet.profile.twisted_pair ||
			   self->module_present;

	port_set_physical_link(self, backend && backend->up &&
					     !adapter->unplugged[port - 1] &&
					     cage_filled);
}

void adapter_plug_cable(struct adapter *adapter, unsigned int port,
			bool plugged)
{
	adapter->unplugged[port - 1] = !plugged;
	update_physical_link(adapter, port);
}

int adapter_plug_module(struct adapter *adapter, unsigned int port,
			bool present)
{
	if (adapter->ethernet.profile.twisted_pair)
		return -ENODEV;
	adapter->ports[port - 1].module_present = present;
	update_physical_link(adapter, port);
	return 0;
}

static void backend_link(void *context, bool up)
{
	const struct port *port = context;

	update_physical_link(port->adapter, port->number);
}

static void attach_backends(struct adapter *adapter,
			    struct net_backend *backends[ADAPTER_PORTS])
{
	for (unsigned int i = 0; i < ADAPTER_PORTS; i++) {
		struct net_backend *backend = backends[i];

		adapter->backends[i] = backend;
		if (!backend)
			continue;
		backend->events = (struct net_backend_events){
			.receive = frame_arrived,
			.writable = backend_writable,
			.link = backend_link,
			.context = &adapter->ports[i],
		};
		update_physical_link(adapter, i + 1);
	}
}

static struct pci_function *create_function(struct adapter *adapter)
{
	const struct profile *profile = &adapter->ethernet.profile;
	struct pci_function_config config = {
		.vendor = CX_PCI_VENDOR_ID,
		.device = profile->device_id,
		.subsystem_vendor = CX_PCI_VENDOR_ID,
		.subsystem_device = profile->device_id,
		.revision = profile->revision,
		.class_code = CX_PCI_CLASS_ETHERNET,
		.msix_vectors = adapter->config.msix_vectors,
		.msix_bar = CX_BAR_DCS,
		.msix_table = CX_REG_MSIX_TABLE,
		.msix_pba = CX_REG_MSIX_PBA,
		.cap_pm = CX_PCI_CAP_PM,
		.cap_msix = CX_PCI_CAP_MSIX,
		.cap_pcie = CX_PCI_CAP_PCIE,
		.ext_cap_serial = CX_PCI_EXT_CAP_SERIAL,
		.serial = adapter->ports[0].guid,
		.link_speed = profile->pcie_generation,
		.link_width = 8,
		.rom = adapter->config.rom,
		.rom_size = adapter->config.rom_size,
	};

	config.bar_size[CX_BAR_DCS] = CX_BAR0_SIZE;
	config.bar_size[CX_BAR_UAR] = adapter->config.bar2_size;
	config.bar_prefetchable[CX_BAR_UAR] = true;
	return pci_function_create(&config, &function_ops, adapter);
}

static int init_parts(struct adapter *adapter)
{
	struct ethernet_config ethernet = {
		.device_id = adapter->config.device_id,
	};
	int error;

	for (unsigned int i = 0; i < ADAPTER_PORTS; i++) {
		memcpy(ethernet.ports[i].mac, adapter->config.mac[i], 6);
		ethernet.ports[i].training_ns =
			adapter->config.link_training_ns;
	}
	error = ethernet_init(adapter, adapter->loop, &ethernet);
	if (error)
		return error;
	profile_set_uar(&adapter->ethernet.profile, adapter->config.bar2_size,
			adapter->config.blueflame);
	adapter->tx_frame = malloc(NET_FRAME_MAX + 2 * FRAME_HEADROOM);
	adapter->rx_frame = malloc(NET_FRAME_MAX + 2 * FRAME_HEADROOM);
	adapter->wqe = malloc(WQE_BYTES_MAX);
	if (!adapter->tx_frame || !adapter->rx_frame || !adapter->wqe)
		return -ENOMEM;
	adapter->tx_frame += FRAME_HEADROOM;
	adapter->pci = create_function(adapter);
	if (!adapter->pci)
		return -errno;
	adapter->memory = pci_function_memory(adapter->pci);
	show_rom(adapter);
	return 0;
}

struct adapter *adapter_create(struct event_loop *loop,
			       const struct adapter_config *config,
			       struct net_backend *backends[ADAPTER_PORTS])
{
	struct adapter *adapter = calloc(1, sizeof(*adapter));
	int error;

	if (!adapter)
		return NULL;
	adapter->config = *config;
	adapter->loop = loop;
	adapter->clock_start = loop_now();
	adapter->ready_timer.expired = ready_expired;
	adapter->ready_timer.loop = loop;
	queues_init(adapter);
	error = init_parts(adapter);
	if (error) {
		adapter_destroy(adapter);
		errno = -error;
		return NULL;
	}
	attach_backends(adapter, backends);
	return adapter;
}

void adapter_destroy(struct adapter *adapter)
{
	if (!adapter)
		return;
	loop_timer_stop(&adapter->ready_timer);
	if (adapter->pci)
		forget_all(adapter);
	for (unsigned int i = 0; i < ADAPTER_PORTS; i++)
		net_backend_destroy(adapter->backends[i]);
	ethernet_destroy(adapter);
	if (adapter->pci)
		pci_function_destroy(adapter->pci);
	if (adapter->tx_frame)
		free(adapter->tx_frame - FRAME_HEADROOM);
	free(adapter->rx_frame);
	free(adapter->wqe);
	free(adapter);
}
