/* SPDX-License-Identifier: GPL-2.0-only */
/* The checksum of firmware images (docs/hardware/flash.md, F4.5). */
#ifndef TOOLS_LIB_FLASH_CRC16_H
#define TOOLS_LIB_FLASH_CRC16_H

#include <stddef.h>
#include <stdint.h>

/* Begins with CX_FS2_CRC_START; @size in bytes, a multiple of 4. */
uint16_t crc16_add(uint16_t crc, const uint8_t *data, size_t size);
uint16_t crc16_end(uint16_t crc);

/* Of one run of big-endian words */
uint16_t crc16_of(const uint8_t *data, size_t size);

#endif
