/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A flash, whatever is behind it: a chip on a card, the bytes of a file. Its
 * bits can be cleared one by one, and set again by the sector only.
 */
#ifndef TOOLS_LIB_FLASH_CHIP_H
#define TOOLS_LIB_FLASH_CHIP_H

#include <stddef.h>
#include <stdint.h>

struct failure;
struct flash_chip;

/* All return 0 or -errno with a message. */
struct flash_chip_ops {
	int (*read)(struct flash_chip *chip, uint32_t at, uint8_t *data,
		    uint32_t size, struct failure *why);
	/* Clears bits; @at and @size are multiples of 4, in one page. */
	int (*program)(struct flash_chip *chip, uint32_t at,
		       const uint8_t *data, uint32_t size, struct failure *why);
	/* The CX_SPI_SECTOR bytes at @at */
	int (*erase)(struct flash_chip *chip, uint32_t at, struct failure *why);
	/* Tells the card where to begin after a reset. */
	int (*boot_from)(struct flash_chip *chip, uint32_t at,
			 struct failure *why);
};

struct flash_chip {
	const struct flash_chip_ops *ops;
	uint32_t size;
};

/* A flash that is bytes in memory */
struct flash_memory {
	struct flash_chip chip;
	uint8_t *bytes; /* the caller's */
};

/* @bytes, @size of them, become the flash; they stay the caller's. */
void flash_memory_init(struct flash_memory *memory, uint8_t *bytes,
		       uint32_t size);

/* The same of bytes that stay as they are: what writes to it gets -EROFS. */
void flash_memory_init_const(struct flash_memory *memory, const uint8_t *bytes,
			     uint32_t size);

#endif
