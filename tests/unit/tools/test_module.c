// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/buffer.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/hash.h"
#include "tools/lib/modules/modinfo.h"
#include "tools/lib/modules/module_file.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Behind the rest: its macro fail() would be in the way of failure.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const char strings[] = "\0.shstrtab\0.modinfo\0__versions";
static const char info[] = "license=GPL\0firmware=a.bin\0vermagic=6.1 SMP\0"
			   "firmwarex=no\0firmware=b.bin";

/* What modpost writes: the second name takes all the room that there is. */
static const struct {
	uint64_t crc;
	char name[56];
} versions[] = {
	{ 0xfedcba98, "module_layout" },
	{ 1, "a_name_of_fifty_six_letters_that_has_no_nul_byte_at_all_" },
};

/* A relocatable object with the sections that matter. */
static void make_elf(struct buffer *b)
{
	Elf64_Ehdr head = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
		.e_type = ET_REL,
		.e_machine = EM_X86_64,
		.e_shoff = sizeof(head),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = 4,
		.e_shstrndx = 1,
	};
	size_t data = sizeof(head) + 4 * sizeof(Elf64_Shdr);
	Elf64_Shdr sections[4] = {
		{ 0 },
		{ .sh_name = 1, .sh_offset = data, .sh_size = sizeof(strings) },
		{
			.sh_name = 11,
			.sh_offset = data + sizeof(strings),
			.sh_size = sizeof(info),
		},
		{
			.sh_name = 20,
			.sh_offset = data + sizeof(strings) + sizeof(info),
			.sh_size = sizeof(versions),
		},
	};

	memset(b, 0, sizeof(*b));
	assert_int_equal(buffer_add(b, &head, sizeof(head)), 0);
	assert_int_equal(buffer_add(b, sections, sizeof(sections)), 0);
	assert_int_equal(buffer_add(b, strings, sizeof(strings)), 0);
	assert_int_equal(buffer_add(b, info, sizeof(info)), 0);
	assert_int_equal(buffer_add(b, versions, sizeof(versions)), 0);
}

static void values_of_a_key(void **state)
{
	struct modinfo m;
	struct buffer b;
	const char *value;

	make_elf(&b);
	assert_int_equal(modinfo_find(&m, b.data, b.size, NULL), 0);
	assert_int_equal(m.machine, EM_X86_64);
	assert_string_equal(modinfo_next(&m, "vermagic", NULL), "6.1 SMP");
	value = modinfo_next(&m, "firmware", NULL);
	assert_string_equal(value, "a.bin");
	value = modinfo_next(&m, "firmware", value);
	assert_string_equal(value, "b.bin");
	assert_null(modinfo_next(&m, "firmware", value));
	assert_null(modinfo_next(&m, "depends", NULL));
	buffer_free(&b);
}

static void imports_with_their_crcs(void **state)
{
	static const char end[] = "~Module signature appended~\n";
	struct modinfo_import import;
	struct modinfo m;
	struct buffer b;

	make_elf(&b);
	assert_int_equal(modinfo_find(&m, b.data, b.size, NULL), 0);
	assert_false(m.is_signed);
	assert_true(modinfo_import(&m, 0, &import));
	assert_int_equal(import.crc, 0xfedcba98);
	assert_int_equal(import.length, strlen("module_layout"));
	assert_true(modinfo_import(&m, 1, &import));
	assert_int_equal(import.length, 56);
	assert_memory_equal(import.name, versions[1].name, 56);
	assert_false(modinfo_import(&m, 2, &import));
	assert_int_equal(buffer_add(&b, end, strlen(end)), 0);
	assert_int_equal(modinfo_find(&m, b.data, b.size, NULL), 0);
	assert_true(m.is_signed);
	buffer_free(&b);
}

/* In memory of exactly that size, so that a read behind it is noticed. */
static void every_truncation_is_refused(void **state)
{
	struct modinfo m;
	struct buffer b;

	make_elf(&b);
	for (size_t size = 0; size < b.size - sizeof(versions); size++) {
		uint8_t *copy = malloc(size ? size : 1);

		memcpy(copy, b.data, size);
		assert_int_equal(modinfo_find(&m, copy, size, NULL), -EBADMSG);
		free(copy);
	}
	buffer_free(&b);
}

static void any_flipped_byte_is_survived(void **state)
{
	struct buffer b;

	make_elf(&b);
	for (size_t i = 0; i < b.size - sizeof(info) - sizeof(versions); i++) {
		for (int bit = 0; bit < 8; bit++) {
			uint8_t *copy = malloc(b.size);
			struct modinfo m;

			memcpy(copy, b.data, b.size);
			copy[i] ^= 1 << bit;
			if (!modinfo_find(&m, copy, b.size, NULL))
				modinfo_next(&m, "vermagic", NULL);
			free(copy);
		}
	}
	buffer_free(&b);
}

static void names_of_modules(void **state)
{
	char name[16];

	assert_int_equal(module_file_name("a/snd-hda.ko", name, 16), 0);
	assert_string_equal(name, "snd_hda");
	assert_int_equal(module_file_name("mlx4_en.ko.zst", name, 16), 0);
	assert_string_equal(name, "mlx4_en");
	assert_true(module_file_is_plain("x.ko"));
	assert_false(module_file_is_plain("x.ko.xz"));
	assert_int_equal(module_file_name("x.kox", name, 16), -EINVAL);
	assert_int_equal(module_file_name("a/.ko", name, 16), -EINVAL);
	assert_int_equal(module_file_name("much-too-long-a-name.ko", name, 16),
			 -EINVAL);
}

static void write_and_read(const char *end, const struct codec *codec)
{
	struct buffer packed = { 0 };
	struct buffer back = { 0 };
	struct failure why = { "" };
	char path[64];
	uint64_t stored;
	struct buffer b;
	int fd;

	make_elf(&b);
	if (codec)
		assert_int_equal(
			codec_encode(codec, b.data, b.size, &packed, NULL), 0);
	else
		assert_int_equal(buffer_add(&packed, b.data, b.size), 0);
	snprintf(path, sizeof(path), "/tmp/test_module.%ld%s", (long)getpid(),
		 end);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, packed.data, packed.size), packed.size);
	close(fd);
	assert_int_equal(module_file_read(path, &back, &stored, &why), 0);
	unlink(path);
	assert_int_equal(back.size, b.size);
	assert_memory_equal(back.data, b.data, b.size);
	assert_int_equal(stored, hash_of(packed.data, packed.size));
	assert_int_equal(module_file_read(path, &back, &stored, &why), -ENOENT);
	assert_non_null(strstr(why.text, path));
	buffer_free(&b);
	buffer_free(&back);
	buffer_free(&packed);
}

static void every_suffix_is_unpacked(void **state)
{
	write_and_read(".ko", NULL);
	write_and_read(".ko.gz", &codec_gzip);
	write_and_read(".ko.xz", &codec_xz);
	write_and_read(".ko.zst", &codec_zstd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_a_key),
		cmocka_unit_test(imports_with_their_crcs),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(any_flipped_byte_is_survived),
		cmocka_unit_test(names_of_modules),
		cmocka_unit_test(every_suffix_is_unpacked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
