// SPDX-License-Identifier: GPL-2.0-only
#include "tools/mkinitrd-en/verbs.h"

#include <stddef.h>
#include <string.h>

static const struct verb {
	const char *name;
	int (*main)(int argc, char **argv);
} verbs[] = {
	{ "inspect", inspect_main },
	{ "verify", verify_main },
	{ "diff", diff_main },
	{ NULL, add_main },
};

int main(int argc, char **argv)
{
	const struct verb *verb = verbs;

	while (verb->name && (argc < 2 || strcmp(argv[1], verb->name)))
		verb++;
	if (verb->name)
		return verb->main(argc - 1, argv + 1);
	return verb->main(argc, argv);
}
