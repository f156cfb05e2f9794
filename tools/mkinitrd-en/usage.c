// SPDX-License-Identifier: GPL-2.0-only
#include "tools/mkinitrd-en/verbs.h"

#include <stdio.h>

int usage_hint(const char *verb, const char *text)
{
	if (text)
		fprintf(stderr, "mkinitrd-en %s: %s\n", verb, text);
	fprintf(stderr, "Try 'mkinitrd-en %s --help'.\n", verb);
	return EXIT_USAGE;
}
