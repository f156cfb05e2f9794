/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that read and make images share. */
#ifndef TOOLS_LIB_FLASH_FS2_INTERNAL_H
#define TOOLS_LIB_FLASH_FS2_INTERNAL_H

#include "tools/lib/flash/fs2.h"

/* Of an image's @size bytes, whatever its word for that CRC holds */
uint16_t fs2_image_crc(const uint8_t *bytes, size_t size);

/* Stores a word of 24 bits with the byte that makes its four sum to zero. */
void fs2_store_summed(uint8_t *at, uint32_t word);

/* Fills in the header's addresses, size and checksum of a complete image. */
void fs2_finish(uint8_t *bytes, size_t size, uint32_t info, uint32_t guid);

/* The sections of an image that grows at the end of a buffer */
struct fs2_section_list {
	struct buffer *out;
	size_t begin; /* of the image, in @out */
	size_t last; /* header of the last section */
	uint32_t info, guid; /* where these have their contents */
};

/*
 * Appends a whole section of the type and size (and blank) that @section says;
 * @more: another one follows it. 0 or -ENOMEM.
 */
int fs2_add_section(struct fs2_section_list *list,
		    const struct fs2_section *section, uint32_t parameter,
		    const uint8_t *data, bool more);

#endif
