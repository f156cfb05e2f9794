/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel module says of itself: .modinfo, symbols, signature. */
#ifndef TOOLS_LIB_MODINFO_H
#define TOOLS_LIB_MODINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

struct modinfo {
	const char *text; /* "key=value" strings, each with its NUL */
	size_t size;
	uint16_t machine; /* ELF's e_machine */
	bool is_64;
	bool is_signed; /* a signature is appended; nobody has checked it */
	/* __versions: the CRC of each symbol that it imports; NULL: none */
	const uint8_t *versions;
	size_t versions_size;
	/* __ksymtab_strings: the symbols that it exports; NULL: none */
	const char *exports;
	size_t exports_size;
};

/*
 * Finds .modinfo in the module at @elf, which must stay where it is.
 * 0 or -EBADMSG with a message.
 */
int modinfo_find(struct modinfo *info, const uint8_t *elf, size_t size,
		 struct failure *why);

/*
 * The value of the next @key behind @previous (NULL: the first), or NULL.
 */
const char *modinfo_next(const struct modinfo *info, const char *key,
			 const char *previous);

/* A symbol that a module imports; the name need not end in a NUL. */
struct modinfo_import {
	const char *name;
	size_t length;
	uint32_t crc;
};

/* The import with the number @i, from 0. False: there are no more. */
bool modinfo_import(const struct modinfo *info, size_t i,
		    struct modinfo_import *import);

#endif
