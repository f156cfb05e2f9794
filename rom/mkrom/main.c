// SPDX-License-Identifier: GPL-2.0-only
/* mkrom: makes expansion ROMs, changes their settings, shows them. */
#include "rom/mkrom/inspect.h"
#include "rom/mkrom/options.h"
#include "rom/mkrom/rom.h"
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"

#include <stdio.h>
#include <stdlib.h>

static int read_rom(struct rom *rom, const char *path, struct failure *why)
{
	struct buffer file = { 0 };
	int err = buffer_read_file(&file, path, ROM_MAX, why);

	if (!err) {
		err = rom_read(rom, file.data, file.size, why);
		if (err)
			fail_in(why, err, "%s", path);
	}
	buffer_free(&file);
	return err;
}

int main(int argc, char **argv)
{
	struct failure why = { "" };
	struct options options;
	struct rom rom = { 0 };
	int err;

	options_read(&options, argc, argv);
	if (options.done >= 0)
		return options.done;
	if (options.verb == VERB_BUILD) {
		err = rom_build(&rom, &options, &why);
	} else {
		err = read_rom(&rom, options.input, &why);
		if (options.verb == VERB_INSPECT && rom.size)
			inspect(&rom, err ? why.text : NULL, options.json);
	}
	if (!err && options.verb == VERB_SET)
		err = rom_set(&rom, &options, &why);
	if (!err && options.verb != VERB_INSPECT)
		err = rom_write(&rom,
				options.output ? options.output : options.input,
				&why);
	if (err)
		fprintf(stderr, "mkrom: %s\n", why.text);
	rom_free(&rom);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
