/* SPDX-License-Identifier: GPL-2.0-only */
/* What is kept of a module when its bytes are gone: text, as in .modinfo. */
#ifndef TOOLS_LIB_MODULE_FACTS_H
#define TOOLS_LIB_MODULE_FACTS_H

struct buffer;
struct modinfo;

/*
 * Appends "key=value" strings, each with its NUL: depends, firmware, vermagic
 * as the module has them; machine=NUMBER; signed=yes; import=CRC NAME (eight
 * hexadecimal digits) and export=NAME for each symbol. A struct modinfo with
 * this as its text can be asked for them. 0 or -ENOMEM.
 */
int module_facts_make(struct buffer *facts, const struct modinfo *info);

#endif
