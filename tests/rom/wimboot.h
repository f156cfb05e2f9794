/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands in for wimboot, which Debian has no package of: it boots no
 * Windows, but says which files iPXE has handed to it. One program for a BIOS
 * (wimboot_bios.S, wimboot_bios.c), one for UEFI (wimboot_uefi.c).
 */
#ifndef ROM_WIMBOOT_H
#define ROM_WIMBOOT_H

#include <stdint.h>

/* "e2e: file NAME, SIZE bytes, CRC 0x12345678", both numbers in hexadecimal */
#define FILE_BEGINS "e2e: file "
#define SIZE_BEGINS ", 0x"
#define CRC_BEGINS " bytes, CRC 0x"
#define FILES_END "e2e: no more files"

static inline char hex_digit(uint32_t value, unsigned int digit)
{
	return "0123456789abcdef"[value >> 4 * digit & 15];
}

#endif
