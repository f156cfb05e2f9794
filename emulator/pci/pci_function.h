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
	void (*bar_read)(void *device, unsigned int bar, uint64_t offset,
			 void *data, unsigned int length);
	void (*bar_write)(void *device, unsigned int bar, uint64_t offset,
			  const void *data, unsigned int length);
	void (*reset)(void *device, enum pci_reset kind);
	/*
	 * Optional: accesses to the vendor's own dwords of configuration
	 * space. Return true if the access was taken.
	 */
	bool (*config_read)(void *device, unsigned int offset, uint32_t *value);
	bool (*config_write)(void *device, unsigned int offset, uint32_t value);
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
	const uint8_t *vpd; /* VPD image, or NULL */
	size_t vpd_size;
	const uint8_t *rom; /* expansion ROM image, or NULL */
	size_t rom_size;
};

struct pci_function *pci_function_create(const struct pci_function_config *config,
					 const struct pci_function_ops *ops,
					 void *device);
void pci_function_destroy(struct pci_function *function);

struct guest_memory *pci_function_memory(struct pci_function *function);

/*
 * Raises an MSI-X vector. If the guest has not given it an eventfd yet, one
 * pending event is remembered and delivered when it does.
 */
void pci_function_raise_msix(struct pci_function *function, unsigned int vector);
/* True while the guest has MSI-X enabled in the capability. */
bool pci_function_msix_enabled(const struct pci_function *function);
/* Sets the level of the INTx pin. */
void pci_function_set_intx(struct pci_function *function, bool level);

/* As if the card had been pulled: every read answers ones, writes vanish. */
void pci_function_set_present(struct pci_function *function, bool present);

#endif
