/* SPDX-License-Identifier: GPL-2.0-only */
/* The UEFI part of the ROM: its files and what they share. */
#ifndef ROM_UEFI_DRIVER_H
#define ROM_UEFI_DRIVER_H

#include "rom/lib/payload_find.h"

#include <efi.h>

/* driver.c */
extern EFI_BOOT_SERVICES *boot;
extern EFI_GUID device_path_guid, loaded_image_guid;

/* Shows a line with our name in front. */
void say(const CHAR16 *text);

/*
 * What a part of the payload's image holds, out of LZMA; the caller frees it.
 * NULL with the reason on the screen, @damaged if it is that.
 */
void *unpack(const uint8_t *image, const struct payload_part *part,
	     const CHAR16 *damaged);

/*
 * overlay.c: from now on the overlay comes behind each initrd that a boot
 * loader offers to a kernel. @part is NULL if the ROM has none. FALSE, with the
 * reason on the screen, if it is damaged or the firmware refuses.
 */
BOOLEAN overlay_watch(const uint8_t *image, const struct payload_part *part);

/* No initrd that is offered from now on gets it. */
void overlay_watch_end(void);

/*
 * keys.c: from now on the first Ctrl-B on the console comes as Ctrl-C, which ends
 * what iPXE waits for. FALSE if there is no console. keys_watch_end() must follow
 * before another keys_watch().
 */
BOOLEAN keys_watch(const EFI_SYSTEM_TABLE *table);

/* A program that is loaded from now on gets Ctrl-B as it is. */
void keys_watch_until_load(void);

/* The console is as it was. */
void keys_watch_end(void);

#endif
