/* SPDX-License-Identifier: GPL-2.0-only */
/* What brom and drom have in common: the same image with another ROM. */
#ifndef TOOLS_EN_FLASH_CHANGE_H
#define TOOLS_EN_FLASH_CHANGE_H

#include <stddef.h>
#include <stdint.h>

struct failure;
struct fs2_image;
struct source;

/* Burns it and reads it back. @rom NULL: without one. 0 or -errno. */
int change_rom(struct source *s, const uint8_t *rom, size_t size,
	       struct failure *why);

/* Prints a line for each ROM in the image, behind @label. */
void print_roms(const char *label, const struct fs2_image *image);

/* The new ROM is seen at the next power-on: said for a card. */
void say_power_cycle(const struct source *s);

#endif
