// SPDX-License-Identifier: GPL-2.0-only
/* Opening has checked all; here it is only shown. */
#include <stdio.h>

#include "tools/en-flash/source.h"
#include "tools/en-flash/verbs.h"

static void line(const char *what, uint32_t from, uint32_t to)
{
	printf("0x%08x  0x%08x  %-16s OK\n", from, to - 1, what);
}

static int run(const struct command *c, struct source *s, struct failure *why)
{
	const struct fs2_image *image = &s->copy.image;

	if (s->chip && s->copy.place.striped)
		printf("image at 0x%x, in stripes of 0x%x bytes\n",
		       s->copy.place.start, 1u << s->copy.place.chunk_shift);
	line("BOOT2", CX_FS2_BOOT2, image->sections_at);
	for (unsigned int i = 0; i < image->count; i++) {
		const struct fs2_section *section = &image->sections[i];

		line(fs2_section_name(section->type), section->at,
		     section->data + section->size + CX_FS2_SECTION_CRC);
	}
	if (s->info.image_crc)
		line("the whole", 0, image->size);
	if (s->copy.others)
		printf("and %u more signature%s in the flash: it was burned,"
		       " and not to the end\n",
		       s->copy.others, s->copy.others > 1 ? "s" : "");
	return 0;
}

const struct verb verb_verify = {
	.name = "verify",
	.run = run,
};
