/* SPDX-License-Identifier: GPL-2.0-only */
/* mkrom's command line. */
#ifndef ROM_MKROM_OPTIONS_H
#define ROM_MKROM_OPTIONS_H

#include "rom/mkrom/settings.h"

#include <stdbool.h>
#include <stdint.h>

enum verb { VERB_BUILD, VERB_SET, VERB_INSPECT };

struct options {
	enum verb verb;
	int done; /* the exit status if there is nothing more to do, else -1 */
	const char *input; /* set, inspect: the ROM */
	const char *output; /* NULL: where the input is */
	const char *bios, *uefi; /* build: iPXE's two programs */
	const char *script; /* what boots, in place of our own; "" for ours */
	const char *overlay; /* for initrds; "" for none */
	const char *timeout, *banner, *vlan; /* NULL: as it is */
	uint16_t device;
	bool json;
};

/* Reads the command line; --help and errors are printed. */
void options_read(struct options *options, int argc, char **argv);

#endif
