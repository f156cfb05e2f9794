/* SPDX-License-Identifier: GPL-2.0-only */
/* The options that say how, and where to, an image is written. */
#ifndef TOOLS_MKINITRD_EN_ADD_WRITE_H
#define TOOLS_MKINITRD_EN_ADD_WRITE_H

#include "tools/lib/plan/plan.h"

struct add_command;
struct failure;

enum write_option {
	OPT_OVERLAY_ONLY = 512,
	OPT_REBUILD,
	OPT_REMOVE,
	OPT_COMPRESS,
	OPT_DELETE,
};

/* The one thing that is to be done. 0, or -EINVAL: there is another already. */
int add_set_mode(struct add_command *c, enum plan_mode mode,
		 struct failure *why);

/* A further one of an option that may be given several times. 0 or -ENOMEM. */
int add_word(const char ***list, size_t *count, const char *word,
	     struct failure *why);

/* One of the options above, its argument in optarg. 0 or -EINVAL. */
int add_read_write_option(struct add_command *c, int code, struct failure *why);

/* Whether all options go together. 0 or -EINVAL. */
int add_check_write_options(struct add_command *c, struct failure *why);

#endif
