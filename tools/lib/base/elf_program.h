/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program or a shared library asks for before it can run. */
#ifndef TOOLS_LIB_ELF_PROGRAM_H
#define TOOLS_LIB_ELF_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

struct elf_program {
	const uint8_t *data;
	size_t size;
	bool is_64;
	uint16_t machine; /* ELF's e_machine */
	const char *interpreter; /* NULL: static, or a library */
	const char *run_path; /* folders with ':' between; NULL: none */
	/* The dynamic section, and the names that it points to */
	size_t dynamic;
	size_t dynamic_size;
	const char *strings;
	size_t strings_size;
};

/*
 * Reads the headers of the ELF file at @data, which must stay where it is.
 * 0, or -EBADMSG with a message.
 */
int elf_program_read(struct elf_program *p, const uint8_t *data, size_t size,
		     struct failure *why);

/*
 * The next library that it needs, or NULL; *@at is 0 at first, and where the
 * search goes on.
 */
const char *elf_program_needs(const struct elf_program *p, size_t *at);

#endif
