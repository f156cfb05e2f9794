/* SPDX-License-Identifier: GPL-2.0-only */
/* The settings that may stand at the very end of an initrd. */
#ifndef TOOLS_LIB_BOOTCONFIG_H
#define TOOLS_LIB_BOOTCONFIG_H

#include <stddef.h>
#include <stdint.h>

/* Where the bootconfig begins, or @size: there is none that is whole. */
size_t bootconfig_begin(const uint8_t *data, size_t size);

#endif
