/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A card in this machine, through sysfs: its registers in BAR0, or through the
 * gateway in configuration space.
 */
#ifndef TOOLS_LIB_CARD_CARD_H
#define TOOLS_LIB_CARD_CARD_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/lib/card/cr_space.h"

enum card_access {
	CARD_BAR0,
	CARD_CONFIG,
};

#define CARD_ADDRESS_SIZE 13 /* 0000:04:00.0 */

struct card {
	struct cr_space cr;
	char address[CARD_ADDRESS_SIZE];
	uint16_t device; /* PCI device id */
	enum card_access access;
	int config; /* its file in sysfs */
	uint32_t *bar0; /* mapped, or NULL */
	bool enabled_memory; /* by us: switched off again at the end */
};

/**
 * card_open - find a card and the way to its registers
 * @name: a PCI address, 04:00.0 or 0000:04:00.0
 * @sysfs: "/sys", or what stands in its place
 *
 * Return: 0, or -errno with a message that says what to do. card_close() is
 * due after 0 only.
 */
int card_open(struct card *card, const char *name, enum card_access access,
	      const char *sysfs, struct failure *why);
void card_close(struct card *card);

#endif
