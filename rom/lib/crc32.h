/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ROM_CRC32_H
#define ROM_CRC32_H

#include <stddef.h>
#include <stdint.h>

/*
 * CRC-32 of IEEE 802.3. Begin with 0; the sum of a run of bytes continues with
 * the one before it.
 */
uint32_t rom_crc32(uint32_t crc, const void *data, size_t size);

#endif
