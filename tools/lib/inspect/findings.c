// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/inspect/findings.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void findings_add(struct findings *f, const struct image *image, bool error,
		  size_t segment, const char *format, ...)
{
	struct finding *more;
	struct failure text;
	char line[sizeof(text.text)];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* Names come out of the image: fail() keeps the message one line. */
	fail(&text, 0, "%s", line);
	more = realloc(f->list, (f->count + 1) * sizeof(*more));
	if (!more) {
		f->no_memory = true;
		return;
	}
	f->list = more;
	more += f->count;
	more->error = error;
	more->segment = segment;
	more->offset = segment < image->n_segments ?
			       image->segments[segment].offset :
			       FINDING_NOWHERE;
	more->text = strdup(text.text);
	if (!more->text) {
		f->no_memory = true;
		return;
	}
	f->count++;
	f->errors += error;
}

void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->list[i].text);
	free(f->list);
	memset(f, 0, sizeof(*f));
}

const char *kernel_would(const struct image *image, int err)
{
	if (err == -ENOMEM || err == -E2BIG)
		return NULL;
	if (!image->n_segments)
		return "the kernel takes nothing of it, says so in its log"
		       " and goes on without an initrd";
	/* It asks nobody whether the last entry came to its end. */
	if (err == -ENODATA && image->segments[image->n_segments - 1].damaged &&
	    !image->segments[image->n_segments - 1].codec)
		return "the kernel keeps what it has unpacked until there and"
		       " goes on without a word in its log";
	return "the kernel keeps what it has unpacked until there, says"
	       " \"Initramfs unpacking failed\" in its log and goes on";
}

void findings_damage(struct findings *f, const struct image *image, int err,
		     const struct failure *why)
{
	const char *would = kernel_would(image, err);
	size_t segment = FINDING_NOWHERE;

	if (image->n_segments && image->segments[image->n_segments - 1].damaged)
		segment = image->n_segments - 1;
	findings_add(f, image, true, segment, "%s%s%s", why->text,
		     would ? "; " : "", would ? would : "");
	if (f->count)
		f->list[f->count - 1].offset = image->stopped_at;
}
