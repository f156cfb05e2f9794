/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Expansion ROMs as PCI knows them: a chain of images, each with a PCIR
 * structure, and the trailer by which the burning tools know whose ROM it is
 * (docs/hardware/expansion-rom.md, flash.md section 3).
 */
#ifndef TOOLS_LIB_ROM_IMAGE_H
#define TOOLS_LIB_ROM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

#define ROM_BLOCK 512
#define ROM_IMAGES_MAX 8
#define ROM_TRAILERS_MAX 5

enum rom_code_type {
	ROM_CODE_BIOS = 0x00,
	ROM_CODE_EFI = 0x03,
	ROM_CODE_DATA = 0xff,
};

/* Offsets in an image, and in the PCIR structure that it points to */
enum {
	ROM_SIZE_AT = 2, /* in blocks, of what the BIOS copies and sums up */
	ROM_SPARE_AT = 6, /* QEMU mends the checksum here */
	ROM_EFI_OFFSET_AT = 0x16, /* of the program in an EFI image */
	ROM_PCIR_AT = 0x18,
	ROM_PNP_AT = 0x1a,
	PCIR_VENDOR = 0x04,
	PCIR_DEVICE = 0x06,
	PCIR_STRUCTURE_LENGTH = 0x0a,
	PCIR_CLASS = 0x0d,
	PCIR_LENGTH = 0x10,
	PCIR_CODE_TYPE = 0x14,
	PCIR_INDICATOR = 0x15,
	PCIR_LAST = 0x80,
};

struct rom_image {
	size_t offset, size; /* in the file */
	size_t pcir; /* in the file */
	unsigned int code_type;
	uint16_t vendor, device;
	bool last;
	uint8_t sum; /* a BIOS image: of what the BIOS sums up; 0 is right */
};

struct rom_images {
	size_t count;
	struct rom_image image[ROM_IMAGES_MAX];
};

/*
 * Reads the chain of images of a ROM. 0 or -errno with a message that has the
 * offset; what was read until then is in @images.
 */
int rom_images_read(const uint8_t *data, size_t size, struct rom_images *images,
		    struct failure *why);

enum rom_product {
	ROM_PRODUCT_PXE = 0x10,
	ROM_PRODUCT_UEFI = 0x11,
};

enum rom_cpu { ROM_CPU_NONE, ROM_CPU_AMD64 };
enum rom_protocol { ROM_PROTOCOL_ETH = 1, ROM_PROTOCOL_NONE = 0xff };

#define ROM_TRAILER_SIZE 20

struct rom_trailer {
	uint16_t product, device;
	uint16_t major, minor, subminor;
	uint8_t port, cpu, protocol;
};

/*
 * Finds the trailers of a ROM, at any offset, the first ROM_TRAILERS_MAX; how
 * many there are is returned.
 */
size_t rom_trailers_read(const uint8_t *data, size_t size,
			 struct rom_trailer trailers[ROM_TRAILERS_MAX]);

void rom_trailer_write(uint8_t out[ROM_TRAILER_SIZE],
		       const struct rom_trailer *trailer);

/* The 8-bit sum */
uint8_t rom_sum(const uint8_t *data, size_t size);

#endif
