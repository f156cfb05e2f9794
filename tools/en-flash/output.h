/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that rrom and backup write. */
#ifndef TOOLS_EN_FLASH_OUTPUT_H
#define TOOLS_EN_FLASH_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct failure;

/* Writes it whole or not at all, over another file if @force. 0 or -errno. */
int output_write(const char *path, const void *data, size_t size, bool force,
		 struct failure *why);

#endif
