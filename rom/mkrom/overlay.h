/* SPDX-License-Identifier: GPL-2.0-only */
/* The overlay for initrds that a ROM can hold. */
#ifndef ROM_MKROM_OVERLAY_H
#define ROM_MKROM_OVERLAY_H

struct failure;
struct rom;

/*
 * Takes the file into the ROM: an initrd, or a part of one, as mkinitrd-en
 * --overlay-only writes it. An empty name takes the ROM's overlay out. 0 or
 * -errno with a message; the ROM is not to be written then.
 */
int overlay_set(struct rom *rom, const char *path, struct failure *why);

/*
 * Reads the ROM's overlay, and what mkinitrd-en says of itself in it, to
 * rom->inserted. 0 or -errno.
 */
int overlay_read(struct rom *rom, struct failure *why);

#endif
