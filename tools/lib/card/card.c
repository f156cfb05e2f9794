// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/card/card.h"

#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "connectx/ids.h"
#include "connectx/registers.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"

/* --- configuration space --- */

static int config_read(const struct card *card, unsigned int at, void *data,
		       size_t size, struct failure *why)
{
	ssize_t got = pread(card->config, data, size, at);

	if (got == (ssize_t)size)
		return 0;
	return fail(why, got < 0 ? -errno : -EIO,
		    "%s: cannot read configuration space at 0x%x: %s",
		    card->address, at,
		    got < 0 ? strerror(errno) : "only root can");
}

static int config_write(const struct card *card, unsigned int at,
			const void *data, size_t size, struct failure *why)
{
	ssize_t done = pwrite(card->config, data, size, at);

	if (done == (ssize_t)size)
		return 0;
	return fail(why, done < 0 ? -errno : -EIO,
		    "%s: cannot write configuration space at 0x%x: %s",
		    card->address, at, done < 0 ? strerror(errno) : "cut off");
}

static int config_write32(const struct card *card, unsigned int at,
			  uint32_t value, struct failure *why)
{
	uint8_t bytes[4];

	put_le32(bytes, value);
	return config_write(card, at, bytes, sizeof(bytes), why);
}

static int gateway_read(struct cr_space *cr, uint32_t address, uint32_t *value,
			struct failure *why)
{
	const struct card *card = (const struct card *)cr;
	uint8_t bytes[4];
	int err = config_write32(card, CX_PCI_CR_ADDRESS, address, why);

	if (!err)
		err = config_read(card, CX_PCI_CR_DATA, bytes, sizeof(bytes),
				  why);
	if (!err)
		*value = get_le32(bytes);
	return err;
}

static int gateway_write(struct cr_space *cr, uint32_t address, uint32_t value,
			 struct failure *why)
{
	const struct card *card = (const struct card *)cr;
	int err = config_write32(card, CX_PCI_CR_ADDRESS, address, why);

	return err ? err : config_write32(card, CX_PCI_CR_DATA, value, why);
}

/* --- BAR0 --- */

static int bar0_read(struct cr_space *cr, uint32_t address, uint32_t *value,
		     struct failure *why)
{
	const volatile uint32_t *bar0 = ((struct card *)cr)->bar0;

	*value = cx_be32_to_cpu(bar0[address / 4]);
	return 0;
}

static int bar0_write(struct cr_space *cr, uint32_t address, uint32_t value,
		      struct failure *why)
{
	volatile uint32_t *bar0 = ((struct card *)cr)->bar0;

	bar0[address / 4] = cx_cpu_to_be32(value);
	return 0;
}

/* A card without a driver may have its memory switched off. */
static int enable_memory(struct card *card, struct failure *why)
{
	uint8_t command[2];
	int err = config_read(card, PCI_COMMAND, command, sizeof(command), why);

	if (err || command[0] & PCI_COMMAND_MEMORY)
		return err;
	command[0] |= PCI_COMMAND_MEMORY;
	err = config_write(card, PCI_COMMAND, command, sizeof(command), why);
	card->enabled_memory = !err;
	return err;
}

static void disable_memory(struct card *card)
{
	uint8_t command[2];

	if (!card->enabled_memory ||
	    config_read(card, PCI_COMMAND, command, sizeof(command), NULL))
		return;
	command[0] &= ~PCI_COMMAND_MEMORY;
	config_write(card, PCI_COMMAND, command, sizeof(command), NULL);
}

static int map_bar0(struct card *card, const char *folder, struct failure *why)
{
	char path[512];
	void *mapped;
	int fd, error;

	snprintf(path, sizeof(path), "%s/resource0", folder);
	fd = open(path, O_RDWR | O_CLOEXEC | O_SYNC);
	if (fd < 0)
		return fail(why, -errno,
			    "%s: %s (--access config goes another way)", path,
			    strerror(errno));
	mapped = mmap(NULL, CX_BAR0_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	error = errno;
	close(fd);
	if (mapped == MAP_FAILED)
		return fail(why, -error,
			    "%s: cannot be mapped: %s (--access config goes"
			    " another way)",
			    path, strerror(error));
	card->bar0 = mapped;
	return enable_memory(card, why);
}

/* --- the card --- */

/* "04:00.0" to "0000:04:00.0" */
static int read_address(struct card *card, const char *name,
			struct failure *why)
{
	unsigned int domain = 0, bus, slot, function;
	char rest;

	if (sscanf(name, "%4x:%2x:%2x.%1x%c", &domain, &bus, &slot, &function,
		   &rest) != 4) {
		domain = 0;
		if (sscanf(name, "%2x:%2x.%1x%c", &bus, &slot, &function,
			   &rest) != 3)
			return fail(why, -EINVAL,
				    "%s: no PCI address such as 04:00.0"
				    " (lspci -d 15b3: shows them)",
				    name);
	}
	snprintf(card->address, sizeof(card->address), "%04x:%02x:%02x.%x",
		 domain & 0xffff, bus & 0xff, slot & 0x1f, function & 7);
	return 0;
}

static bool is_ours(uint16_t device)
{
#define DEVICE(id, silicon, text, generation, ethernet, speed) \
	case id:                                               \
		return true;
	switch (device) {
		CX_PCI_DEVICES(DEVICE)
	}
#undef DEVICE
	return false;
}

static int identify(struct card *card, struct failure *why)
{
	uint8_t header[4];
	int err = config_read(card, PCI_VENDOR_ID, header, sizeof(header), why);

	if (err)
		return err;
	card->device = get_le16(header + PCI_DEVICE_ID);
	if (get_le16(header) != CX_PCI_VENDOR_ID || !is_ours(card->device))
		return fail(why, -ENODEV,
			    "%s: device %04x:%04x is no ConnectX (lspci -d"
			    " 15b3: shows them)",
			    card->address, get_le16(header), card->device);
	return 0;
}

int card_open(struct card *card, const char *name, enum card_access access,
	      const char *sysfs, struct failure *why)
{
	static const struct cr_space_ops by_bar0 = { bar0_read, bar0_write };
	static const struct cr_space_ops by_config = { gateway_read,
						       gateway_write };
	char folder[256], path[512];
	int err;

	*card = (struct card){ .access = access, .config = -1 };
	err = read_address(card, name, why);
	if (err)
		return err;
	snprintf(folder, sizeof(folder), "%s/bus/pci/devices/%s", sysfs,
		 card->address);
	snprintf(path, sizeof(path), "%s/config", folder);
	card->config = open(path, O_RDWR | O_CLOEXEC | O_SYNC);
	if (card->config < 0)
		return fail(why, -errno, "%s: %s%s", card->address,
			    errno == ENOENT ? "no such device" :
					      strerror(errno),
			    errno == EACCES ? " (only root may)" : "");
	card->cr.ops = access == CARD_BAR0 ? &by_bar0 : &by_config;
	err = identify(card, why);
	if (!err && access == CARD_BAR0)
		err = map_bar0(card, folder, why);
	if (err)
		card_close(card);
	return err;
}

void card_close(struct card *card)
{
	disable_memory(card);
	if (card->bar0)
		munmap(card->bar0, CX_BAR0_SIZE);
	if (card->config >= 0)
		close(card->config);
	card->bar0 = NULL;
	card->config = -1;
}
