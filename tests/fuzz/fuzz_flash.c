// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a firmware image, as a flash and as an expansion ROM; and a good
 * image with some bytes changed. Sums are put right first: else hardly anything
 * would be looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/tools/flash_sample.h"
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/flash/chip.h"
#include "tools/lib/flash/copies.h"
#include "tools/lib/flash/crc16.h"
#include "tools/lib/flash/fs2.h"
#include "tools/lib/flash/fs2_internal.h"
#include "tools/lib/rom/rom_check.h"
#include "tools/lib/rom/rom_trailer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void sum_word(uint8_t *at)
{
	at[0] = -(at[1] + at[2] + at[3]);
}

static void put_crc(uint8_t *bytes, size_t size, uint32_t from, uint32_t length)
{
	if (from % 4 == 0 && length % 4 == 0 && from <= size &&
	    length + 4 <= size - from && length <= size)
		put_be32(bytes + from + length, crc16_of(bytes + from, length));
}

/* What a reader would stop at before it has looked at anything */
static void mend(uint8_t *bytes, size_t size)
{
	static const uint32_t magic[] = { CX_FS2_MAGIC_0, CX_FS2_MAGIC_1,
					  CX_FS2_MAGIC_2, CX_FS2_MAGIC_3 };
	uint32_t at, length, words;

	if (size < 0x100)
		return;
	for (int i = 0; i < 4; i++)
		put_be32(bytes + 4 * i, magic[i]);
	sum_word(bytes + 0x28);
	sum_word(bytes + 0x2c);
	words = get_be32(bytes + CX_FS2_BOOT2 + CX_FS2_BOOT2_DWORDS);
	if (words < CX_FS2_BOOT2_LEAST || words > 32)
		words = CX_FS2_BOOT2_LEAST;
	put_be32(bytes + CX_FS2_BOOT2 + CX_FS2_BOOT2_DWORDS, words);
	at = CX_FS2_BOOT2 + 4 * (words + CX_FS2_BOOT2_EXTRA);
	put_crc(bytes, size, CX_FS2_BOOT2, at - CX_FS2_BOOT2 - 4);
	for (int i = 0; i < 16; i++) {
		if (at % 4 || at > size || size - at < 20)
			break;
		length = cx_get(bytes + at, CX_FS2_SECTION_SIZE);
		if (length > size)
			break;
		if (cx_get(bytes + at, CX_FS2_SECTION_TYPE) != CX_FS2_EMT)
			length *= 4;
		put_crc(bytes, size, at, 16 + length);
		at = cx_get(bytes + at, CX_FS2_SECTION_NEXT);
	}
	length = cx_get(bytes, CX_FS2_HEADER_IMAGE_SIZE);
	if (length <= size && length >= CX_FS2_HEADER_SIZE && !(length % 4))
		cx_set(bytes, CX_FS2_HEADER_CRC, fs2_image_crc(bytes, length));
}

static void as_image(const uint8_t *bytes, size_t size)
{
	struct buffer out = { 0 };
	struct fs2_image image, again;
	struct fs2_guids guids;

	if (fs2_read(&image, bytes, size, NULL))
		return;
	fs2_read_guids(&guids, &image);
	if (!fs2_with_rom(&image, bytes, size / 8 * 4, &out, NULL) &&
	    (fs2_read(&again, out.data, out.size, NULL) ||
	     !fs2_same_firmware(&image, &again, NULL)))
		abort();
	buffer_free(&out);
}

static void as_flash(const uint8_t *bytes, size_t size)
{
	struct flash_memory memory;
	struct flash_copy copy;

	flash_memory_init_const(&memory, bytes, size);
	flash_copy_find(&copy, &memory.chip, NULL, NULL);
	flash_copy_free(&copy);
}

static void as_rom(const uint8_t *bytes, size_t size)
{
	struct rom_trailers trailers;
	char text[64];

	rom_trailers_read(&trailers, bytes, size);
	for (size_t i = 0; i < trailers.count; i++)
		rom_trailer_text(&trailers.trailer[i], text, sizeof(text));
	rom_check(bytes, size, 25448, NULL);
}

/* Three bytes an edit: where, and what */
static void as_edited(const uint8_t *edits, size_t size)
{
	static struct buffer good;
	struct buffer copy = { 0 };

	if (!good.size) {
		struct buffer plain = { 0 }, rom = { 0 };

		sample_image(&plain, 16);
		sample_rom(&rom, 512, 1);
		sample_with_rom(&good, &plain, &rom);
		buffer_free(&plain);
		buffer_free(&rom);
	}
	buffer_add(&copy, good.data, good.size);
	for (; size >= 3; edits += 3, size -= 3)
		copy.data[get_le16(edits) % copy.size] = edits[2];
	mend(copy.data, copy.size);
	as_image(copy.data, copy.size);
	as_flash(copy.data, copy.size);
	buffer_free(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, data, size);
	as_edited(copy, size);
	as_rom(copy, size);
	as_image(copy, size);
	mend(copy, size);
	as_image(copy, size);
	as_flash(copy, size);
	free(copy);
	return 0;
}
