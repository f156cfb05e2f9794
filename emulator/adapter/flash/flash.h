/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The card's flash: a file whose bytes are the chip's, kept up to date with
 * every program and erase cycle; a new file begins with an image that holds no
 * firmware. What the card takes from it is its expansion ROM and, if nobody
 * says others, its MAC addresses.
 */
#ifndef EMULATOR_ADAPTER_FLASH_FLASH_H
#define EMULATOR_ADAPTER_FLASH_FLASH_H

#include "emulator/adapter/flash/gateway.h"

struct flash;

#define FLASH_SIZE_DEFAULT (2u << 20)
#define FLASH_SIZE_LEAST (1u << 20)
#define FLASH_SIZE_MOST (16u << 20)

/* What a client of the card can read at once */
#define FLASH_ROM_MOST (1u << 20)

struct flash_config {
	const char *path;
	u32 size; /* 0: that of the file, or FLASH_SIZE_DEFAULT */
	/* For a new file */
	u16 device_id;
	u8 mac[2][6];
};

/**
 * flash_open - open the file, or make it
 *
 * Return: the flash, or NULL after a line in the log.
 */
struct flash *flash_open(const struct flash_config *config);
void flash_close(struct flash *flash);

struct flash_gateway *flash_registers(struct flash *flash);

/*
 * Looks for the expansion ROM of the image in use, as a card does when it gets
 * power. The ROM stays valid until the next look; NULL: there is none.
 */
const u8 *flash_look_for_rom(struct flash *flash, size_t *size);

/* The addresses in the image in use; false if it has none. */
bool flash_macs(struct flash *flash, u8 mac[2][6]);

#endif
