/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ROM_MKROM_INSPECT_H
#define ROM_MKROM_INSPECT_H

#include <stdbool.h>

struct rom;

/*
 * Prints what rom_read has found. @wrong is what is wrong with the ROM, or
 * NULL.
 */
void inspect(const struct rom *rom, const char *wrong, bool json);

#endif
