// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to configuration space and what a write sets off.
 */
#include <linux/pci_regs.h>
#include <string.h>

#include "emulator/pci/internal.h"

/* True if a write of @length at @offset touches one of @size bytes at @what */
static bool touches(unsigned int offset, size_t length, unsigned int what,
		    unsigned int size)
{
	return offset < what + size && offset + length > what;
}

/*
 * The dword at @offset as the device behind the function says; false if it
 * belongs to the function or the device does not know it.
 */
static bool device_dword(struct pci_function *function, unsigned int offset,
			 uint32_t *value)
{
	return !function->space.owned[offset / 4] &&
	       function->ops->config_read &&
	       function->ops->config_read(function->device, offset, value);
}

void pci_config_read(struct pci_function *function, unsigned int offset,
		     uint8_t *data, size_t length)
{
	unsigned int dword = offset & ~3u;
	uint8_t merged[4];
	uint32_t value;

	if (!function->present) {
		memset(data, 0xff, length);
		return;
	}
	memcpy(data, function->space.bytes + offset, length);
	/* a snapshot must not set off what the device does on a read */
	if (offset + length > dword + 4 ||
	    !device_dword(function, dword, &value))
		return;
	for (unsigned int i = 0; i < 4; i++)
		merged[i] = (uint8_t)(value >> 8 * i);
	memcpy(data, merged + (offset - dword), length);
}

/* True if the device behind the function took the write. */
static bool write_device_dword(struct pci_function *function,
			       unsigned int offset, const uint8_t *data,
			       size_t length)
{
	unsigned int dword = offset & ~3u;
	uint32_t value = 0;

	if (offset + length > dword + 4 || function->space.owned[dword / 4] ||
	    !function->ops->config_write)
		return false;
	if (length < 4)
		device_dword(function, dword, &value);
	for (size_t i = 0; i < length; i++) {
		unsigned int shift = 8 * (offset - dword + (unsigned int)i);

		value &= ~((uint32_t)0xff << shift);
		value |= (uint32_t)data[i] << shift;
	}
	return function->ops->config_write(function->device, dword, value);
}

/* The flag in the address starts a transfer and is inverted at its end. */
static void run_vpd(struct pci_function *function, unsigned int capability)
{
	struct pci_config_space *space = &function->space;
	uint8_t *flag = &space->bytes[capability + PCI_VPD_ADDR + 1];
	unsigned int address =
		pci_config_get16(space, capability + PCI_VPD_ADDR) &
		PCI_VPD_ADDR_MASK & ~3u;

	if (*flag & PCI_VPD_ADDR_F >> 8)
		pci_vpd_write(&function->vpd, address,
			      pci_config_get32(space,
					       capability + PCI_VPD_DATA));
	else
		pci_config_put32(space, capability + PCI_VPD_DATA,
				 pci_vpd_read(&function->vpd, address));
	*flag ^= PCI_VPD_ADDR_F >> 8;
}

static void keep_power_state(struct pci_function *function,
			     unsigned int capability, uint8_t old)
{
	uint8_t *control = &function->space.bytes[capability + PCI_PM_CTRL];
	unsigned int state = *control & PCI_PM_CTRL_STATE_MASK;

	/* a write of a state that there is not changes nothing */
	if (state == 1 || state == 2)
		*control = (uint8_t)((*control & ~PCI_PM_CTRL_STATE_MASK) |
				     (old & PCI_PM_CTRL_STATE_MASK));
}

bool pci_config_write_resets(const struct pci_function *function,
			     unsigned int offset, const uint8_t *data,
			     size_t length)
{
	unsigned int capability = function->config.cap_pcie;
	unsigned int flr = capability + PCI_EXP_DEVCTL + 1;

	return capability && touches(offset, length, flr, 1) &&
	       data[flr - offset] & PCI_EXP_DEVCTL_BCR_FLR >> 8;
}

void pci_config_write(struct pci_function *function, unsigned int offset,
		      const uint8_t *data, size_t length)
{
	struct pci_config_space *space = &function->space;
	const struct pci_function_config *config = &function->config;
	uint8_t old_power;

	if (!function->present ||
	    write_device_dword(function, offset, data, length))
		return;
	old_power = space->bytes[config->cap_pm + PCI_PM_CTRL];
	for (size_t i = 0; i < length; i++) {
		uint8_t mask = space->writable[offset + i];
		uint8_t *byte = &space->bytes[offset + i];

		*byte = (uint8_t)((*byte & ~mask) | (data[i] & mask));
	}
	if (config->cap_pm &&
	    touches(offset, length, config->cap_pm + PCI_PM_CTRL, 1))
		keep_power_state(function, config->cap_pm, old_power);
	/* the byte with the flag is the last one that software writes */
	if (config->cap_vpd &&
	    touches(offset, length, config->cap_vpd + PCI_VPD_ADDR + 1, 1))
		run_vpd(function, config->cap_vpd);
	if (pci_config_write_resets(function, offset, data, length)) {
		pci_function_reset(function, PCI_RESET_FLR);
		return;
	}
	pci_function_update_access(function);
}
