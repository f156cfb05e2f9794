/* SPDX-License-Identifier: GPL-2.0-only */
/* The proof that an image boots: tryboot, a program of its own, tries it. */
#ifndef TOOLS_MKINITRD_EN_TRY_H
#define TOOLS_MKINITRD_EN_TRY_H

struct failure;

/* What to run tryboot with, and what it said. */
struct try_boot {
	const char *name; /* what people call the image */
	char **words; /* more words for tryboot, up to a NULL */
	int status; /* tryboot's exit status, 0 until it has failed */
};

/*
 * Boots the image at @path; @ctx is a struct try_boot. tryboot's words go to
 * standard error. 0, or -errno with a message where it does not boot or could
 * not be tried.
 */
int try_image(void *ctx, const char *path, struct failure *why);

/* Becomes tryboot, for an image that is there. Returns only what failed. */
int try_become(const char *path, char **words, struct failure *why);

#endif
