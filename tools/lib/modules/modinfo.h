/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel module says of itself in its .modinfo section. */
#ifndef TOOLS_LIB_MODINFO_H
#define TOOLS_LIB_MODINFO_H

#include <stddef.h>
#include <stdint.h>

struct failure;

struct modinfo {
	const char *text; /* "key=value" strings, each with its NUL */
	size_t size;
	uint16_t machine; /* ELF's e_machine */
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

#endif
