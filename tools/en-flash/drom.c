// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "tools/en-flash/change.h"
#include "tools/en-flash/source.h"
#include "tools/en-flash/verbs.h"

static int run(const struct command *c, struct source *s, struct failure *why)
{
	int err;

	if (!s->copy.image.rom)
		return fail(why, -ENOENT, "%s: has no expansion ROM", s->name);
	print_roms("ROM now:         ", &s->copy.image);
	err = change_rom(s, NULL, 0, why);
	if (err)
		return err;
	puts("deleted");
	say_power_cycle(s);
	return 0;
}

const struct verb verb_drom = {
	.name = "drom",
	.run = run,
};
