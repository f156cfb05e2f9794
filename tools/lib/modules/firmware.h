/* SPDX-License-Identifier: GPL-2.0-only */
/* Firmware that modules ask for, in an image. */
#ifndef TOOLS_LIB_FIRMWARE_H
#define TOOLS_LIB_FIRMWARE_H

#include <stdbool.h>

struct image;

/* Whether a kernel of that release finds @file, packed or not. */
bool firmware_found(const struct image *image, const char *kernel,
		    const char *file);

#endif
