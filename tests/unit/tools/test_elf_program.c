// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/elf_program.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* Behind the rest: its macro fail() would be in the way of failure.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define BASE 0x400000

/* In the order in which they lie in the file */
struct file {
	Elf64_Ehdr head;
	Elf64_Phdr segments[3];
	Elf64_Dyn dynamic[5];
	char interpreter[8];
	char strings[32];
};

static void make_program(struct file *f)
{
	*f = (struct file){
		.head = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
				     ELFDATA2LSB, 1 },
			.e_type = ET_DYN,
			.e_machine = EM_X86_64,
			.e_phoff = offsetof(struct file, segments),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 3,
		},
		.segments = {
			{ .p_type = PT_INTERP,
			  .p_offset = offsetof(struct file, interpreter),
			  .p_filesz = 7 },
			{ .p_type = PT_LOAD, .p_vaddr = BASE,
			  .p_filesz = sizeof(*f) },
			{ .p_type = PT_DYNAMIC,
			  .p_offset = offsetof(struct file, dynamic),
			  .p_filesz = sizeof(f->dynamic) },
		},
		.dynamic = {
			{ DT_NEEDED, { 1 } },
			{ DT_RUNPATH, { 15 } },
			{ DT_STRTAB,
			  { BASE + offsetof(struct file, strings) } },
			{ DT_NEEDED, { 8 } },
		},
		.interpreter = "/ld.so",
		.strings = "\0liba.1\0libb.2\0/opt:$ORIGIN",
	};
}

static int read_file(struct elf_program *p, const struct file *f)
{
	struct failure why;

	return elf_program_read(p, (const uint8_t *)f, sizeof(*f), &why);
}

static void what_it_needs(void **state)
{
	struct elf_program p;
	struct file f;
	size_t at = 0;

	make_program(&f);
	assert_int_equal(read_file(&p, &f), 0);
	assert_string_equal(p.interpreter, "/ld.so");
	assert_string_equal(p.run_path, "/opt:$ORIGIN");
	assert_int_equal(p.machine, EM_X86_64);
	assert_string_equal(elf_program_needs(&p, &at), "liba.1");
	assert_string_equal(elf_program_needs(&p, &at), "libb.2");
	assert_null(elf_program_needs(&p, &at));
}

static void a_static_one_needs_nothing(void **state)
{
	struct elf_program p;
	struct file f;
	size_t at = 0;

	make_program(&f);
	f.segments[0].p_type = PT_NOTE;
	f.segments[2].p_type = PT_NOTE;
	assert_int_equal(read_file(&p, &f), 0);
	assert_null(p.interpreter);
	assert_null(p.run_path);
	assert_null(elf_program_needs(&p, &at));
}

static void a_name_that_does_not_end(void **state)
{
	struct elf_program p;
	struct file f;

	make_program(&f);
	memset(f.strings, 'x', sizeof(f.strings));
	assert_int_equal(read_file(&p, &f), -EBADMSG);
	make_program(&f);
	f.dynamic[3].d_un.d_val = 1 << 20;
	assert_int_equal(read_file(&p, &f), -EBADMSG);
	make_program(&f);
	f.dynamic[2].d_un.d_ptr = 0;
	assert_int_equal(read_file(&p, &f), -EBADMSG);
	make_program(&f);
	f.segments[0].p_filesz = 6;
	assert_int_equal(read_file(&p, &f), -EBADMSG);
}

static void segments_outside(void **state)
{
	struct elf_program p;
	struct file f;

	make_program(&f);
	f.segments[2].p_offset = UINT64_MAX - 8;
	assert_int_equal(read_file(&p, &f), -EBADMSG);
	make_program(&f);
	f.head.e_phoff = UINT64_MAX - 8;
	assert_int_equal(read_file(&p, &f), -EBADMSG);
	make_program(&f);
	f.head.e_phnum = UINT16_MAX;
	assert_int_equal(read_file(&p, &f), -EBADMSG);
	make_program(&f);
	f.head.e_phentsize = 4;
	assert_int_equal(read_file(&p, &f), -EBADMSG);
}

/* Cut off anywhere, in memory that ends there: the sanitizer looks on. */
static void every_truncation(void **state)
{
	struct elf_program p;
	struct file f;

	make_program(&f);
	for (size_t size = 0; size < sizeof(f); size++) {
		uint8_t *copy = malloc(size);

		assert_true(copy || !size);
		if (size)
			memcpy(copy, &f, size);
		assert_int_equal(elf_program_read(&p, copy, size, NULL),
				 -EBADMSG);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_needs),
		cmocka_unit_test(a_static_one_needs_nothing),
		cmocka_unit_test(a_name_that_does_not_end),
		cmocka_unit_test(segments_outside),
		cmocka_unit_test(every_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
