// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/rom/rom_image.h"
#include "connectx/rom.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"

#include <string.h>

uint8_t rom_sum(const uint8_t *data, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += data[i];
	return sum;
}

int rom_image_read(const uint8_t *data, size_t size, size_t at,
		   struct rom_image *image, struct failure *why)
{
	size_t rest = size - at, pcir, summed;
	const uint8_t *p = data + at;

	*image = (struct rom_image){ .offset = at };
	if (rest < CX_ROM_HEADER_LEAST || get_le16(p) != CX_ROM_SIGNATURE)
		return fail(why, -EINVAL,
			    "offset 0x%zx: no ROM image (55 aa) begins here:"
			    " is this the right file, and whole?",
			    at);
	pcir = get_le16(p + CX_ROM_PCIR);
	if (pcir + CX_PCIR_LEAST > rest ||
	    memcmp(p + pcir, CX_PCIR_MAGIC, CX_PCIR_MAGIC_SIZE))
		return fail(why, -EINVAL,
			    "offset 0x%zx: the image has no PCIR structure at"
			    " 0x%zx, which says what device it is for",
			    at, at + pcir);
	image->pcir = at + pcir;
	p += pcir;
	image->size = (size_t)get_le16(p + CX_PCIR_BLOCKS) * CX_ROM_BLOCK;
	image->code_type = p[CX_PCIR_CODE_TYPE];
	image->vendor = get_le16(p + CX_PCIR_VENDOR);
	image->device = get_le16(p + CX_PCIR_DEVICE);
	image->last = p[CX_PCIR_INDICATOR] & CX_PCIR_LAST;
	if (!image->size || image->size > rest)
		return fail(why, -EINVAL,
			    "offset 0x%zx: an image of %zu bytes, of which"
			    " there are %zu: is the file cut off?",
			    at, image->size, rest);
	if (image->code_type != CX_ROM_CODE_BIOS)
		return 0;
	summed = (size_t)data[at + CX_ROM_BLOCKS] * CX_ROM_BLOCK;
	if (!summed || summed > rest)
		return fail(why, -EINVAL,
			    "offset 0x%zx: the BIOS is told of %zu bytes, of"
			    " which there are %zu: is the file damaged or cut"
			    " off?",
			    at + CX_ROM_BLOCKS, summed, rest);
	image->sum = rom_sum(data + at, summed);
	return 0;
}

int rom_images_read(const uint8_t *data, size_t size, struct rom_images *images,
		    struct failure *why)
{
	size_t at = 0;

	images->count = 0;
	for (;;) {
		struct rom_image *image = &images->image[images->count];
		int err;

		if (images->count == ROM_IMAGES_MAX)
			return fail(why, -EINVAL,
				    "offset 0x%zx: more than %d images", at,
				    ROM_IMAGES_MAX);
		err = rom_image_read(data, size, at, image, why);
		if (err)
			return err;
		images->count++;
		if (image->last)
			return 0;
		at += image->size;
	}
}
