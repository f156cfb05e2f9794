// SPDX-License-Identifier: GPL-2.0-only
/* What the formats have in them that some kernel, or any, trips over. */
#include "tools/lib/codec/codec.h"
#include "tools/lib/image/image.h"
#include "tools/lib/inspect/findings.h"
#include "tools/lib/modules/image_modules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether the image has modules of a kernel older than that, or of none. */
enum age { AGE_UNKNOWN, AGE_OLDER, AGE_RECENT };

static enum age age_of(const struct image_modules *m, unsigned int major,
		       unsigned int minor)
{
	enum age age = AGE_UNKNOWN;

	for (size_t i = 0; i < m->n_releases; i++) {
		unsigned int a = 0;
		unsigned int b = 0;

		if (sscanf(m->releases[i], "%u.%u", &a, &b) != 2)
			continue;
		if (a < major || (a == major && b < minor))
			return AGE_OLDER;
		age = AGE_RECENT;
	}
	return age;
}

/* An error for a kernel that is known to be older, a warning for any. */
static void needs_kernel(struct findings *f, const struct image *image,
			 const struct image_modules *m, size_t segment,
			 unsigned int major, unsigned int minor,
			 const char *what)
{
	enum age age = age_of(m, major, minor);

	if (age != AGE_RECENT)
		findings_add(f, image, age == AGE_OLDER, segment,
			     "%s: kernels before %u.%u cannot read it%s", what,
			     major, minor,
			     age == AGE_OLDER ? ", and the image is for one" :
						"");
}

static void check_segment(struct findings *f, const struct image *image,
			  const struct image_modules *m, size_t i)
{
	const struct segment *s = &image->segments[i];
	const struct segment *next = i + 1 < image->n_segments ? s + 1 : NULL;

	if (s->bad_check)
		findings_add(f, image, true, i,
			     "wrong CRC or length behind the gzip data, which"
			     " the kernel does not check: it boots what is"
			     " there, damaged or not");
	if (s->crc)
		needs_kernel(f, image, m, i, 5, 19,
			     "entries with checksums (070702)");
	if (s->codec == &codec_zstd)
		needs_kernel(f, image, m, i, 5, 9, "zstd");
	if (s->codec == &codec_lz4 && next && !next->continued)
		needs_kernel(f, image, m, i + 1, 5, 14,
			     "a segment behind an lz4 frame");
	if (next && !next->continued && !s->trailer && !s->damaged)
		findings_add(f, image, false, i,
			     "no TRAILER!!! at its end: hard links of"
			     " the next segment may join files of this one");
}

/* The kernel looks for these before it can decompress anything. */
static size_t first_packed(const struct image *image)
{
	size_t i = 0;

	while (i < image->n_segments && !image->segments[i].codec)
		i++;
	return i;
}

static void check_early(struct findings *f, const struct image *image,
			const struct tree_path *p, size_t packed)
{
	static const char *const places[] = { "kernel/x86/microcode/",
					      "kernel/firmware/acpi/" };
	size_t segment = p->inode->segment;

	if (!S_ISREG(p->inode->mode) || segment >= image->n_segments ||
	    segment < packed)
		return;
	for (size_t i = 0; i < 2; i++) {
		if (!strncmp(p->path, places[i], strlen(places[i])))
			findings_add(f, image, false, segment,
				     "%s: not in the uncompressed archives at"
				     " the head, so the kernel does not use it"
				     " early",
				     p->path);
	}
}

static void check_module(struct findings *f, const struct image *image,
			 const struct image_module *mod)
{
	if (!mod->inode->facts && mod->inode->segment < image->n_segments &&
	    !image->segments[mod->inode->segment].damaged)
		findings_add(f, image, false, mod->inode->segment,
			     "%s: no kernel module that can be read",
			     mod->path);
}

static void add_events(struct findings *f, const struct image *image,
		       const struct tree_log *log, bool error, const char *verb)
{
	for (size_t i = 0; i < log->kept; i++)
		findings_add(f, image, error, log->list[i].segment, "%s: %s%s",
			     log->list[i].path, verb, log->list[i].reason);
	if (log->count > log->kept)
		findings_add(f, image, error, FINDING_NOWHERE,
			     "%s%llu more such entries", verb,
			     (unsigned long long)(log->count - log->kept));
}

void findings_image(struct findings *f, const struct image *image,
		    const struct image_modules *m)
{
	size_t packed = first_packed(image);
	struct tree_path *paths;
	size_t count;

	for (size_t i = 0; i < image->n_segments; i++)
		check_segment(f, image, m, i);
	add_events(f, image, tree_lost_log(image->tree), true,
		   "lost by the kernel: ");
	add_events(f, image, tree_surprise_log(image->tree), false, "");
	for (size_t i = 0; i < m->count; i++)
		check_module(f, image, &m->list[i]);
	if (tree_sorted(image->tree, &paths, &count)) {
		f->no_memory = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		check_early(f, image, &paths[i], packed);
	free(paths);
	if (!tree_lookup(image->tree, "init", true))
		findings_add(f, image, false, FINDING_NOWHERE,
			     "no /init: alone it boots nothing");
}
