/* SPDX-License-Identifier: GPL-2.0-only */
/* What en-flash was asked to do. */
#ifndef TOOLS_EN_FLASH_COMMAND_H
#define TOOLS_EN_FLASH_COMMAND_H

#include <stdbool.h>

#include "tools/lib/card/card.h"

#define EXIT_USAGE 2

struct verb;

struct command {
	const struct verb *verb;
	const char *device; /* a PCI address, or NULL */
	const char *image; /* a file, or NULL */
	const char *file; /* the verb's, or NULL */
	enum card_access access;
	bool json;
	bool force; /* overwrite FILE */
	bool clear_semaphore;
	int done; /* -1, or the exit status that is due at once */
};

/* Reads the command line; says what is wrong with it. */
void command_read(struct command *c, int argc, char **argv);

#endif
