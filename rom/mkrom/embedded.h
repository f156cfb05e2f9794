/* SPDX-License-Identifier: GPL-2.0-only */
/* What mkrom carries with it: our code for the ROM, and its script. */
#ifndef ROM_MKROM_EMBEDDED_H
#define ROM_MKROM_EMBEDDED_H

#include <stdint.h>

extern const uint8_t embedded_stub[], embedded_stub_end[];
extern const uint8_t embedded_driver[], embedded_driver_end[];
extern const uint8_t embedded_ports[], embedded_ports_end[];
extern const uint8_t embedded_boot[], embedded_boot_end[];

#endif
