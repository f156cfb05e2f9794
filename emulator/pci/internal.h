/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of a PCI function, each of which has a file: configuration space,
 * vital product data, interrupts, and pci_function.c, which joins them.
 */
#ifndef EMULATOR_PCI_INTERNAL_H
#define EMULATOR_PCI_INTERNAL_H

#include "emulator/pci/pci_function.h"
#include "emulator/transport/vfio_user.h"

#define PCI_CONFIG_SIZE 4096u
#define PCI_CONFIG_DWORDS (PCI_CONFIG_SIZE / 4)
#define PCI_MSIX_ENTRY 16u
#define PCI_BARS 6u

struct pci_config_space {
	uint8_t bytes[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE]; /* bits that a write changes */
	uint8_t initial[PCI_CONFIG_SIZE]; /* what a reset brings back */
	bool owned[PCI_CONFIG_DWORDS]; /* header and capabilities */
};

struct pci_vpd {
	uint8_t *image;
	size_t size;
	size_t writable_start, writable_end; /* the read-write resource */
};

struct pci_interrupts {
	int *msix_fds; /* -1: none */
	bool *msix_pending;
	unsigned int msix_count;
	int intx_fd;
	bool intx_level;
	bool intx_masked; /* by the client, or since it was signalled */
	struct loop_fd intx_unmask; /* an eventfd that unmasks; fd -1: none */
	int error_fd, request_fd;
};

struct pci_function {
	struct pci_function_config config;
	const struct pci_function_ops *ops;
	void *device;
	struct event_loop *loop;
	struct vfio_user_server *server;
	struct guest_memory *memory;
	struct loop_timer trim; /* files of memory that nobody maps any more */
	bool present;
	struct pci_config_space space;
	struct pci_vpd vpd;
	struct pci_interrupts interrupts;
	uint8_t *msix_table; /* for clients that do not keep it themselves */
};

/* --- config_space.c --- */

/* Lays out header and capabilities. Return: 0 or -EINVAL. */
int pci_config_init(struct pci_config_space *space,
		    const struct pci_function_config *config);
void pci_config_reset(struct pci_config_space *space);
uint16_t pci_config_get16(const struct pci_config_space *space,
			  unsigned int offset);
uint32_t pci_config_get32(const struct pci_config_space *space,
			  unsigned int offset);
void pci_config_put32(struct pci_config_space *space, unsigned int offset,
		      uint32_t value);
/* The size of the window that the expansion ROM of @size bytes needs */
uint32_t pci_rom_window(size_t size);
/* Gives the header the window of such a ROM, or takes it away (0). */
void pci_config_set_rom(struct pci_config_space *space, size_t size);

/* --- config_access.c --- */

void pci_config_read(struct pci_function *function, unsigned int offset,
		     uint8_t *data, size_t length);
/* With all that the write sets off: resets, VPD, bus mastering, interrupts */
void pci_config_write(struct pci_function *function, unsigned int offset,
		      const uint8_t *data, size_t length);
/* Whether that write would start a function level reset. */
bool pci_config_write_resets(const struct pci_function *function,
			     unsigned int offset, const uint8_t *data,
			     size_t length);

/* --- vpd.c --- */

int pci_vpd_init(struct pci_vpd *vpd, const uint8_t *image, size_t size);
void pci_vpd_release(struct pci_vpd *vpd);
/* @address in bytes, a multiple of 4; all ones past the end of the image */
uint32_t pci_vpd_read(const struct pci_vpd *vpd, unsigned int address);
void pci_vpd_write(struct pci_vpd *vpd, unsigned int address, uint32_t value);

/* --- interrupts.c --- */

int pci_interrupts_init(struct pci_interrupts *interrupts,
			unsigned int msix_vectors);
void pci_interrupts_release(struct pci_interrupts *interrupts);
/*
 * Starts a signal (SIGALRM) each second, which ends a write to a descriptor
 * that the client made blocking after it was handed over.
 */
int pci_interrupts_watch(void);
/* A reset: the pin down, nothing pending; the client's eventfds stay. */
void pci_interrupts_clear(struct pci_interrupts *interrupts);
/* The client has gone: its eventfds too. */
void pci_interrupts_drop(struct pci_interrupts *interrupts);
/* Delivers what waited, after something that held it back has changed. */
void pci_interrupts_update(struct pci_function *function);
/* As vfio_user_ops.set_irqs */
int pci_interrupts_set(struct pci_function *function, uint32_t flags,
		       unsigned int index, uint32_t start, uint32_t count,
		       const uint8_t *data, int *fds, unsigned int fd_count);

/* --- pci_function.c --- */

void pci_function_reset(struct pci_function *function, enum pci_reset kind);
/* Bus mastering, power state or presence may have changed. */
void pci_function_update_access(struct pci_function *function);
bool pci_function_powered(const struct pci_function *function);

#endif
