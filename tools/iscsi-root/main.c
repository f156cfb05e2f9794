// SPDX-License-Identifier: GPL-2.0-only
#include "tools/iscsi-root/input.h"
#include "tools/iscsi-root/output.h"
#include "tools/iscsi-root/verbs.h"
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/server/host_table.h"
#include "tools/lib/server/problems.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct verb *const verbs[] = {
	&verb_check,
	&verb_dhcp,
	&verb_target,
	NULL,
};

/* The text of the problems is lines already. */
static void print_problems(const struct problems *problems)
{
	const char *at = (const char *)problems->lines.data;
	const char *end = at + problems->lines.size;

	while (at < end) {
		const char *newline = memchr(at, '\n', end - at);

		fprintf(stderr, "iscsi-root: %.*s\n", (int)(newline - at), at);
		at = newline + 1;
	}
	if (problems->count > PROBLEMS_SHOWN)
		fprintf(stderr,
			"iscsi-root: %zu errors in all; these are the first"
			" %d\n",
			problems->count, PROBLEMS_SHOWN);
}

int main(int argc, char **argv)
{
	struct problems problems = { 0 };
	struct host_table table = { 0 };
	struct buffer out = { 0 };
	struct command command;
	struct failure why;
	bool secret = false;
	size_t failed;

	if (argc > 1 && !strcmp(argv[1], "install"))
		return install_main(argc - 1, argv + 1);
	command_read(&command, argc, argv);
	if (command.done >= 0)
		return command.done;
	input_read(&command, &table, &problems);
	host_table_check(&table, command.verb->needs, &problems);
	/* Also after an error: the file may have others for the server. */
	command.verb->run(&command, &table, &out, &secret, &problems);
	if (!problems.count && output_write(&command, &out, secret, &why))
		problems_add(&problems, "%s", why.text);
	if (!problems.count && secret)
		fputs("iscsi-root: the configuration holds secrets: let nobody"
		      " else read it\n",
		      stderr);
	print_problems(&problems);
	failed = problems.count;
	buffer_free(&out);
	host_table_free(&table);
	problems_free(&problems);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
