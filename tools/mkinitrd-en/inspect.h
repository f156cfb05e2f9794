/* SPDX-License-Identifier: GPL-2.0-only */
/* What "inspect" shows: for people, and as JSON. */
#ifndef TOOLS_MKINITRD_EN_INSPECT_H
#define TOOLS_MKINITRD_EN_INSPECT_H

#include "tools/mkinitrd-en/view.h"

#include <stdbool.h>

struct inspect_options {
	const char *path;
	const char *kernel;
	bool files;
	bool shadowed;
	bool json;
};

void inspect_print(const struct view *v, const struct inspect_options *o);

/* Every file as the kernel sees it; what lies below another. 0 or -ENOMEM */
int inspect_print_files(const struct view *v);
void inspect_print_shadowed(const struct view *v);

/* 0 or -ENOMEM */
int inspect_json(const struct view *v, const struct inspect_options *o);

#endif
