// SPDX-License-Identifier: GPL-2.0-only
/* What a module says of itself, kept while the rest of it goes by. */
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/modules/image_modules.h"
#include "tools/lib/modules/modinfo.h"
#include "tools/lib/modules/module_file.h"

#include <string.h>

/* The largest modules there are (graphics, with their debug data) fit. */
#define WATCHED_MAX (128U << 20)
/* amdgpu asks for some 600 files of firmware: 20 KiB */
#define FACTS_MAX (256U << 10)

static bool wants_plain(void *ctx, const char *path, uint64_t size)
{
	char name[256];

	return size <= WATCHED_MAX && module_file_is_plain(path) &&
	       !module_file_name(path, name, sizeof(name));
}

static bool wants_all(void *ctx, const char *path, uint64_t size)
{
	char name[256];

	return size <= WATCHED_MAX &&
	       !module_file_name(path, name, sizeof(name));
}

static int keep_facts(struct inode *inode, const struct modinfo *info)
{
	static const char *const keys[] = { "depends", "firmware", "vermagic" };
	struct buffer facts = { 0 };
	int err = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = NULL;

		while (!err && (value = modinfo_next(info, keys[i], value))) {
			err = buffer_printf(&facts, "%s=%s", keys[i], value);
			if (!err)
				err = buffer_add(&facts, "", 1);
		}
	}
	/* A module that says more than any is taken for none. */
	if (err || facts.size > FACTS_MAX) {
		buffer_free(&facts);
		return err;
	}
	inode->facts = (char *)facts.data;
	inode->facts_size = facts.size;
	return 0;
}

/* What is no module is none of the reading's business: it has no facts. */
static int look(void *ctx, const char *path, struct inode *inode,
		struct failure *why)
{
	struct buffer elf = { 0 };
	const uint8_t *data = inode->data;
	size_t size = inode->size;
	struct modinfo info;
	int err = 0;

	if (!module_file_is_plain(path)) {
		err = module_file_unpack(path, data, size, &elf, NULL);
		data = elf.data;
		size = elf.size;
	}
	if (!err && !modinfo_find(&info, data, size, NULL))
		err = keep_facts(inode, &info);
	buffer_free(&elf);
	return err == -ENOMEM ? fail(why, err, "out of memory") : 0;
}

const struct tree_watch *image_modules_watch(bool packed)
{
	static const struct tree_watch plain = { NULL, wants_plain, look };
	static const struct tree_watch all = { NULL, wants_all, look };

	return packed ? &all : &plain;
}
