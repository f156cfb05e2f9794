// SPDX-License-Identifier: GPL-2.0-only
#include "include/connectx/ids.h"
#include "include/connectx/rom.h"
#include "rom/lib/crc32.h"
#include "rom/lib/lzma_decode.h"
#include "rom/lib/payload_find.h"
#include "rom/mkrom/heads.h"
#include "rom/mkrom/settings.h"
#include "rom/stub/layout.h"
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/rom/rom_image.h"
#include "tools/lib/rom/rom_payload.h"
#include "tools/lib/rom/rom_trailer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Behind the rest: its macro fail() would be in the way of failure.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define DEVICE 25448
#define TEXT_SIZE 200000

static const struct rom_version version = { 1, 5, 5 };

/* A text that compresses, but not to nothing */
static uint8_t *make_text(void)
{
	uint8_t *text = malloc(TEXT_SIZE);
	uint32_t seed = 1;

	assert_non_null(text);
	for (size_t i = 0; i < TEXT_SIZE; i++) {
		seed = seed * 1103515245 + 12345;
		text[i] = i > 1000 && seed >> 30 ? text[i - 997] : seed >> 16;
	}
	return text;
}

/* A whole ROM with two parts; the caller frees both. */
static void make_rom(struct buffer *rom, struct rom_payload *payload)
{
	struct failure why = { "" };
	uint8_t *text = make_text();

	*rom = (struct buffer){ 0 };
	*payload = (struct rom_payload){ 0 };
	assert_int_equal(heads_bios(rom, DEVICE, &version, &why), 0);
	assert_int_equal(heads_uefi(rom, DEVICE, &version, &why), 0);
	assert_int_equal(rom_part_set(payload, PAYLOAD_BIOS, text, 1001, &why),
			 0);
	assert_int_equal(
		rom_part_pack(payload, PAYLOAD_UEFI, text, TEXT_SIZE, &why), 0);
	assert_int_equal(rom_payload_write(rom, payload, DEVICE, &why), 0);
	free(text);
}

static void end_rom(struct buffer *rom, struct rom_payload *payload)
{
	buffer_free(rom);
	rom_payload_free(payload);
}

static void test_chain_and_checksums(void **state)
{
	struct rom_payload payload;
	struct rom_images images;
	struct failure why = { "" };
	struct buffer rom;

	make_rom(&rom, &payload);
	assert_int_equal(rom_images_read(rom.data, rom.size, &images, &why), 0);
	assert_int_equal(images.count, 3);
	assert_int_equal(images.image[0].code_type, CX_ROM_CODE_BIOS);
	assert_int_equal(images.image[1].code_type, CX_ROM_CODE_EFI);
	assert_int_equal(images.image[2].code_type, CX_ROM_CODE_DATA);
	for (size_t i = 0; i < images.count; i++) {
		assert_int_equal(images.image[i].vendor, CX_PCI_VENDOR_ID);
		assert_int_equal(images.image[i].device, DEVICE);
		assert_int_equal(images.image[i].last, i == 2);
	}
	assert_int_equal(images.image[0].size, STUB_SIZE);
	assert_int_equal(images.image[0].sum, 0);
	assert_int_equal(rom_sum(rom.data, STUB_SIZE), 0);
	assert_memory_equal(rom.data + STUB_PNP, "$PnP", 4);
	assert_int_equal(rom_sum(rom.data + STUB_PNP, 32), 0);
	assert_string_equal((char *)rom.data + STUB_PRODUCT, "MLNX NIC 1.5.5");
	assert_int_equal(rom.data[CX_ROM_SPARE], 0);
	assert_int_equal(images.image[2].offset + images.image[2].size,
			 rom.size);
	end_rom(&rom, &payload);
}

static void test_trailers(void **state)
{
	/* What flint of 2009 wrote for version 1.5.5 of 25448 */
	static const uint8_t expected[] = {
		0x6d, 0x6c, 0x78, 0x73, 0x69, 0x67, 0x6e, 0x3a, 0x01, 0x00,
		0x10, 0x00, 0x05, 0x00, 0x05, 0x00, 0x01, 0x00, 0x68, 0x63,
	};
	struct rom_trailers found;
	struct rom_payload payload;
	struct buffer rom;

	make_rom(&rom, &payload);
	assert_memory_equal(rom.data + STUB_TRAILER, expected,
			    sizeof(expected));
	rom_trailers_read(&found, rom.data, rom.size);
	assert_int_equal(found.count, 2);
	assert_int_equal(found.trailer[0].at, STUB_TRAILER);
	assert_int_equal(found.trailer[0].major, version.major);
	assert_int_equal(found.trailer[0].product, CX_ROM_PRODUCT_PXE);
	assert_int_equal(found.trailer[0].protocol, CX_ROM_PROTOCOL_ETH);
	assert_int_equal(found.trailer[1].product, CX_ROM_PRODUCT_UEFI);
	assert_int_equal(found.trailer[1].cpu, CX_ROM_CPU_AMD64);
	assert_int_equal(found.trailer[1].device, DEVICE);
	/* One that is cut off is none. */
	rom_trailers_read(&found, expected, sizeof(expected) - 1);
	assert_int_equal(found.count, 0);
	end_rom(&rom, &payload);
}

static void test_payload_comes_back(void **state)
{
	struct rom_payload payload, again = { 0 };
	struct payload_table table;
	struct rom_images images;
	struct failure why = { "" };
	const uint8_t *image;
	const char *text;
	struct buffer rom;

	make_rom(&rom, &payload);
	assert_int_equal(rom_images_read(rom.data, rom.size, &images, &why), 0);
	assert_int_equal(rom_payload_read(&again,
					  rom.data + images.image[2].offset,
					  images.image[2].size, &why),
			 0);
	for (size_t kind = 0; kind < ROM_PARTS; kind++) {
		const struct rom_part *part = &payload.part[kind];

		assert_int_equal(again.part[kind].data.size, part->data.size);
		if (part->data.size)
			assert_memory_equal(again.part[kind].data.data,
					    part->data.data, part->data.size);
	}
	/* What runs in the ROM finds the same. */
	image = payload_find(rom.data, rom.size, &table, &text);
	assert_ptr_equal(image, rom.data + images.image[2].offset);
	assert_int_equal(payload_part(&table, PAYLOAD_BIOS)->size, 1001);
	assert_int_equal(payload_part(&table, PAYLOAD_UEFI)->unpacked,
			 TEXT_SIZE);
	assert_null(payload_part(&table, ROM_PARTS));
	rom_payload_free(&again);
	end_rom(&rom, &payload);
}

/* Cut off anywhere, or with any byte of its heads another: never a crash. */
static void test_broken_roms(void **state)
{
	struct rom_payload payload, read;
	struct rom_images images;
	struct failure why = { "" };
	struct payload_table table;
	const char *text;
	struct buffer rom;

	make_rom(&rom, &payload);
	for (size_t size = 0; size < rom.size; size += 97) {
		uint8_t *copy = malloc(size + 1);

		memcpy(copy, rom.data, size);
		assert_int_not_equal(rom_images_read(copy, size, &images, &why),
				     0);
		/* The last block may have nothing but its filling. */
		if (size <= rom.size - CX_ROM_BLOCK)
			assert_null(payload_find(copy, size, &table, &text));
		free(copy);
	}
	assert_int_equal(rom_images_read(rom.data, rom.size, &images, &why), 0);
	for (size_t at = 0; at < 512; at++) {
		uint8_t *image = rom.data + images.image[2].offset;

		read = (struct rom_payload){ 0 };
		image[at] ^= 0x81;
		payload_find(rom.data, rom.size, &table, &text);
		rom_payload_read(&read, image, images.image[2].size, &why);
		rom_payload_free(&read);
		image[at] ^= 0x81;
	}
	end_rom(&rom, &payload);
}

static void test_damage_is_told(void **state)
{
	struct rom_payload payload, read = { 0 };
	struct rom_images images;
	struct failure why = { "" };
	struct buffer rom;

	make_rom(&rom, &payload);
	assert_int_equal(rom_images_read(rom.data, rom.size, &images, &why), 0);
	rom.data[images.image[2].offset + 600] ^= 1;
	assert_int_equal(rom_payload_read(&read,
					  rom.data + images.image[2].offset,
					  images.image[2].size, &why),
			 -EINVAL);
	assert_non_null(strstr(why.text, "part 'bios'"));
	assert_non_null(strstr(why.text, "damaged"));
	rom_payload_free(&read);
	end_rom(&rom, &payload);
}

static void test_unpack(void **state)
{
	struct rom_part packed;
	struct lzma_work *work = malloc(lzma_work_size());
	struct rom_payload payload = { 0 };
	uint8_t *text = make_text(), *out = malloc(TEXT_SIZE);
	struct failure why;

	assert_int_equal(rom_part_pack(&payload, PAYLOAD_UEFI, text, TEXT_SIZE,
				       &why),
			 0);
	packed = payload.part[PAYLOAD_UEFI];
	assert_true(packed.data.size < TEXT_SIZE * 3 / 4);
	assert_int_equal(lzma_decode(work, packed.data.data, packed.data.size,
				     out, TEXT_SIZE),
			 0);
	assert_memory_equal(out, text, TEXT_SIZE);
	assert_int_equal(lzma_decode(work, packed.data.data,
				     packed.data.size / 2, out, TEXT_SIZE),
			 -1);
	/* Any damage: an error or another text, never a crash. */
	for (size_t at = 0; at < packed.data.size; at += 1009) {
		packed.data.data[at] ^= 0x40;
		lzma_decode(work, packed.data.data, packed.data.size, out,
			    TEXT_SIZE);
		packed.data.data[at] ^= 0x40;
	}
	rom_payload_free(&payload);
	free(work);
	free(text);
	free(out);
}

static void test_crc(void **state)
{
	assert_int_equal(rom_crc32(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(rom_crc32(rom_crc32(0, "1234", 4), "56789", 5),
			 0xcbf43926);
}

static void test_settings(void **state)
{
	struct settings settings, again;
	struct buffer text = { 0 };
	struct failure why = { "" };

	settings_default(&settings, "1.5.5");
	assert_int_equal(settings.timeout, 2);
	assert_int_equal(settings_set_banner(&settings, "Rack 7, top", &why),
			 0);
	assert_int_equal(settings_set_timeout(&settings, "11", &why), 0);
	assert_int_equal(settings_set_vlan(&settings, "4094", &why), 0);
	assert_int_equal(settings_write(&text, &settings, &why), 0);
	assert_int_equal(settings_read(&again, &text, &why), 0);
	assert_memory_equal(&again, &settings, sizeof(settings));
	assert_int_equal(settings_set_banner(&settings, "${net0/mac}", &why),
			 -EINVAL);
	assert_non_null(strstr(why.text, "character 1"));
	assert_int_equal(settings_set_banner(&settings, "a && reboot", &why),
			 -EINVAL);
	assert_int_equal(settings_set_banner(&settings, "a\nreboot", &why),
			 -EINVAL);
	assert_int_equal(settings_set_banner(&settings, "", &why), -EINVAL);
	assert_int_equal(settings_set_timeout(&settings, "-1", &why), -EINVAL);
	assert_int_equal(settings_set_timeout(&settings, "3s", &why), -EINVAL);
	assert_int_equal(settings_set_vlan(&settings, "4095", &why), -EINVAL);
	assert_int_equal(buffer_printf(&text, "reboot\n"), 0);
	assert_int_equal(settings_read(&again, &text, &why), -EINVAL);
	assert_non_null(strstr(why.text, "line 7"));
	buffer_free(&text);

	/* A script that is not ours knows nothing of keys. */
	settings.interruptible = false;
	assert_int_equal(settings_write(&text, &settings, &why), 0);
	assert_null(memmem(text.data, text.size, "rom-window", 10));
	assert_int_equal(settings_read(&again, &text, &why), 0);
	assert_false(again.interruptible);
	buffer_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain_and_checksums),
		cmocka_unit_test(test_trailers),
		cmocka_unit_test(test_payload_comes_back),
		cmocka_unit_test(test_broken_roms),
		cmocka_unit_test(test_damage_is_told),
		cmocka_unit_test(test_unpack),
		cmocka_unit_test(test_crc),
		cmocka_unit_test(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
