/* SPDX-License-Identifier: GPL-2.0-only */
/* What en-flash does: one file a verb. */
#ifndef TOOLS_EN_FLASH_VERBS_H
#define TOOLS_EN_FLASH_VERBS_H

#include "tools/en-flash/command.h"

struct failure;
struct source;

enum verb_file {
	VERB_NO_FILE,
	VERB_READS_FILE,
	VERB_WRITES_FILE,
};

struct verb {
	const char *name;
	enum verb_file file;
	bool has_json;
	bool damaged; /* it can do without a whole image in the flash */
	/* Carries it out on what is open, and prints. 0 or -errno. */
	int (*run)(const struct command *c, struct source *s,
		   struct failure *why);
};

/* Ended by NULL */
extern const struct verb *const verbs[];

extern const struct verb verb_query;
extern const struct verb verb_brom;
extern const struct verb verb_rrom;
extern const struct verb verb_drom;
extern const struct verb verb_verify;
extern const struct verb verb_backup;
extern const struct verb verb_restore;

#endif
