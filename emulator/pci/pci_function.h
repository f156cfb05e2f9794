/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PCI Express function as a vfio-user client sees it: configuration space
 * with PM, MSI-X, PCI Express (FLR) and serial number capabilities, BARs,
 * expansion ROM, MSI-X and INTx delivery, reset. It knows nothing of what the
 * device behind the BARs does.
 */
#ifndef EMULATOR_PCI_PCI_FUNCTION_H
#define EMULATOR_PCI_PCI_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emulator/loop/event_loop.h"
#include "emulator/memory/guest_memory.h"

struct pci_function;

enum pci_reset {
	PCI_RESET_BUS, /* the client's DEVICE_RESET, a guest reboot */
	PCI_RESET_FLR, /* Device Control bit 15 */
	PCI_RESET_DISCONNECT, /* the client has gone */
};

/*
 * What the device behind the function implements. @data is the bytes of the
 * access in bus order. BAR accesses are 1, 2, 4 or 8 bytes, inside of the BAR.
 */
struct pci_function_ops {
	/* What no one fills in of @data reads as zero. */
	void (*bar_read)(void *device, unsigned int bar, uint64_t offset,
			 void *data, unsigned int length);
	void (*bar_write)(void *device, unsigned int bar, uint64_t offset,
			  const void *data, unsigned int length);
	void (*reset)(void *device, enum pci_reset kind);
	/*
	 * Optional: true if a write to these bytes may reset the device. It
	 * does not happen while a copy waits for the client, as others do.
	 */
	bool (*bar_write_resets)(void *device, unsigned int bar,
				 uint64_t offset, size_t length);
	/*
	 * Optional: accesses to dwords of configuration space that are
	 * neither header nor capability. A write of less than a dword is
	 * merged with what @config_read says. Return true if the access was
	 * taken. A client's snapshot of the whole space asks for nothing.
	 */
	bool (*config_read)(void *device, unsigned int offset, uint32_t *value);
	bool (*config_write)(void *device, unsigned int offset, uint32_t value);
	/* Optional: as @bar_write_resets, for a dword that @config_write takes */
	bool (*config_write_resets)(void *device, unsigned int offset);
	/* Optional: the client is mapped or unmapped memory (a new generation) */
	void (*memory_changed)(void *device);
};

struct pci_function_config {
	uint16_t vendor, device, subsystem_vendor, subsystem_device;
	uint8_t revision;
	uint32_t class_code; /* 24 bits */
	uint64_t bar_size[6]; /* 0 = absent; even BARs are 64-bit memory */
	bool bar_prefetchable[6];
	unsigned int msix_vectors;
	unsigned int msix_bar;
	uint32_t msix_table, msix_pba; /* offsets in that BAR */
	unsigned int cap_pm, cap_msix, cap_pcie, cap_vpd; /* 0 = leave out */
	unsigned int ext_cap_serial; /* 0 = leave out */
	uint64_t serial;
	unsigned int link_speed; /* PCIe generation 1, 2, 3 */
	unsigned int link_width;
	/*
	 * VPD image, or NULL; it is copied. The guest may write to its
	 * read-write resource, which keeps that until the function ends.
	 */
	const uint8_t *vpd;
	size_t vpd_size;
	/* expansion ROM image, or NULL; it stays the caller's and in place */
	const uint8_t *rom;
	size_t rom_size;
};

/**
 * pci_function_create - a function that nobody is connected to
 * @config: what it is; copied
 * @ops: what is behind it; must live as long as the function
 *
 * Return: the function, which the caller destroys, or NULL with errno set:
 * EINVAL if sizes are not powers of 2, structures overlap or do not fit.
 */
struct pci_function *
pci_function_create(const struct pci_function_config *config,
		    const struct pci_function_ops *ops, void *device);
/* Leaves the client without a call to @reset, and frees everything. */
void pci_function_destroy(struct pci_function *function);

/**
 * pci_function_serve - offer the function to vfio-user clients
 * @socket_path: where to listen, see vfio_user_server_create(); NULL listens
 *	nowhere, and clients come by pci_function_attach()
 *
 * With a path it also takes SIGALRM and the interval timer of real time: a
 * descriptor for interrupts that turns out to block must not stop the process.
 *
 * Return: 0 or -errno.
 */
int pci_function_serve(struct pci_function *function, struct event_loop *loop,
		       const char *socket_path);
/* Makes a connected socket the client. Return: 0 (owns @fd) or -errno. */
int pci_function_attach(struct pci_function *function, int fd);
/* True while a client is connected and has negotiated. */
bool pci_function_connected(const struct pci_function *function);

struct guest_memory *pci_function_memory(struct pci_function *function);

/*
 * Raises an MSI-X vector. If the guest has not given it an eventfd yet, or bus
 * mastering is off, one pending event is remembered and delivered when it can
 * be. Nothing happens while MSI-X is disabled.
 */
void pci_function_raise_msix(struct pci_function *function,
			     unsigned int vector);
/* True while the guest has MSI-X enabled in the capability. */
bool pci_function_msix_enabled(const struct pci_function *function);
/* Sets the level of the INTx pin. */
void pci_function_set_intx(struct pci_function *function, bool level);
/* True while the guest lets the function master the bus, in D0. */
bool pci_function_bus_master(const struct pci_function *function);
/*
 * Tells the client that the device is lost. QEMU stops the guest for good:
 * only for a process that is about to end.
 */
void pci_function_signal_error(struct pci_function *function);

/*
 * Another expansion ROM, as config.rom, or NULL and 0. Only while the function
 * has no client, or with its DISCONNECT reset: a client has looked at the
 * window's size.
 */
void pci_function_set_rom(struct pci_function *function, const uint8_t *rom,
			  size_t size);

/* As if the card had been pulled: every read answers ones, writes vanish. */
void pci_function_set_present(struct pci_function *function, bool present);
bool pci_function_present(const struct pci_function *function);

#endif
