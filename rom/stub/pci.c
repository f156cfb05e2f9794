// SPDX-License-Identifier: GPL-2.0-only
#include "include/connectx/rom.h"
#include "rom/stub/layout.h"
#include "rom/stub/stub.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define CONFIG_ENABLE 0x80000000u

#define PCI_ID 0x00
#define PCI_COMMAND 0x04
#define PCI_COMMAND_MEMORY 2
#define PCI_BAR0 0x10
#define PCI_BAR_HIGH 0x14
#define PCI_ROM 0x30
#define PCI_ROM_ENABLE 1u
#define PCI_ROM_MASK 0xfffff800u
#define PCI_BAR_MASK 0xfffffff0u
#define PCI_BAR_TYPE 6
#define PCI_BAR_64 4

static void port_write(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static uint32_t port_read(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static uint32_t config_read(uint16_t address, unsigned int at)
{
	port_write(CONFIG_ADDRESS, CONFIG_ENABLE | address << 8 | at);
	return port_read(CONFIG_DATA);
}

static void config_write(uint16_t address, unsigned int at, uint32_t value)
{
	port_write(CONFIG_ADDRESS, CONFIG_ENABLE | address << 8 | at);
	port_write(CONFIG_DATA, value);
}

/* A BIOS that packs ROMs before it calls them loses what init was told. */
static bool find(uint16_t *address)
{
	uint32_t wanted =
		*(const uint32_t *)(STUB_BASE + STUB_PCIR + CX_PCIR_VENDOR);

	if (*address != 0xffff)
		return true;
	for (uint32_t at = 0; at < 0xffff; at++) {
		if (config_read(at, PCI_ID) == wanted) {
			*address = at;
			return true;
		}
	}
	return false;
}

/* How much memory the ROM decodes, 0 if there is none. Memory is off. */
static uint32_t rom_size(uint16_t address)
{
	uint32_t mask;

	config_write(address, PCI_ROM, PCI_ROM_MASK);
	mask = config_read(address, PCI_ROM) & PCI_ROM_MASK;
	return mask ? ~mask + 1 : 0;
}

/*
 * A BIOS may leave the ROM without an address of its own: then it gets that of
 * BAR 0, which is no smaller on this family, while the ROM is read.
 */
static uint32_t rom_place(struct rom_window *window)
{
	uint32_t base = window->rom & PCI_ROM_MASK;
	bool above = (window->bar0 & PCI_BAR_TYPE) == PCI_BAR_64 &&
		     config_read(window->address, PCI_BAR_HIGH);

	if (base)
		return base;
	base = window->bar0 & PCI_BAR_MASK;
	if (!base || above || base & (window->size - 1))
		return 0;
	window->borrowed = true;
	config_write(window->address, PCI_BAR0, 0);
	return base;
}

bool rom_open(struct rom_window *window)
{
	uint16_t address = *(const uint16_t *)(STUB_BASE + STUB_ADDRESS);
	uint32_t base;

	if (!find(&address))
		return false;
	window->address = address;
	window->command = config_read(address, PCI_COMMAND) & 0xffff;
	window->rom = config_read(address, PCI_ROM);
	window->bar0 = config_read(address, PCI_BAR0);
	window->borrowed = false;
	/* What would answer at half an address must not answer at all. */
	config_write(address, PCI_COMMAND,
		     window->command & ~PCI_COMMAND_MEMORY);
	window->size = rom_size(address);
	base = window->size ? rom_place(window) : 0;
	if (base) {
		config_write(address, PCI_ROM, base | PCI_ROM_ENABLE);
		config_write(address, PCI_COMMAND,
			     window->command | PCI_COMMAND_MEMORY);
		window->base = (const uint8_t *)base;
		return true;
	}
	rom_close(window);
	return false;
}

void rom_close(const struct rom_window *window)
{
	config_write(window->address, PCI_COMMAND,
		     window->command & ~PCI_COMMAND_MEMORY);
	config_write(window->address, PCI_ROM, window->rom);
	if (window->borrowed)
		config_write(window->address, PCI_BAR0, window->bar0);
	config_write(window->address, PCI_COMMAND, window->command);
}
