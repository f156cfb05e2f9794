/* SPDX-License-Identifier: GPL-2.0-only */
/* What mkinitrd-en was asked to add to an initrd. */
#ifndef TOOLS_MKINITRD_EN_ADD_OPTIONS_H
#define TOOLS_MKINITRD_EN_ADD_OPTIONS_H

#include "tools/lib/plan/plan.h"

#include <stdbool.h>

struct add_command {
	struct request request;
	bool dry_run;
	bool json;
	const char *overlay_only;
	bool needs_target; /* an option about the target was given */
	int done; /* -1, or the exit status that is due at once */
};

/* Reads the command line; says what is wrong with it. */
void add_read_options(struct add_command *c, int argc, char **argv);
void add_free_options(struct add_command *c);

#endif
