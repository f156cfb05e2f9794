/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The payload image of the expansion ROM: what mkrom writes, and the BIOS stub
 * and the UEFI driver read. All numbers are little-endian; offsets count from
 * the image's first byte.
 */
#ifndef ROM_PAYLOAD_FORMAT_H
#define ROM_PAYLOAD_FORMAT_H

#include <stdint.h>

#define PAYLOAD_AT 0x40 /* of struct payload_table */
#define PAYLOAD_MAGIC "CXENROM1"
#define PAYLOAD_PARTS_MAX 8

enum payload_kind {
	PAYLOAD_BIOS = 1, /* a Linux bzImage in form: iPXE's lkrn */
	PAYLOAD_UEFI, /* an application, LZMA without a header */
	/* Text: what the script is made of, in this order */
	PAYLOAD_SETTINGS,
	PAYLOAD_PORTS,
	PAYLOAD_BOOT,
	/*
	 * Comes behind the initrd of a Linux kernel that is booted: an archive
	 * that is not compressed for the kernel, LZMA without a header.
	 * Optional.
	 */
	PAYLOAD_OVERLAY,
};

/* LZMA's parameters of PAYLOAD_UEFI and PAYLOAD_OVERLAY */
#define PAYLOAD_LZMA_LC 3
#define PAYLOAD_LZMA_LP 0
#define PAYLOAD_LZMA_PB 2

struct payload_part {
	uint32_t kind;
	uint32_t offset;
	uint32_t size; /* as stored */
	uint32_t unpacked; /* the same, unless it is compressed */
	uint32_t crc; /* CRC-32 (IEEE 802.3) of what is stored */
};

struct payload_table {
	uint8_t magic[8];
	uint32_t size; /* of the image, to the end of its last part */
	uint32_t count;
	uint32_t crc; /* of the parts' entries */
	struct payload_part parts[PAYLOAD_PARTS_MAX];
};

#endif
