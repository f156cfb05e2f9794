// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/modules/module_facts.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/modules/modinfo.h"

#include <string.h>

static int add_symbols(struct buffer *facts, const struct modinfo *info)
{
	struct modinfo_import import;
	int err = 0;

	for (size_t i = 0; !err && modinfo_import(info, i, &import); i++) {
		err = buffer_printf(facts, "import=%08x %.*s", import.crc,
				    (int)import.length, import.name);
		if (!err)
			err = buffer_add(facts, "", 1);
	}
	for (size_t at = 0; !err && at < info->exports_size;) {
		size_t length =
			strnlen(info->exports + at, info->exports_size - at);

		if (length)
			err = buffer_printf(facts, "export=%.*s", (int)length,
					    info->exports + at);
		if (!err && length)
			err = buffer_add(facts, "", 1);
		at += length + 1;
	}
	return err;
}

int module_facts_make(struct buffer *facts, const struct modinfo *info)
{
	static const char *const keys[] = { "depends", "firmware", "vermagic" };
	int err = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = NULL;

		while (!err && (value = modinfo_next(info, keys[i], value))) {
			err = buffer_printf(facts, "%s=%s", keys[i], value);
			if (!err)
				err = buffer_add(facts, "", 1);
		}
	}
	if (!err)
		err = buffer_printf(facts, "machine=%u", info->machine);
	if (!err)
		err = buffer_add(facts, "", 1);
	if (!err && info->is_signed)
		err = buffer_add(facts, "signed=yes", sizeof("signed=yes"));
	return err ? err : add_symbols(facts, info);
}
