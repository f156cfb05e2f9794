// SPDX-License-Identifier: GPL-2.0-only
/*
 * Header and capabilities of configuration space, and which of their bits a
 * write changes.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>

#include "emulator/pci/internal.h"

#define PCIE_CAPABILITY_SIZE 0x3cu /* version 2 */
#define MSIX_CAPABILITY_SIZE 12u
#define VPD_CAPABILITY_SIZE 8u
#define ROM_WINDOW_MIN 0x800u
#define ARI_CAPABILITY_SIZE 8u
#define SERIAL_CAPABILITY_SIZE 12u

uint16_t pci_config_get16(const struct pci_config_space *space,
			  unsigned int offset)
{
	return (uint16_t)(space->bytes[offset] | space->bytes[offset + 1] << 8);
}

uint32_t pci_config_get32(const struct pci_config_space *space,
			  unsigned int offset)
{
	return pci_config_get16(space, offset) |
	       (uint32_t)pci_config_get16(space, offset + 2) << 16;
}

static void put(uint8_t *bytes, unsigned int offset, uint32_t value,
		unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		bytes[offset + i] = (uint8_t)(value >> 8 * i);
}

void pci_config_put32(struct pci_config_space *space, unsigned int offset,
		      uint32_t value)
{
	put(space->bytes, offset, value, 4);
}

/* Claims the dwords of a structure. False if one has an owner already. */
static bool claim(struct pci_config_space *space, unsigned int offset,
		  unsigned int size)
{
	if (offset % 4 || offset + size > PCI_CONFIG_SIZE)
		return false;
	for (unsigned int i = offset / 4; i < (offset + size + 3) / 4; i++) {
		if (space->owned[i])
			return false;
		space->owned[i] = true;
	}
	return true;
}

uint32_t pci_rom_window(size_t size)
{
	uint32_t window = ROM_WINDOW_MIN;

	if (!size)
		return 0;
	while (window < size)
		window <<= 1;
	return window;
}

void pci_config_set_rom(struct pci_config_space *space, size_t size)
{
	uint32_t window = pci_rom_window(size);

	put(space->writable, PCI_ROM_ADDRESS,
	    window ? ~(window - 1) | PCI_ROM_ADDRESS_ENABLE : 0, 4);
	if (!window)
		put(space->bytes, PCI_ROM_ADDRESS, 0, 4);
}

static void init_bars(struct pci_config_space *space,
		      const struct pci_function_config *config)
{
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		unsigned int offset = PCI_BASE_ADDRESS_0 + 4 * i;
		uint64_t mask = ~(config->bar_size[i] - 1);
		uint32_t type = PCI_BASE_ADDRESS_MEM_TYPE_64;

		if (!config->bar_size[i])
			continue;
		if (config->bar_prefetchable[i])
			type |= PCI_BASE_ADDRESS_MEM_PREFETCH;
		put(space->initial, offset, type, 4);
		put(space->writable, offset,
		    (uint32_t)mask & (uint32_t)PCI_BASE_ADDRESS_MEM_MASK, 4);
		put(space->writable, offset + 4, (uint32_t)(mask >> 32), 4);
	}
	pci_config_set_rom(space, config->rom_size);
}

static void init_header(struct pci_config_space *space,
			const struct pci_function_config *config)
{
	uint8_t *bytes = space->initial;

	claim(space, 0, PCI_STD_HEADER_SIZEOF);
	put(bytes, PCI_VENDOR_ID, config->vendor, 2);
	put(bytes, PCI_DEVICE_ID, config->device, 2);
	put(space->writable, PCI_COMMAND,
	    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY |
		    PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE,
	    2);
	put(bytes, PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
	put(bytes, PCI_CLASS_REVISION,
	    config->class_code << 8 | config->revision, 4);
	put(space->writable, PCI_CACHE_LINE_SIZE, 0xff, 1);
	put(space->writable, PCI_LATENCY_TIMER, 0xff, 1);
	put(bytes, PCI_SUBSYSTEM_VENDOR_ID, config->subsystem_vendor, 2);
	put(bytes, PCI_SUBSYSTEM_ID, config->subsystem_device, 2);
	put(space->writable, PCI_INTERRUPT_LINE, 0xff, 1);
	put(bytes, PCI_INTERRUPT_PIN, 1, 1); /* INTA */
	init_bars(space, config);
}

static void init_pm(uint8_t *bytes, uint8_t *writable)
{
	put(bytes, PCI_PM_PMC, 3, 2); /* version 3, D0 and D3 only */
	/* the way back from D3 is not a reset: there are better ones */
	put(bytes, PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET, 2);
	put(writable, PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK, 2);
}

static void init_vpd(uint8_t *bytes, uint8_t *writable)
{
	put(writable, PCI_VPD_ADDR, PCI_VPD_ADDR_MASK | PCI_VPD_ADDR_F, 2);
	put(writable, PCI_VPD_DATA, UINT32_MAX, 4);
}

static void init_msix(uint8_t *bytes, uint8_t *writable,
		      const struct pci_function_config *config)
{
	put(bytes, PCI_MSIX_FLAGS, config->msix_vectors - 1, 2);
	put(writable, PCI_MSIX_FLAGS,
	    PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL, 2);
	put(bytes, PCI_MSIX_TABLE, config->msix_table | config->msix_bar, 4);
	put(bytes, PCI_MSIX_PBA, config->msix_pba | config->msix_bar, 4);
}

static void init_pcie(uint8_t *bytes, uint8_t *writable,
		      const struct pci_function_config *config)
{
	uint32_t speed = config->link_speed ? config->link_speed : 1;
	uint32_t width = config->link_width ? config->link_width : 8;
	uint32_t speeds = ((1u << speed) - 1) << 1;

	put(bytes, PCI_EXP_FLAGS, PCI_EXP_TYPE_ENDPOINT << 4 | 2, 2);
	put(bytes, PCI_EXP_DEVCAP,
	    1 /* 256 bytes of payload */ | PCI_EXP_DEVCAP_RBER |
		    PCI_EXP_DEVCAP_EXT_TAG | PCI_EXP_DEVCAP_FLR,
	    4);
	/* bit 15 starts a reset and is never seen set */
	put(writable, PCI_EXP_DEVCTL, 0x7fff, 2);
	put(bytes, PCI_EXP_DEVCTL,
	    PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN |
		    PCI_EXP_DEVCTL_READRQ_512B,
	    2);
	put(bytes, PCI_EXP_LNKCAP, speed | width << 4, 4);
	put(writable, PCI_EXP_LNKCTL,
	    PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_RCB | PCI_EXP_LNKCTL_CCC |
		    PCI_EXP_LNKCTL_ES,
	    2);
	put(bytes, PCI_EXP_LNKSTA, speed | width << 4, 2);
	put(bytes, PCI_EXP_DEVCAP2,
	    PCI_EXP_DEVCAP2_COMP_TMOUT_DIS | 0xf /* all timeout ranges */, 4);
	put(writable, PCI_EXP_DEVCTL2,
	    PCI_EXP_DEVCTL2_COMP_TIMEOUT | PCI_EXP_DEVCTL2_COMP_TMOUT_DIS, 2);
	put(bytes, PCI_EXP_LNKCAP2, speeds, 4);
	put(bytes, PCI_EXP_LNKCTL2, speed, 2);
	put(writable, PCI_EXP_LNKCTL2, PCI_EXP_LNKCTL2_TLS, 2);
}

struct capability {
	unsigned int offset, size;
	uint8_t id;
};

/* In the order of the list on the cards: PM, VPD, MSI-X, PCI Express */
static int init_capabilities(struct pci_config_space *space,
			     const struct pci_function_config *config)
{
	const struct capability list[] = {
		{ config->cap_pm, PCI_PM_SIZEOF, PCI_CAP_ID_PM },
		{ config->cap_vpd, VPD_CAPABILITY_SIZE, PCI_CAP_ID_VPD },
		{ config->cap_msix, MSIX_CAPABILITY_SIZE, PCI_CAP_ID_MSIX },
		{ config->cap_pcie, PCIE_CAPABILITY_SIZE, PCI_CAP_ID_EXP },
	};
	unsigned int link = PCI_CAPABILITY_LIST;

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		unsigned int offset = list[i].offset;
		uint8_t *bytes = space->initial + offset;
		uint8_t *writable = space->writable + offset;

		if (!offset)
			continue;
		if (offset + list[i].size > 256 ||
		    !claim(space, offset, list[i].size))
			return -EINVAL;
		space->initial[link] = (uint8_t)offset;
		link = offset + PCI_CAP_LIST_NEXT;
		bytes[PCI_CAP_LIST_ID] = list[i].id;
		if (list[i].id == PCI_CAP_ID_PM)
			init_pm(bytes, writable);
		else if (list[i].id == PCI_CAP_ID_VPD)
			init_vpd(bytes, writable);
		else if (list[i].id == PCI_CAP_ID_MSIX)
			init_msix(bytes, writable, config);
		else
			init_pcie(bytes, writable, config);
	}
	return 0;
}

/* The extended list begins at 0x100: with ARI, as on the cards. */
static int init_extended(struct pci_config_space *space,
			 const struct pci_function_config *config)
{
	unsigned int serial = config->ext_cap_serial;
	uint8_t *bytes = space->initial;

	if (!serial)
		return 0;
	if (serial != PCI_CFG_SPACE_SIZE) {
		if (!claim(space, PCI_CFG_SPACE_SIZE, ARI_CAPABILITY_SIZE))
			return -EINVAL;
		put(bytes, PCI_CFG_SPACE_SIZE,
		    PCI_EXT_CAP_ID_ARI | 1u << 16 | serial << 20, 4);
	}
	if (serial < PCI_CFG_SPACE_SIZE ||
	    !claim(space, serial, SERIAL_CAPABILITY_SIZE))
		return -EINVAL;
	put(bytes, serial, PCI_EXT_CAP_ID_DSN | 1u << 16, 4);
	put(bytes, serial + 4, (uint32_t)config->serial, 4);
	put(bytes, serial + 8, (uint32_t)(config->serial >> 32), 4);
	return 0;
}

int pci_config_init(struct pci_config_space *space,
		    const struct pci_function_config *config)
{
	int error;

	memset(space, 0, sizeof(*space));
	init_header(space, config);
	error = init_capabilities(space, config);
	if (!error)
		error = init_extended(space, config);
	if (!error)
		pci_config_reset(space);
	return error;
}

void pci_config_reset(struct pci_config_space *space)
{
	memcpy(space->bytes, space->initial, sizeof(space->bytes));
}
