// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/rom/rom_image.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"

#include <string.h>

#define PCIR_MIN 0x18

uint8_t rom_sum(const uint8_t *data, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += data[i];
	return sum;
}

static int read_image(const uint8_t *data, size_t size, size_t at,
		      struct rom_image *image, struct failure *why)
{
	size_t rest = size - at, pcir, summed;
	const uint8_t *p = data + at;

	if (rest < ROM_PCIR_AT + 2 || p[0] != 0x55 || p[1] != 0xaa)
		return fail(why, -EINVAL,
			    "offset 0x%zx: no ROM image (55 aa) begins here",
			    at);
	pcir = get_le16(p + ROM_PCIR_AT);
	if (pcir + PCIR_MIN > rest || memcmp(p + pcir, "PCIR", 4))
		return fail(why, -EINVAL,
			    "offset 0x%zx: the image has no PCIR structure at"
			    " 0x%zx",
			    at, at + pcir);
	*image = (struct rom_image){
		.offset = at,
		.pcir = at + pcir,
		.size = (size_t)get_le16(p + pcir + PCIR_LENGTH) * ROM_BLOCK,
		.code_type = p[pcir + PCIR_CODE_TYPE],
		.vendor = get_le16(p + pcir + PCIR_VENDOR),
		.device = get_le16(p + pcir + PCIR_DEVICE),
		.last = p[pcir + PCIR_INDICATOR] & PCIR_LAST,
	};
	if (!image->size || image->size > rest)
		return fail(why, -EINVAL,
			    "offset 0x%zx: an image of %zu bytes, of which"
			    " there are %zu: is the file cut off?",
			    at, image->size, rest);
	if (image->code_type != ROM_CODE_BIOS)
		return 0;
	summed = (size_t)p[ROM_SIZE_AT] * ROM_BLOCK;
	if (!summed || summed > rest)
		return fail(why, -EINVAL,
			    "offset 0x%zx: the BIOS is told of %zu bytes, of"
			    " which there are %zu",
			    at + ROM_SIZE_AT, summed, rest);
	image->sum = rom_sum(p, summed);
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
		err = read_image(data, size, at, image, why);
		if (err)
			return err;
		images->count++;
		if (image->last)
			return 0;
		at += image->size;
	}
}
