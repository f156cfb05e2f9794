// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vital product data: an image of resources. The guest may write to the
 * read-write resource (VPD-W) only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/pci/internal.h"

/* Resource tags of the PCI specification's VPD format */
#define TAG_LARGE 0x80u
#define TAG_VPD_WRITE 0x91u
#define TAG_END_NAME 0x0fu

static void find_writable(struct pci_vpd *vpd)
{
	size_t at = 0;

	while (at < vpd->size) {
		uint8_t tag = vpd->image[at];
		size_t start, length;

		if (tag & TAG_LARGE) {
			if (vpd->size - at < 3)
				return;
			start = at + 3;
			length = vpd->image[at + 1] | (size_t)vpd->image[at + 2]
							      << 8;
		} else {
			if (tag >> 3 == TAG_END_NAME)
				return;
			start = at + 1;
			length = tag & 7;
		}
		if (length > vpd->size - start)
			return;
		if (tag == TAG_VPD_WRITE) {
			vpd->writable_start = start;
			vpd->writable_end = start + length;
			return;
		}
		at = start + length;
	}
}

int pci_vpd_init(struct pci_vpd *vpd, const uint8_t *image, size_t size)
{
	/* a dword more, so that the last one can be read whole */
	vpd->image = calloc(1, size + 4);
	if (!vpd->image)
		return -ENOMEM;
	if (size)
		memcpy(vpd->image, image, size);
	vpd->size = size;
	find_writable(vpd);
	return 0;
}

void pci_vpd_release(struct pci_vpd *vpd)
{
	free(vpd->image);
	vpd->image = NULL;
}

uint32_t pci_vpd_read(const struct pci_vpd *vpd, unsigned int address)
{
	const uint8_t *at = vpd->image + address;

	if (address >= vpd->size)
		return UINT32_MAX;
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

void pci_vpd_write(struct pci_vpd *vpd, unsigned int address, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++) {
		size_t at = (size_t)address + i;

		if (at >= vpd->writable_start && at < vpd->writable_end)
			vpd->image[at] = (uint8_t)(value >> 8 * i);
	}
}
