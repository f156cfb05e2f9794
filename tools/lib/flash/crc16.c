// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/flash/crc16.h"

#include "connectx/flash.h"

static uint16_t add_bits(uint16_t crc, uint32_t bits, unsigned int count)
{
	while (count--) {
		uint16_t next = (uint16_t)(crc << 1 | (bits >> count & 1));

		crc = crc & 0x8000 ? next ^ CX_FS2_CRC_POLYNOMIAL : next;
	}
	return crc;
}

uint16_t crc16_add(uint16_t crc, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		crc = add_bits(crc, data[i], 8);
	return crc;
}

uint16_t crc16_end(uint16_t crc)
{
	return (uint16_t)~add_bits(crc, 0, 16);
}

uint16_t crc16_of(const uint8_t *data, size_t size)
{
	return crc16_end(crc16_add(CX_FS2_CRC_START, data, size));
}
