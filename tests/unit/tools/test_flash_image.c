// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/tools/flash_sample.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/flash/chip.h"
#include "tools/lib/flash/copies.h"
#include "tools/lib/flash/crc16.h"
#include "tools/lib/flash/fs2.h"
#include "tools/lib/rom/rom_check.h"
#include "tools/lib/rom/rom_trailer.h"

#include <stdlib.h>
#include <string.h>

/* Behind the rest: its macro fail() would be in the way of failure.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define CHUNK 18

static uint16_t crc_of(const uint32_t *words, size_t count)
{
	uint8_t bytes[16] = { 0 };

	for (size_t i = 0; i < count; i++)
		put_be32(bytes + 4 * i, words[i]);
	return crc16_of(bytes, 4 * count);
}

/* The vectors of docs/hardware/flash.md, F4.5 */
static void test_crc(void **state)
{
	const uint32_t zero[] = { 0 }, ones[] = { 0xffffffff };
	const uint32_t two[] = { 0x12345678, 0x9abcdef0 };

	assert_int_equal(crc_of(NULL, 0), 0x0955);
	assert_int_equal(crc_of(zero, 1), 0x0009);
	assert_int_equal(crc_of(ones, 1), 0xc41a);
	assert_int_equal(crc_of(two, 2), 0x9999);
}

static void test_made_image(void **state)
{
	static const uint8_t mac2[] = { 0, 2, 0xc9, 0, 0, 0xbc };
	struct buffer bytes = { 0 };
	struct fs2_image image;
	struct fs2_guids guids;
	struct fs2_info info;
	struct failure why;

	sample_image(&bytes, CHUNK);
	assert_int_equal(fs2_read(&image, bytes.data, bytes.size, &why), 0);
	assert_int_equal(image.size, bytes.size);
	assert_true(image.failsafe && image.packed);
	assert_int_equal(image.chunk_shift, CHUNK);
	assert_int_equal(image.chip_revision, 0xa0);
	assert_int_equal(image.count, 4);
	assert_null(image.rom);
	assert_int_equal(fs2_read_info(&info, &image, &why), 0);
	assert_int_equal(info.device, SAMPLE_DEVICE);
	assert_int_equal(info.firmware.major, 2);
	assert_int_equal(info.firmware.minor, 7);
	assert_string_equal(info.psid, "MT_0920110004");
	assert_true(info.image_crc && !info.product_version);
	assert_int_equal(info.hw_ids[0], 0x00a00190);
	fs2_read_guids(&guids, &image);
	assert_memory_equal(guids.mac[1], mac2, 6);
	assert_int_equal(guids.guid[0], 0x0002c900030000bbULL);
	/* the header's words of F4.1 */
	assert_int_equal(get_be32(bytes.data + 0x28), 0xf600000a);
	buffer_free(&bytes);
}

/* Every byte that is damaged is found, with the place named. */
static void test_each_bit_counts(void **state)
{
	struct buffer bytes = { 0 };
	struct fs2_image image;
	struct failure why;

	sample_image(&bytes, CHUNK);
	for (size_t at = 0; at < bytes.size; at++) {
		bytes.data[at] ^= 1 << at % 8;
		assert_int_equal(fs2_read(&image, bytes.data, bytes.size, &why),
				 -EBADMSG);
		assert_true(strlen(why.text) > 20);
		bytes.data[at] ^= 1 << at % 8;
	}
	for (size_t size = 0; size < bytes.size; size++) {
		uint8_t *copy = malloc(size ? size : 1);

		memcpy(copy, bytes.data, size);
		assert_int_equal(fs2_read(&image, copy, size, &why), -EBADMSG);
		free(copy);
	}
	buffer_free(&bytes);
}

static void test_rom_in_and_out(void **state)
{
	struct buffer plain = { 0 }, rom = { 0 }, other = { 0 };
	struct buffer with = { 0 }, again = { 0 }, without = { 0 };
	struct fs2_image a, b, c;
	struct failure why;

	sample_image(&plain, CHUNK);
	sample_rom(&rom, 8192, 1);
	sample_rom(&other, 16384, 2);
	sample_with_rom(&with, &plain, &rom);
	assert_int_equal(fs2_read(&a, plain.data, plain.size, &why), 0);
	assert_int_equal(fs2_read(&b, with.data, with.size, &why), 0);
	assert_int_equal(b.count, 5);
	assert_ptr_equal(b.rom, &b.sections[1]); /* where mstflint puts it */
	assert_int_equal(b.rom->size, 8192);
	assert_memory_equal(with.data + b.rom->data, rom.data, 8192);
	assert_true(fs2_same_firmware(&a, &b, &why));
	/* another in its place, and none again: byte for byte what was */
	sample_with_rom(&again, &with, &other);
	assert_int_equal(fs2_read(&c, again.data, again.size, &why), 0);
	assert_int_equal(c.count, 5);
	assert_memory_equal(again.data + c.rom->data, other.data, 16384);
	assert_int_equal(fs2_with_rom(&c, NULL, 0, &without, &why), 0);
	assert_int_equal(without.size, plain.size);
	assert_memory_equal(without.data, plain.data, plain.size);
	/* another firmware is told from this one */
	plain.data[b.sections[0].data] ^= 1;
	assert_false(fs2_same_firmware(&a, &b, &why));
	assert_non_null(strstr(why.text, "DDR"));
	buffer_free(&plain);
	buffer_free(&rom);
	buffer_free(&other);
	buffer_free(&with);
	buffer_free(&again);
	buffer_free(&without);
}

/* GUIDs that nobody has set have no CRC, and keep having none. */
static void test_blank_guids(void **state)
{
	struct buffer plain = { 0 }, rom = { 0 }, with = { 0 };
	struct fs2_image image;
	struct fs2_guids guids;
	struct failure why;
	uint8_t *guid;

	sample_image(&plain, CHUNK);
	assert_int_equal(fs2_read(&image, plain.data, plain.size, &why), 0);
	guid = plain.data + image.guid->data;
	memset(guid, 0xff, image.guid->size);
	put_be32(guid + image.guid->size, 0xffff);
	/* the whole image has a CRC too, which is no longer right */
	assert_int_equal(fs2_read(&image, plain.data, plain.size, &why),
			 -EBADMSG);
	assert_non_null(strstr(why.text, "whole"));
	assert_true(image.guid->blank);
	sample_rom(&rom, 4096, 3);
	assert_int_equal(fs2_with_rom(&image, rom.data, rom.size, &with, &why),
			 0);
	assert_int_equal(fs2_read(&image, with.data, with.size, &why), 0);
	fs2_read_guids(&guids, &image);
	assert_true(guids.blank);
	buffer_free(&plain);
	buffer_free(&rom);
	buffer_free(&with);
}

/* F5: copy B of 256 KiB stripes has 0x40000, 0xc0000, 0x140000, ... */
static void test_stripes(void **state)
{
	const struct flash_place a = { 0, true, CHUNK };
	const struct flash_place b = flash_other_place(&a);

	assert_int_equal(b.start, 0x40000);
	assert_int_equal(flash_other_place(&b).start, 0);
	assert_int_equal(flash_physical(&a, 0x3ffff), 0x3ffff);
	assert_int_equal(flash_physical(&a, 0x40000), 0x80000);
	assert_int_equal(flash_physical(&b, 0), 0x40000);
	assert_int_equal(flash_physical(&b, 0x40004), 0xc0004);
	assert_int_equal(flash_physical(&b, 0x80000), 0x140000);
}

static int find(struct flash_copy *copy, const struct buffer *flash,
		struct failure *why)
{
	struct flash_memory memory;

	flash_memory_init_const(&memory, flash->data, flash->size);
	return flash_copy_find(copy, &memory.chip, NULL, why);
}

static void place(struct buffer *flash, const struct buffer *image,
		  uint32_t start, unsigned int shift)
{
	const struct flash_place where = { start, true, shift };

	for (uint32_t at = 0; at < image->size; at++)
		flash->data[flash_physical(&where, at)] = image->data[at];
}

static void test_find(void **state)
{
	struct buffer flash = { 0 }, plain = { 0 }, rom = { 0 }, with = { 0 };
	struct flash_copy copy;
	struct failure why;

	sample_image(&plain, 16);
	sample_rom(&rom, 200 * 512, 4);
	sample_with_rom(&with, &plain, &rom);
	buffer_add_zeros(&flash, 1 << 20);
	memset(flash.data, 0xff, flash.size);
	assert_int_equal(find(&copy, &flash, &why), -ENOENT);
	flash_copy_free(&copy);
	place(&flash, &with, 0x10000, 16);
	assert_int_equal(find(&copy, &flash, &why), 0);
	assert_int_equal(copy.place.start, 0x10000);
	assert_int_equal(copy.others, 0);
	assert_memory_equal(copy.bytes.data, with.data, with.size);
	flash_copy_free(&copy);
	/* both: the first one; the first one damaged: the other */
	place(&flash, &plain, 0, 16);
	assert_int_equal(find(&copy, &flash, &why), 0);
	assert_int_equal(copy.place.start, 0);
	assert_int_equal(copy.others, 1);
	flash_copy_free(&copy);
	flash.data[0x90] ^= 1;
	assert_int_equal(find(&copy, &flash, &why), 0);
	assert_int_equal(copy.place.start, 0x10000);
	flash_copy_free(&copy);
	flash.data[0x10090] ^= 1;
	assert_int_equal(find(&copy, &flash, &why), -EBADMSG);
	assert_non_null(strstr(why.text, "DDR"));
	flash_copy_free(&copy);
	buffer_free(&flash);
	buffer_free(&plain);
	buffer_free(&rom);
	buffer_free(&with);
}

static const char *judged(const struct buffer *rom, size_t size,
			  uint16_t device)
{
	static struct failure why;

	return rom_check(rom->data, size, device, &why) ? why.text : NULL;
}

static void test_rom_check(void **state)
{
	struct buffer rom = { 0 }, image = { 0 };
	struct rom_trailers read;
	char text[128];

	sample_rom(&rom, 16384, 5);
	assert_null(judged(&rom, rom.size, SAMPLE_DEVICE));
	rom_trailers_read(&read, rom.data, rom.size);
	assert_int_equal(read.count, 1);
	rom_trailer_text(&read.trailer[0], text, sizeof(text));
	assert_string_equal(text, "type=PXE version=1.5.5 proto=ETH");
	assert_non_null(strstr(judged(&rom, rom.size, 26448), "25448"));
	assert_non_null(
		strstr(judged(&rom, rom.size - 512, SAMPLE_DEVICE), "cut off"));
	assert_non_null(strstr(judged(&rom, rom.size - 2, SAMPLE_DEVICE),
			       "multiple of 4"));
	assert_non_null(strstr(judged(&rom, 20, SAMPLE_DEVICE), "55 aa"));
	assert_non_null(strstr(judged(&rom, 0, SAMPLE_DEVICE), "multiple"));
	rom.data[100] ^= 1;
	assert_non_null(
		strstr(judged(&rom, rom.size, SAMPLE_DEVICE), "checksum"));
	rom.data[100] ^= 1;
	rom.data[0x40] ^= 1;
	rom.data[0x06] ^= 1;
	assert_non_null(judged(&rom, rom.size, SAMPLE_DEVICE));
	sample_image(&image, CHUNK);
	assert_non_null(strstr(judged(&image, image.size, SAMPLE_DEVICE),
			       "firmware image"));
	buffer_free(&rom);
	buffer_free(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crc),
		cmocka_unit_test(test_made_image),
		cmocka_unit_test(test_each_bit_counts),
		cmocka_unit_test(test_rom_in_and_out),
		cmocka_unit_test(test_blank_guids),
		cmocka_unit_test(test_stripes),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_rom_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
