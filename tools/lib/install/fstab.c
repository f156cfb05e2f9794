// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/install/fstab.h"

#include "tools/lib/base/buffer.h"

#include <stdbool.h>
#include <string.h>

#define BLANKS " \t"

struct field {
	const char *text;
	size_t size;
};

static struct field next_field(const char **at, const char *end)
{
	struct field f;

	while (*at < end && strchr(BLANKS, **at))
		(*at)++;
	f.text = *at;
	while (*at < end && !strchr(BLANKS, **at))
		(*at)++;
	f.size = *at - f.text;
	return f;
}

static bool is(const struct field *f, const char *text)
{
	return f->size == strlen(text) && !memcmp(f->text, text, f->size);
}

static bool begins(const struct field *f, const char *text)
{
	return f->size >= strlen(text) && !memcmp(f->text, text, strlen(text));
}

/* What names a disk; network file systems and memory have other words. */
static bool is_disk(const struct field *source)
{
	static const char *const words[] = {
		"/dev/",      "UUID=", "LABEL=",  "PARTUUID=",
		"PARTLABEL=", "ID=",   "\"UUID=", "\"LABEL="
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (begins(source, words[i]))
			return true;
	}
	return false;
}

static int take_line(const char *line, const char *end, struct buffer *out)
{
	const char *at = line;
	struct field source = next_field(&at, end);
	struct field point = next_field(&at, end);
	bool comment = !source.size || *source.text == '#';
	int err = 0;

	if (!comment && (is(&point, "/") || is_disk(&source)))
		err = buffer_printf(out, "# before iscsi-root: ");
	if (!err)
		err = buffer_add(out, line, end - line);
	return err ? err : buffer_add(out, "\n", 1);
}

int fstab_make(const char *text, size_t size, const char *uuid,
	       struct buffer *out)
{
	const char *end = text + size;
	int err;

	/* _netdev: the network stays until this is not needed any more. */
	err = buffer_printf(out, "UUID=%s / ext4 defaults,_netdev 0 1\n", uuid);
	while (!err && text < end) {
		const char *stop = memchr(text, '\n', end - text);

		if (!stop)
			stop = end;
		err = take_line(text, stop, out);
		text = stop + 1;
	}
	return err;
}
