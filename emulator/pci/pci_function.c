// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/pci/pci_function.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/loop/container_of.h"
#include "emulator/loop/log.h"
#include "emulator/pci/internal.h"

/* How long the files of guest memory stay mapped after the last unmapping */
#define TRIM_NS 1000000000ULL
/* Configuration space must hold the table size in 11 bits. */
#define MSIX_VECTORS_MAX 2048u

static size_t msix_table_size(const struct pci_function *function)
{
	return (size_t)function->config.msix_vectors * PCI_MSIX_ENTRY;
}

static size_t msix_pba_size(const struct pci_function *function)
{
	return (function->config.msix_vectors + 63) / 64 * 8;
}

static void reset_msix_table(struct pci_function *function)
{
	memset(function->msix_table, 0, msix_table_size(function));
	for (unsigned int i = 0; i < function->config.msix_vectors; i++)
		function->msix_table[i * PCI_MSIX_ENTRY +
				     PCI_MSIX_ENTRY_VECTOR_CTRL] =
			PCI_MSIX_ENTRY_CTRL_MASKBIT;
}

bool pci_function_powered(const struct pci_function *function)
{
	unsigned int capability = function->config.cap_pm;

	return function->present &&
	       !(capability &&
		 pci_config_get16(&function->space, capability + PCI_PM_CTRL) &
			 PCI_PM_CTRL_STATE_MASK);
}

bool pci_function_bus_master(const struct pci_function *function)
{
	return pci_function_powered(function) &&
	       pci_config_get16(&function->space, PCI_COMMAND) &
		       PCI_COMMAND_MASTER;
}

void pci_function_update_access(struct pci_function *function)
{
	guest_memory_enable(function->memory,
			    pci_function_bus_master(function));
	pci_interrupts_update(function);
}

void pci_function_reset(struct pci_function *function, enum pci_reset kind)
{
	function->ops->reset(function->device, kind);
	pci_interrupts_clear(&function->interrupts);
	if (kind == PCI_RESET_DISCONNECT) {
		pci_interrupts_drop(&function->interrupts);
		loop_timer_stop(&function->trim);
		guest_memory_remove_all(function->memory);
	}
	reset_msix_table(function);
	pci_config_reset(&function->space);
	pci_function_update_access(function);
}

void pci_function_set_rom(struct pci_function *function, const uint8_t *rom,
			  size_t size)
{
	function->config.rom = rom;
	function->config.rom_size = rom ? size : 0;
	pci_config_set_rom(&function->space, function->config.rom_size);
}

void pci_function_set_present(struct pci_function *function, bool present)
{
	if (function->present == present)
		return;
	function->present = present;
	/* what comes back has lost all that it was told */
	pci_interrupts_clear(&function->interrupts);
	reset_msix_table(function);
	pci_config_reset(&function->space);
	pci_function_update_access(function);
}

bool pci_function_present(const struct pci_function *function)
{
	return function->present;
}

/* --- regions --- */

static int region_info(void *device, unsigned int index,
		       struct vfio_user_region *info)
{
	struct pci_function *function = device;

	*info = (struct vfio_user_region){ 0 };
	if (index < PCI_BARS)
		info->size = function->config.bar_size[index];
	else if (index == VFIO_USER_REGION_ROM)
		info->size = function->config.rom_size;
	else if (index == VFIO_USER_REGION_CONFIG)
		info->size = PCI_CONFIG_SIZE;
	if (info->size)
		info->flags = VFIO_USER_READABLE;
	if (info->size && index != VFIO_USER_REGION_ROM)
		info->flags |= VFIO_USER_WRITABLE;
	return 0;
}

static bool inside(uint64_t offset, uint64_t start, uint64_t size)
{
	return offset >= start && offset - start < size;
}

/* The largest naturally aligned access at @offset, at most @left bytes */
static unsigned int access_size(uint64_t offset, size_t left)
{
	unsigned int size = 8;

	while (size > left || offset & (size - 1))
		size >>= 1;
	return size;
}

/*
 * Where an access to @bar meets the MSI-X table or pending bits, which this
 * function answers itself. They are multiples of 8 bytes at multiples of 8, so
 * an aligned access is in or out of them as a whole.
 */
static bool read_msix(struct pci_function *function, unsigned int bar,
		      uint64_t offset, uint8_t *data, unsigned int size)
{
	const struct pci_function_config *config = &function->config;

	if (!config->msix_vectors || bar != config->msix_bar)
		return false;
	if (inside(offset, config->msix_table, msix_table_size(function))) {
		memcpy(data, function->msix_table + offset - config->msix_table,
		       size);
		return true;
	}
	/* the client keeps the pending bits of what it has masked */
	if (inside(offset, config->msix_pba, msix_pba_size(function))) {
		memset(data, 0, size);
		return true;
	}
	return false;
}

static bool write_msix(struct pci_function *function, unsigned int bar,
		       uint64_t offset, const uint8_t *data, unsigned int size)
{
	const struct pci_function_config *config = &function->config;

	if (!config->msix_vectors || bar != config->msix_bar)
		return false;
	if (inside(offset, config->msix_table, msix_table_size(function))) {
		memcpy(function->msix_table + offset - config->msix_table, data,
		       size);
		return true;
	}
	return inside(offset, config->msix_pba, msix_pba_size(function));
}

static void read_bar(struct pci_function *function, unsigned int bar,
		     uint64_t offset, uint8_t *data, size_t length)
{
	while (length) {
		unsigned int size = access_size(offset, length);
		uint64_t value = 0;

		if (!read_msix(function, bar, offset, (uint8_t *)&value, size))
			function->ops->bar_read(function->device, bar, offset,
						&value, size);
		memcpy(data, &value, size);
		data += size;
		offset += size;
		length -= size;
	}
}

static void write_bar(struct pci_function *function, unsigned int bar,
		      uint64_t offset, const uint8_t *data, size_t length)
{
	while (length && function->present) {
		unsigned int size = access_size(offset, length);
		uint64_t value = 0;

		memcpy(&value, data, size);
		if (!write_msix(function, bar, offset, (uint8_t *)&value, size))
			function->ops->bar_write(function->device, bar, offset,
						 &value, size);
		data += size;
		offset += size;
		length -= size;
	}
}

static int region_read(void *device, unsigned int index, uint64_t offset,
		       void *data, size_t length)
{
	struct pci_function *function = device;

	if (!function->present)
		memset(data, 0xff, length);
	else if (index < PCI_BARS)
		read_bar(function, index, offset, data, length);
	else if (index == VFIO_USER_REGION_ROM)
		memcpy(data, function->config.rom + offset, length);
	else
		pci_config_read(function, (unsigned int)offset, data, length);
	return 0;
}

static int region_write(void *device, unsigned int index, uint64_t offset,
			const void *data, size_t length)
{
	struct pci_function *function = device;

	if (index < PCI_BARS)
		write_bar(function, index, offset, data, length);
	else if (index == VFIO_USER_REGION_CONFIG)
		pci_config_write(function, (unsigned int)offset, data, length);
	return 0;
}

/* --- interrupts, memory, life --- */

static int irq_info(void *device, unsigned int index,
		    struct vfio_user_irq *info)
{
	struct pci_function *function = device;

	*info = (struct vfio_user_irq){ .count = 1,
					.flags = VFIO_USER_IRQ_EVENTFD };
	if (index == VFIO_USER_IRQ_INTX)
		info->flags |= VFIO_USER_IRQ_MASKABLE |
			       VFIO_USER_IRQ_AUTOMASKED;
	else if (index == VFIO_USER_IRQ_MSI)
		*info = (struct vfio_user_irq){ 0 };
	else if (index == VFIO_USER_IRQ_MSIX)
		info->count = function->config.msix_vectors;
	return 0;
}

static int set_irqs(void *device, uint32_t flags, unsigned int index,
		    uint32_t start, uint32_t count, const uint8_t *data,
		    int *fds, unsigned int fd_count)
{
	return pci_interrupts_set(device, flags, index, start, count, data, fds,
				  fd_count);
}

static void memory_changed(struct pci_function *function)
{
	if (function->ops->memory_changed)
		function->ops->memory_changed(function->device);
}

static int dma_map(void *device, uint64_t address, uint64_t size,
		   uint64_t offset, uint32_t flags, int fd)
{
	struct pci_function *function = device;
	int error = guest_memory_add(function->memory, address, size, fd,
				     offset, flags & VFIO_USER_DMA_WRITE);

	if (error)
		log_limited("vfio-user: map 0x%llx of 0x%llx bytes: %s",
			    (unsigned long long)address,
			    (unsigned long long)size, strerror(-error));
	else
		memory_changed(function);
	return error;
}

static int dma_unmap(void *device, uint64_t address, uint64_t size, bool all)
{
	struct pci_function *function = device;
	int error = 0;

	if (all)
		guest_memory_remove_all(function->memory);
	else
		error = guest_memory_remove(function->memory, address, size);
	if (!error) {
		memory_changed(function);
		loop_timer_start(function->loop, &function->trim, TRIM_NS);
	}
	return error;
}

static void trim(struct loop_timer *timer)
{
	struct pci_function *function =
		container_of(timer, struct pci_function, trim);

	guest_memory_trim(function->memory);
}

static int reset(void *device)
{
	pci_function_reset(device, PCI_RESET_BUS);
	return 0;
}

static void disconnected(void *device)
{
	pci_function_reset(device, PCI_RESET_DISCONNECT);
	memory_changed(device);
}

static bool write_resets(void *device, unsigned int index, uint64_t offset,
			 const void *data, size_t length)
{
	struct pci_function *function = device;

	if (index < PCI_BARS)
		return function->ops->bar_write_resets &&
		       function->ops->bar_write_resets(function->device, index,
						       offset, length);
	if (index != VFIO_USER_REGION_CONFIG || offset >= PCI_CONFIG_SIZE ||
	    length > PCI_CONFIG_SIZE - offset)
		return false;
	if (function->ops->config_write_resets &&
	    function->ops->config_write_resets(function->device,
					       (unsigned int)offset & ~3u))
		return true;
	return pci_config_write_resets(function, (unsigned int)offset, data,
				       length);
}

static const struct vfio_user_ops transport_ops = {
	.region_info = region_info,
	.irq_info = irq_info,
	.region_read = region_read,
	.region_write = region_write,
	.set_irqs = set_irqs,
	.dma_map = dma_map,
	.dma_unmap = dma_unmap,
	.reset = reset,
	.write_resets = write_resets,
	.disconnected = disconnected,
};

static int message_read(void *context, uint64_t address, void *to,
			size_t length)
{
	struct pci_function *function = context;

	return vfio_user_server_dma_read(function->server, address, to, length);
}

static int message_write(void *context, uint64_t address, const void *from,
			 size_t length)
{
	struct pci_function *function = context;

	return vfio_user_server_dma_write(function->server, address, from,
					  length);
}

static const struct guest_memory_messages memory_messages = {
	.read = message_read,
	.write = message_write,
};

static bool msix_fits(const struct pci_function *function)
{
	const struct pci_function_config *config = &function->config;
	uint64_t table_end = config->msix_table + msix_table_size(function);
	uint64_t pba_end = config->msix_pba + msix_pba_size(function);
	uint64_t bar;

	if (!config->msix_vectors)
		return !config->cap_msix;
	if (config->msix_bar >= PCI_BARS ||
	    config->msix_vectors > MSIX_VECTORS_MAX)
		return false;
	bar = config->bar_size[config->msix_bar];
	return !(config->msix_table % 8) && !(config->msix_pba % 8) &&
	       table_end <= bar && pba_end <= bar &&
	       (table_end <= config->msix_pba || pba_end <= config->msix_table);
}

static bool valid(const struct pci_function *function)
{
	const struct pci_function_config *config = &function->config;

	for (unsigned int i = 0; i < PCI_BARS; i++) {
		uint64_t size = config->bar_size[i];

		if (size && (i % 2 || size < 16 || size & (size - 1)))
			return false;
	}
	return msix_fits(function) && config->rom_size <= 1u << 30 &&
	       (config->rom || !config->rom_size) &&
	       (config->vpd || !config->vpd_size) && config->link_speed <= 6 &&
	       config->link_width <= 32;
}

struct pci_function *
pci_function_create(const struct pci_function_config *config,
		    const struct pci_function_ops *ops, void *device)
{
	struct pci_function *function = calloc(1, sizeof(*function));
	int error;

	if (!function)
		return NULL;
	function->config = *config;
	function->ops = ops;
	function->device = device;
	function->present = true;
	function->trim.expired = trim;
	error = valid(function) ? 0 : -EINVAL;
	if (!error)
		error = pci_config_init(&function->space, config);
	if (!error)
		error = pci_interrupts_init(&function->interrupts,
					    config->msix_vectors);
	if (!error)
		error = pci_vpd_init(&function->vpd, config->vpd,
				     config->vpd_size);
	if (!error) {
		function->memory = guest_memory_create();
		function->msix_table = malloc(msix_table_size(function) + 1);
		if (!function->memory || !function->msix_table)
			error = -ENOMEM;
	}
	if (error) {
		pci_function_destroy(function);
		errno = -error;
		return NULL;
	}
	reset_msix_table(function);
	return function;
}

/* What a client's leaving calls while the device is taken down: nobody */
static void no_reset(void *device, enum pci_reset kind)
{
}

void pci_function_destroy(struct pci_function *function)
{
	static const struct pci_function_ops no_ops = { .reset = no_reset };

	if (!function)
		return;
	function->ops = &no_ops;
	vfio_user_server_destroy(function->server);
	loop_timer_stop(&function->trim);
	pci_interrupts_release(&function->interrupts);
	pci_vpd_release(&function->vpd);
	guest_memory_destroy(function->memory);
	free(function->msix_table);
	free(function);
}

int pci_function_serve(struct pci_function *function, struct event_loop *loop,
		       const char *socket_path)
{
	int error = 0;

	if (function->server)
		return -EBUSY;
	if (socket_path)
		error = pci_interrupts_watch();
	if (error)
		return error;
	function->loop = loop;
	function->server = vfio_user_server_create(loop, socket_path,
						   &transport_ops, function);
	if (!function->server)
		return -errno;
	guest_memory_set_messages(function->memory, &memory_messages, function);
	return 0;
}

int pci_function_attach(struct pci_function *function, int fd)
{
	return vfio_user_server_attach(function->server, fd);
}

bool pci_function_connected(const struct pci_function *function)
{
	return function->server && vfio_user_server_connected(function->server);
}

struct guest_memory *pci_function_memory(struct pci_function *function)
{
	return function->memory;
}
