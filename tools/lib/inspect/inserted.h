/* SPDX-License-Identifier: GPL-2.0-only */
/* What an earlier run of mkinitrd-en has put into an image. */
#ifndef TOOLS_LIB_INSERTED_H
#define TOOLS_LIB_INSERTED_H

#include "tools/lib/image/tree.h"

#include <stdbool.h>
#include <stddef.h>

struct failure;
struct image;

struct inserted_module {
	char *path;
	char *release; /* whose list names it */
	const struct inode *inode; /* NULL: not in the image */
};

struct inserted_setting {
	char *key;
	char *value; /* NULL: may be a secret, so it is not told */
};

struct inserted {
	bool found;
	/* The whole image is of our making: --rebuild or --new */
	bool whole;
	unsigned int segment; /* its index */
	char *version; /* NULL: the marker does not say; so for the others */
	char *kernel;
	char *target;
	char *load; /* wrapper, native, insmod; NULL: wrapper */
	char *hook; /* what loads them, without a slash in front */
	bool has_base;
	unsigned long long base_size;
	struct inserted_module *modules; /* in the order in which they load */
	size_t n_modules;
	struct inserted_setting *settings;
	size_t n_settings;
};

/*
 * Reads the marker, the lists of modules to load and the settings of an image
 * that was read with accept_own. 0 (found tells) or -ENOMEM;
 * inserted_free is due.
 */
int inserted_read(struct inserted *in, const struct image *image,
		  struct failure *why);
void inserted_free(struct inserted *in);

/* Whether that file is one of the modules to load. */
bool inserted_loads(const struct inserted *in, const struct inode *file);

#endif
