// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "tools/en-flash/output.h"
#include "tools/en-flash/source.h"
#include "tools/en-flash/verbs.h"

static int run(const struct command *c, struct source *s, struct failure *why)
{
	const struct fs2_image *image = &s->copy.image;
	int err =
		output_write(c->file, image->bytes, image->size, c->force, why);

	if (!err)
		printf("%s: %u bytes, every checksum right\n", c->file,
		       image->size);
	return err;
}

const struct verb verb_backup = {
	.name = "backup",
	.file = VERB_WRITES_FILE,
	.run = run,
};
