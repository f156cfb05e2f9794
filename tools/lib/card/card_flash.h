/* SPDX-License-Identifier: GPL-2.0-only */
/* The flash of a card, through the gateway in its registers. */
#ifndef TOOLS_LIB_CARD_CARD_FLASH_H
#define TOOLS_LIB_CARD_CARD_FLASH_H

#include <stdbool.h>

#include "tools/lib/flash/chip.h"
#include "tools/lib/flash/fs2.h"

struct cr_space;

struct card_flash {
	struct flash_chip chip;
	struct cr_space *cr;
	uint32_t jedec; /* vendor, type, log2 of the size */
	uint16_t hw_id;
	uint8_t revision;
	bool held; /* the semaphore, by us */
};

/**
 * card_flash_open - take the flash semaphore and find out which chip it is
 * @clear_semaphore: take it from whoever has it
 *
 * Return: 0, or -errno with a message. card_flash_close() is due in any case:
 * it gives the semaphore back.
 */
int card_flash_open(struct card_flash *flash, struct cr_space *cr,
		    bool clear_semaphore, struct failure *why);
/* 0, or -errno with a message: the semaphore may still be taken. */
int card_flash_close(struct card_flash *flash, struct failure *why);

/* What firmware the card runs; all zero if it does not say. */
int card_running_version(struct card_flash *flash, struct fs2_version *version,
			 struct failure *why);

#endif
