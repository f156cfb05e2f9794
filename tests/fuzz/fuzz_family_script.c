// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as the texts of an image that are patched: a shell script, in which
 * places are looked for and lines put in, and modules.dep.
 */
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/family/script.h"
#include "tools/lib/family/script_line.h"
#include "tools/lib/modules/modules_dep.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LINES "one\ntwo\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every byte belongs to one line. */
static void cut_into_lines(const char *text, size_t size)
{
	struct script_line l = { 0 };
	size_t end = 0;

	while (script_line_next(&l, text, size)) {
		if (l.begin != end || l.end <= l.begin || l.end > size ||
		    l.command_end > l.end)
			abort();
		end = l.end;
	}
	if (end != size)
		abort();
}

/* What was there stays, before the lines and behind them. */
static void put_in(const char *text, size_t size,
		   const struct script_place *place)
{
	struct buffer out = { 0 };
	size_t rest;

	if (place->offset > size || !place->line)
		abort();
	if (script_insert(&out, text, size, place, LINES))
		abort();
	rest = size - place->offset;
	if (out.size < size + strlen(LINES) ||
	    memcmp(out.data, text, place->offset) ||
	    (rest &&
	     memcmp(out.data + out.size - rest, text + place->offset, rest)))
		abort();
	buffer_free(&out);
}

static void patch_script(const char *text, size_t size)
{
	struct script_place place = { 0 };

	cut_into_lines(text, size);
	if (script_find_load(text, size, &place))
		put_in(text, size, &place);
	if (script_find_if_set(text, size, "A", &place))
		put_in(text, size, &place);
	if (script_find_begin(text, size, &place))
		put_in(text, size, &place);
	if (script_find_command(text, size, "load_modules", &place))
		put_in(text, size, &place);
	script_reads(text, size, "A");
}

/* What was written has an index, and is read again. */
static void patch_dep(const char *text)
{
	const char *needs[] = { "b", "c", NULL };
	struct modules_dep_file files[] = {
		{ "a", "updates/a.ko", needs },
		{ "b", "updates/b.ko", needs + 2 },
	};
	struct buffer once = { 0 };
	struct buffer twice = { 0 };
	struct buffer index = { 0 };

	if (!modules_dep_text(text, files, 2, &once, NULL)) {
		if (buffer_add_zeros(&once, 1) ||
		    modules_dep_index((char *)once.data, &index, NULL) ||
		    modules_dep_text((char *)once.data, files, 2, &twice, NULL))
			abort();
		if (twice.size != once.size - 1 ||
		    memcmp(once.data, twice.data, twice.size))
			abort();
	}
	buffer_free(&once);
	buffer_free(&twice);
	buffer_free(&index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	/* A file with a NUL in it is no text: nobody patches it. */
	if (!memchr(text, '\0', size)) {
		patch_script(text, size);
		patch_dep(text);
	}
	free(text);
	return 0;
}
