// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/modules/kernel_config.h"

#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/linux_setup.h"
#include "tools/lib/base/mapped_file.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/modules/kernel_file.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_MAX (4U << 20)
#define KERNEL_MAX (256U << 20)
#define CONFIG_LINE "CONFIG_"
#define CONFIG_TEXT "\n" CONFIG_LINE
/* Around the gzip stream that CONFIG_IKCONFIG puts into a kernel */
#define INSIDE_BEGIN "IKCFG_ST"

/* A config has settings at the begin of its lines. */
static bool is_config(const uint8_t *data, size_t size)
{
	return size && !memchr(data, '\0', size) &&
	       memmem(data, size, CONFIG_TEXT, strlen(CONFIG_TEXT));
}

static int unpack_inside(struct buffer *text, const uint8_t *data, size_t size,
			 struct failure *why)
{
	const uint8_t *at = NULL;
	size_t left;

	if (size)
		at = memmem(data, size, INSIDE_BEGIN, strlen(INSIDE_BEGIN));
	if (!at)
		return -ENOENT;
	at += strlen(INSIDE_BEGIN);
	left = data + size - at;
	if (codec_find(at, left) != &codec_gzip)
		return -ENOENT;
	return codec_decode(&codec_gzip, at, left, text, CONFIG_MAX, why);
}

/* Where a bzImage has the packed kernel. */
static int find_payload(const uint8_t *data, size_t size, const uint8_t **begin,
			size_t *length)
{
	uint64_t offset;

	if (size < SETUP_PAYLOAD_LENGTH + 4 ||
	    memcmp(data + SETUP_MAGIC, SETUP_MAGIC_TEXT, SETUP_MAGIC_SIZE) ||
	    get_le16(data + SETUP_VERSION) < SETUP_VERSION_PAYLOAD)
		return -ENOENT;
	offset = (data[SETUP_SECTORS] + 1ULL) * 512 +
		 get_le32(data + SETUP_PAYLOAD);
	*length = get_le32(data + SETUP_PAYLOAD_LENGTH);
	if (offset >= size)
		return -ENOENT;
	if (*length > size - offset)
		*length = size - offset;
	*begin = data + offset;
	return 0;
}

/* The packed kernel comes first: what is in it may show through. */
int kernel_config_inside(struct buffer *text, const uint8_t *data, size_t size,
			 size_t limit, struct failure *why)
{
	struct buffer kernel = { 0 };
	const struct codec *codec = NULL;
	const uint8_t *packed;
	size_t length;
	int err;

	if (!find_payload(data, size, &packed, &length))
		codec = codec_find(packed, length);
	if (!codec)
		return unpack_inside(text, data, size, why);
	/* The length of the kernel stands behind it, which lz4 stumbles over. */
	err = codec_decode(codec, packed, length, &kernel, limit, why);
	if (err != -ENOMEM)
		err = unpack_inside(text, kernel.data, kernel.size, why);
	buffer_free(&kernel);
	return err;
}

/* Takes the config at a path, if there is one. */
static int take(struct kernel_config *c, const char *path, struct failure *why)
{
	int err = buffer_read_file(&c->text, path, CONFIG_MAX, why);

	if (err)
		return err;
	if (!is_config(c->text.data, c->text.size)) {
		c->text.size = 0;
		return fail(why, -EBADMSG, "%s: no kernel's config", path);
	}
	c->source = strdup(path);
	return c->source ? 0 : fail(why, -ENOMEM, "out of memory");
}

static int take_in(struct kernel_config *c, const char *folder,
		   const char *release, struct failure *why)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/config%s%s", folder,
		 release ? "-" : "", release ? release : "");
	return take(c, path, why);
}

static int take_inside(struct kernel_config *c, const struct mapped_file *file,
		       const char *path, struct failure *why)
{
	int err = kernel_config_inside(&c->text, file->data, file->size,
				       KERNEL_MAX, why);

	if (err) {
		c->text.size = 0;
		return err == -ENOENT ?
			       err :
			       fail_in(why, err, "%s: the config inside", path);
	}
	c->source = strdup(path);
	return c->source ? 0 : fail(why, -ENOMEM, "out of memory");
}

/* The order is that of nearness to the file. */
static int of_kernel(struct kernel_config *c, const struct mapped_file *file,
		     const char *path, struct failure *why)
{
	char *release = NULL;
	char *copy = strdup(path);
	const char *folder;
	int err = -ENOENT;

	if (!copy)
		return fail(why, -ENOMEM, "out of memory");
	folder = dirname(copy);
	if (!kernel_release_of(file->data, file->size, &release, NULL))
		err = take_in(c, folder, release, why);
	if (err == -ENOENT)
		err = take_in(c, folder, NULL, why);
	if (err == -ENOENT)
		err = take_inside(c, file, path, why);
	if (err == -ENOENT && release)
		err = take_in(c, "/boot", release, why);
	if (err == -ENOENT)
		fail(why, err,
		     "%s: there is no config of it that can be read: neither"
		     " config-VERSION nor config beside it, nor inside",
		     path);
	free(release);
	free(copy);
	return err;
}

int kernel_config_read(struct kernel_config *c, const char *word,
		       struct failure *why)
{
	struct mapped_file file;
	int err;

	memset(c, 0, sizeof(*c));
	if (!kernel_is_file(word))
		return take_in(c, "/boot", word, why);
	err = mapped_file_open(&file, word, why);
	if (err)
		return err;
	if (is_config(file.data, file.size))
		err = take(c, word, why);
	else
		err = of_kernel(c, &file, word, why);
	mapped_file_close(&file);
	return err;
}

bool kernel_config_known(const struct kernel_config *c)
{
	return c->text.size;
}

bool kernel_config_has(const struct kernel_config *c, const char *option)
{
	const char *at = (const char *)c->text.data;
	const char *end = at + c->text.size;
	char line[64];
	int length =
		snprintf(line, sizeof(line), "%s%s=y", CONFIG_LINE, option);

	while (at < end) {
		const char *next = memchr(at, '\n', end - at);
		size_t size = (next ? next : end) - at;

		if (size == (size_t)length && !memcmp(at, line, size))
			return true;
		at += size + 1;
	}
	return false;
}

void kernel_config_free(struct kernel_config *c)
{
	buffer_free(&c->text);
	free(c->source);
	memset(c, 0, sizeof(*c));
}
