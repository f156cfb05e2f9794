/* SPDX-License-Identifier: GPL-2.0-only */
/* The 32-bit part of the BIOS stub: its files and what they share. */
#ifndef ROM_STUB_STUB_H
#define ROM_STUB_STUB_H

#include "rom/lib/payload_find.h"
#include "rom/stub/layout.h"
#include "rom/stub/pc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* pci.c: the ROM as memory, from rom_open to rom_close */
struct rom_window {
	uint16_t address; /* bus, device, function */
	uint32_t command, rom, bar0; /* as they were */
	bool borrowed; /* the ROM answers where BAR 0 did */
	const uint8_t *base;
	uint32_t size;
};

bool rom_open(struct rom_window *window);
void rom_close(const struct rom_window *window);

/* The firmware's memory map; an entry of length 0 ends it */
struct e820_entry {
	uint64_t base, length;
	uint32_t kind, extended;
};

static inline const struct e820_entry *e820_map(void)
{
	return (const struct e820_entry *)E820_AT;
}

/*
 * memory.c: the end of the highest RAM below 1 GiB that the map knows of and
 * that has @room bytes; 0 if there is none
 */
uint32_t memory_top(uint32_t room);

/* overlay.c: how much memory an overlay takes; 0 if @part is NULL */
uint32_t overlay_room(const struct payload_part *part);

/*
 * Unpacks the overlay to @at, where a page begins. From then on the memory map
 * shows it as reserved, and code in low memory joins it to an initrd
 * (resident.h). NULL, or what is wrong: then nothing of it stays.
 */
const char *overlay_keep(const uint8_t *image, const struct payload_part *part,
			 uint32_t at);

/* load.c: by words of 32 bits */
void copy(void *to, const void *from, uint32_t size);

/* load.c: puts all in its place for the setup part. NULL, or what is wrong */
const char *load(const struct rom_window *window, const uint8_t *image,
		 const struct payload_table *table);

/* text.c: a message that the 16-bit part can print. One at a time. */
const char *message(const char *what);
char *put_text(char *at, const char *text);
char *put_number(char *at, uint32_t value, unsigned int base);

#endif
