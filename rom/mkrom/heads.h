/* SPDX-License-Identifier: GPL-2.0-only */
/* The ROM's first two images: our own code for BIOS and UEFI. */
#ifndef ROM_MKROM_HEADS_H
#define ROM_MKROM_HEADS_H

#include <stdint.h>

struct buffer;
struct failure;

/* What the firmware's list of boot devices shows, with the version behind it */
#define ROM_PRODUCT_NAME "MLNX NIC"

/* The package's version, as the trailers have it */
struct rom_version {
	uint16_t major, minor, subminor;
};

/* Appends the image for a PC BIOS. 0 or -errno. */
int heads_bios(struct buffer *out, uint16_t device,
	       const struct rom_version *version, struct failure *why);

/* Appends the image for UEFI. 0 or -errno. */
int heads_uefi(struct buffer *out, uint16_t device,
	       const struct rom_version *version, struct failure *why);

#endif
