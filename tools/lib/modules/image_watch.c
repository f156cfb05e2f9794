// SPDX-License-Identifier: GPL-2.0-only
/* What a module says of itself, kept while the rest of it goes by. */
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/modules/image_modules.h"
#include "tools/lib/modules/modinfo.h"
#include "tools/lib/modules/module_facts.h"
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
	struct buffer facts = { 0 };
	int err = module_facts_make(&facts, info);

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

/*
 * A few modules tell a kernel's CRCs as well as all of them do: each imports
 * some dozens of the symbols that every driver imports.
 */
static bool wants_sample(void *ctx, const char *path, uint64_t size)
{
	struct module_sample *sample = ctx;
	bool plain = module_file_is_plain(path);
	unsigned int *left = plain ? &sample->plain : &sample->packed;

	if (!*left || !module_file_below(path) || !wants_all(NULL, path, size))
		return false;
	--*left;
	return true;
}

void module_sample_begin(struct module_sample *sample)
{
	sample->plain = 64;
	sample->packed = 4; /* some milliseconds each */
	sample->watch.ctx = sample;
	sample->watch.wants = wants_sample;
	sample->watch.look = look;
}
