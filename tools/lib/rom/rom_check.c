// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/rom/rom_check.h"
#include "connectx/ids.h"
#include "connectx/rom.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/flash/fs2.h"
#include "tools/lib/rom/rom_image.h"
#include "tools/lib/rom/rom_trailer.h"

static bool device_listed(const uint8_t *pcir, size_t left, uint16_t device)
{
	size_t at = get_le16(pcir + CX_PCIR_DEVICE_LIST);

	if (get_le16(pcir + CX_PCIR_DEVICE) == device)
		return true;
	if (pcir[CX_PCIR_REVISION] < CX_PCIR_REVISION_3 || !at)
		return false;
	for (; at + 2 <= left && get_le16(pcir + at); at += 2)
		if (get_le16(pcir + at) == device)
			return true;
	return false;
}

static int check_image(const uint8_t *data, size_t size,
		       const struct rom_image *image, uint16_t device,
		       struct failure *why)
{
	if (image->vendor != CX_PCI_VENDOR_ID)
		return fail(why, -EINVAL,
			    "the image at 0x%zx is for a device of vendor"
			    " %04x, not of Mellanox (15b3): take the ROM of"
			    " this card",
			    image->offset, image->vendor);
	if (!device_listed(data + image->pcir, size - image->pcir, device))
		return fail(why, -EINVAL,
			    "the image at 0x%zx is for device %u (%04x), the"
			    " card is %u (%04x): take the ROM of that id",
			    image->offset, image->device, image->device, device,
			    device);
	/* A BIOS drops an image whose bytes do not add up, without a word. */
	if (image->sum)
		return fail(why, -EINVAL,
			    "the checksum of the image at 0x%zx is wrong (sum"
			    " 0x%02x): the file is damaged, fetch it again",
			    image->offset, image->sum);
	return 0;
}

static int check_images(const uint8_t *data, size_t size, uint16_t device,
			struct failure *why)
{
	struct rom_image image;
	size_t at = 0;
	int err;

	do {
		err = rom_image_read(data, size, at, &image, why);
		if (!err)
			err = check_image(data, size, &image, device, why);
		at += image.size;
	} while (!err && !image.last);
	return err;
}

static int check_trailers(const uint8_t *data, size_t size, uint16_t device,
			  struct failure *why)
{
	struct rom_trailers trailers;

	rom_trailers_read(&trailers, data, size);
	if (!trailers.count)
		return fail(why, -EINVAL,
			    "the ROM has no trailer (mlxsign:) that says what"
			    " it is and for which card");
	for (size_t i = 0; i < trailers.count; i++) {
		const struct rom_trailer *trailer = &trailers.trailer[i];

		if (trailer->device && trailer->device != device)
			return fail(why, -EINVAL,
				    "the ROM is for device %u, as its trailer"
				    " at 0x%x says; the card is %u: take the"
				    " ROM of that id",
				    trailer->device, trailer->at, device);
	}
	return 0;
}

static bool holds_firmware(const uint8_t *data, size_t size)
{
	for (size_t at = 0; at + CX_FS2_MAGIC_SIZE <= size; at += 4)
		if (fs2_signature(data + at))
			return true;
	return false;
}

int rom_check(const uint8_t *data, size_t size, uint16_t device,
	      struct failure *why)
{
	int err;

	if (holds_firmware(data, size))
		return fail(why, -EINVAL,
			    "a firmware image, not an expansion ROM");
	if (!size || size % 4)
		return fail(why, -EINVAL,
			    "%zu bytes: the size of a ROM is a multiple of 4,"
			    " so this one is damaged or cut off",
			    size);
	err = check_images(data, size, device, why);
	return err ? err : check_trailers(data, size, device, why);
}
