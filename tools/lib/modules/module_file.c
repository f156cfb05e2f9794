// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/modules/module_file.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/hash.h"

#include <string.h>

#define MODULE_MAX (256U << 20)

static const struct {
	const char *end;
	const struct codec *codec;
} suffixes[] = {
	{ ".ko", NULL },
	{ ".ko.gz", &codec_gzip },
	{ ".ko.xz", &codec_xz },
	{ ".ko.zst", &codec_zstd },
};

/* The index into suffixes, or -1. */
static int suffix_of(const char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t end = strlen(suffixes[i].end);

		if (length > end &&
		    !strcmp(path + length - end, suffixes[i].end))
			return i;
	}
	return -1;
}

int module_file_name(const char *path, char *name, size_t room)
{
	const char *base = strrchr(path, '/');
	int suffix = suffix_of(path);
	size_t length;

	base = base ? base + 1 : path;
	if (suffix < 0)
		return -EINVAL;
	length = strlen(base) - strlen(suffixes[suffix].end);
	if (!length || length >= room)
		return -EINVAL;
	for (size_t i = 0; i < length; i++)
		name[i] = base[i] == '-' ? '_' : base[i];
	name[length] = '\0';
	return 0;
}

bool module_file_is_plain(const char *path)
{
	return suffix_of(path) == 0;
}

/* Paths of a tree are resolved, so there is no third way to write it. */
const char *module_file_below(const char *path)
{
	static const char prefix[] = "usr/lib/modules/";

	if (!strncmp(path, prefix, strlen(prefix)))
		return path + strlen(prefix);
	if (!strncmp(path, prefix + 4, strlen(prefix) - 4))
		return path + strlen(prefix) - 4;
	return NULL;
}

int module_file_unpack(const char *path, const uint8_t *data, size_t size,
		       struct buffer *elf, struct failure *why)
{
	int suffix = suffix_of(path);

	if (suffix < 0 || !suffixes[suffix].codec) {
		if (buffer_add(elf, data, size))
			return fail(why, -ENOMEM, "out of memory");
		return 0;
	}
	return codec_decode(suffixes[suffix].codec, data, size, elf, MODULE_MAX,
			    why);
}

int module_file_read(const char *path, struct buffer *elf, uint64_t *stored,
		     struct failure *why)
{
	const struct codec *codec = NULL;
	struct buffer file = { 0 };
	int suffix = suffix_of(path);
	int err;

	if (suffix >= 0)
		codec = suffixes[suffix].codec;
	err = buffer_read_file(&file, path, MODULE_MAX, why);
	if (err)
		return err;
	*stored = hash_of(file.data, file.size);
	if (!codec) {
		*elf = file;
		return 0;
	}
	err = codec_decode(codec, file.data, file.size, elf, MODULE_MAX, why);
	buffer_free(&file);
	return err ? fail_in(why, err, "%s", path) : 0;
}
