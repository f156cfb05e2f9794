/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a card may be given a ROM. */
#ifndef TOOLS_LIB_ROM_CHECK_H
#define TOOLS_LIB_ROM_CHECK_H

#include <stddef.h>
#include <stdint.h>

struct failure;

/**
 * rom_check - whether a card may be given the ROM of these bytes
 * @device: PCI device id of the card
 *
 * Return: 0, or -EINVAL with a message that says what is wrong with it and
 * what to do.
 */
int rom_check(const uint8_t *data, size_t size, uint16_t device,
	      struct failure *why);

#endif
