/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of the module in a port's cage: an SFP+ where the card runs at
 * 10 Gbit/s, a QSFP+ where it runs at 40, nothing for twisted pair.
 */
#ifndef EMULATOR_ADAPTER_PORT_MODULE_EEPROM_H
#define EMULATOR_ADAPTER_PORT_MODULE_EEPROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port;

/* Fills port->module by the card's profile; the vendor's name is VIRTUAL. */
void module_eeprom_init(struct port *port);

/**
 * module_eeprom_read - read as over the module's two-wire interface
 * @i2c_address: 7 bits
 * @page: of the upper half of a QSFP+
 * @address: 0 to 255
 * @length: bytes wanted
 *
 * Return: 0, or CX_MAD_CABLE_*, why it cannot be read.
 */
unsigned int module_eeprom_read(const struct port *port, uint8_t i2c_address,
				uint8_t page, unsigned int address, uint8_t *to,
				size_t length);

#endif
