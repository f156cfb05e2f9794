// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "tools/en-flash/change.h"
#include "tools/en-flash/output.h"
#include "tools/en-flash/source.h"
#include "tools/en-flash/verbs.h"

static int run(const struct command *c, struct source *s, struct failure *why)
{
	const struct fs2_section *rom = s->copy.image.rom;
	int err;

	if (!rom)
		return fail(why, -ENOENT, "%s: has no expansion ROM", s->name);
	err = output_write(c->file, s->copy.image.bytes + rom->data, rom->size,
			   c->force, why);
	if (err)
		return err;
	print_roms("ROM:             ", &s->copy.image);
	printf("%s: %u bytes\n", c->file, rom->size);
	return 0;
}

const struct verb verb_rrom = {
	.name = "rrom",
	.file = VERB_WRITES_FILE,
	.run = run,
};
