// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "tools/en-flash/source.h"
#include "tools/en-flash/verbs.h"

const struct verb *const verbs[] = {
	&verb_query, &verb_verify, &verb_brom,	  &verb_rrom,
	&verb_drom,  &verb_backup, &verb_restore, NULL,
};

int main(int argc, char **argv)
{
	struct command command;
	struct source source;
	struct failure why, end;
	int err, at_end;

	command_read(&command, argc, argv);
	if (command.done >= 0)
		return command.done;
	err = source_open(&source, &command, command.verb->damaged, &why);
	if (!err)
		err = command.verb->run(&command, &source, &why);
	at_end = source_close(&source, &end);
	if (err)
		fprintf(stderr, "en-flash: %s\n", why.text);
	if (at_end)
		fprintf(stderr, "en-flash: %s\n", end.text);
	if (!err && fflush(stdout)) {
		perror("en-flash: standard output");
		err = -EIO;
	}
	return err || at_end ? EXIT_FAILURE : EXIT_SUCCESS;
}
