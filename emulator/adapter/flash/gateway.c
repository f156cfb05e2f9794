// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/adapter/flash/gateway.h"

#define LOG_BYTES_MOST 4

static bool is_data(u64 offset)
{
	return offset >= CX_REG_FLASH_DATA &&
	       offset < CX_REG_FLASH_DATA + CX_FLASH_DATA_SIZE;
}

bool flash_gateway_read(const struct flash_gateway *gateway, u64 offset,
			u32 *value)
{
	if (is_data(offset))
		*value = cx_load_be32(gateway->data +
				      (offset - CX_REG_FLASH_DATA));
	else if (offset == CX_REG_FLASH_COMMAND)
		*value = gateway->command;
	else if (offset == CX_REG_FLASH_ADDRESS)
		*value = gateway->address;
	else if (offset == CX_REG_BOOT_ADDRESS)
		*value = gateway->boot_address;
	else
		return false;
	return true;
}

static void move_data(struct flash_gateway *gateway, u32 command)
{
	u32 log = cx_word_get(command, CX_FLASH_COMMAND_LOG_BYTES);
	u32 count = 1u << (log < LOG_BYTES_MOST ? log : LOG_BYTES_MOST);
	bool read = cx_word_get(command, CX_FLASH_COMMAND_READ);

	if (read)
		memset(gateway->data, 0, sizeof(gateway->data));
	for (u32 i = 0; i < count; i++) {
		u8 got = spi_chip_transfer(gateway->chip,
					   read ? 0 : gateway->data[i]);

		if (read)
			gateway->data[i] = got;
	}
}

/* It is over when software looks: the chip's own time is in its status. */
static void run(struct flash_gateway *gateway, u32 command)
{
	/* the second chip, which no card of these has */
	bool absent = cx_word_get(command, CX_FLASH_COMMAND_CHIP);

	if (absent || !cx_word_get(command, CX_FLASH_COMMAND_ENABLE)) {
		memset(gateway->data, 0xff, sizeof(gateway->data));
		return;
	}
	if (cx_word_get(command, CX_FLASH_COMMAND_OPCODE)) {
		spi_chip_select(gateway->chip);
		spi_chip_transfer(gateway->chip,
				  cx_word_get(command,
					      CX_FLASH_COMMAND_SPI_OPCODE));
	}
	if (cx_word_get(command, CX_FLASH_COMMAND_ADDRESS))
		for (int shift = 16; shift >= 0; shift -= 8)
			spi_chip_transfer(gateway->chip,
					  (u8)(gateway->address >> shift));
	if (cx_word_get(command, CX_FLASH_COMMAND_DATA))
		move_data(gateway, command);
	if (!cx_word_get(command, CX_FLASH_COMMAND_HOLD))
		spi_chip_deselect(gateway->chip);
}

bool flash_gateway_write(struct flash_gateway *gateway, u64 offset, u32 value)
{
	u32 start = 1u << CX_FIELD_BIT(CX_FLASH_COMMAND_BUSY);

	if (is_data(offset)) {
		cx_store_be32(gateway->data + (offset - CX_REG_FLASH_DATA),
			      value);
	} else if (offset == CX_REG_FLASH_COMMAND) {
		if (value & start)
			run(gateway, value);
		gateway->command = value & ~start;
	} else if (offset == CX_REG_FLASH_ADDRESS) {
		gateway->address = value & CX_FLASH_ADDRESS_MASK;
	} else if (offset == CX_REG_BOOT_ADDRESS) {
		gateway->boot_address = value;
	} else {
		return false;
	}
	return true;
}
