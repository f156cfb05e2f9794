/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ROM_OVERLAY_START_H
#define ROM_OVERLAY_START_H

#include <stddef.h>

/*
 * Where the overlay begins behind an initrd of @size bytes: at a multiple of 4,
 * and behind four zeroes at least, by which a kernel knows that an initrd packed
 * with lz4 ends (docs/segments.md).
 */
static inline size_t overlay_start(size_t size)
{
	return ((size + 3) & ~(size_t)3) + 4;
}

#endif
