/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers through which software reaches the flash chip
 * (docs/hardware/flash.md, F6).
 */
#ifndef EMULATOR_ADAPTER_FLASH_GATEWAY_H
#define EMULATOR_ADAPTER_FLASH_GATEWAY_H

#include "emulator/adapter/flash/spi_chip.h"

struct flash_gateway {
	struct spi_chip *chip;
	u32 command;
	u32 address;
	u32 boot_address;
	u8 data[CX_FLASH_DATA_SIZE];
};

/* Return: whether there is such a register. @offset: in BAR0 */
bool flash_gateway_read(const struct flash_gateway *gateway, u64 offset,
			u32 *value);
bool flash_gateway_write(struct flash_gateway *gateway, u64 offset, u32 value);

#endif
