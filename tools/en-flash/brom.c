// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "tools/en-flash/change.h"
#include "tools/en-flash/source.h"
#include "tools/en-flash/verbs.h"
#include "tools/lib/rom/rom_check.h"

static bool is_there(const struct source *s, const struct buffer *bytes)
{
	const struct fs2_section *rom = s->copy.image.rom;

	return rom && rom->size == bytes->size &&
	       !memcmp(s->copy.image.bytes + rom->data, bytes->data,
		       bytes->size);
}

static int burn(struct source *s, const struct buffer *bytes,
		struct failure *why)
{
	int err;

	print_roms("ROM now:         ", &s->copy.image);
	err = change_rom(s, bytes->data, bytes->size, why);
	if (err)
		return err;
	printf("burned:          %zu bytes\n", bytes->size);
	say_power_cycle(s);
	return 0;
}

static int run(const struct command *c, struct source *s, struct failure *why)
{
	struct buffer bytes = { 0 };
	int err = buffer_read_file(&bytes, c->file, CX_FS2_SECTION_MOST, why);

	if (err)
		return err;
	err = rom_check(bytes.data, bytes.size, source_device(s), why);
	if (err)
		fail_in(why, err, "%s", c->file);
	else if (is_there(s, &bytes))
		puts("This ROM is there already; nothing was written.");
	else
		err = burn(s, &bytes, why);
	buffer_free(&bytes);
	return err;
}

const struct verb verb_brom = {
	.name = "brom",
	.file = VERB_READS_FILE,
	.run = run,
};
