/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A serial flash chip, byte by byte as its bus sees it: an opcode, an address,
 * data, and what a program or erase cycle does when the chip is deselected
 * (docs/hardware/flash.md, F6.3). It knows nothing of the card that it is on.
 */
#ifndef EMULATOR_ADAPTER_FLASH_SPI_CHIP_H
#define EMULATOR_ADAPTER_FLASH_SPI_CHIP_H

#include "connectx/flash.h"

struct spi_chip {
	u8 *bytes; /* its contents; the owner's */
	u32 size; /* a power of two */
	u64 program_ns, erase_ns; /* how long it is busy */
	u64 (*now)(void); /* nanoseconds */
	/* Called when the bytes from @at on have changed; may be NULL. */
	void (*changed)(struct spi_chip *chip, u32 at, u32 size);

	/* The transaction at hand */
	bool selected;
	u8 opcode;
	u32 count; /* bytes so far */
	u32 address;
	u8 page[CX_SPI_PAGE]; /* to be programmed: ones where nothing came */
	bool page_filled;

	bool write_enabled;
	u64 busy_until;
};

/* Begins a transaction; one that is open ends first. */
void spi_chip_select(struct spi_chip *chip);
/* Ends it: what was asked for is done now. */
void spi_chip_deselect(struct spi_chip *chip);
/* One byte to the chip, and the one that it answers with at the same time */
u8 spi_chip_transfer(struct spi_chip *chip, u8 byte);

#endif
