/* SPDX-License-Identifier: GPL-2.0-only */
/* Everything that is wrong with an input, not only the first of it. */
#ifndef TOOLS_LIB_SERVER_PROBLEMS_H
#define TOOLS_LIB_SERVER_PROBLEMS_H

#include "tools/lib/base/buffer.h"

#define PROBLEMS_SHOWN 20

struct problems {
	struct buffer lines; /* the first PROBLEMS_SHOWN, one a line */
	size_t count;
};

/* An empty list is all zeroes. */
void problems_add(struct problems *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void problems_free(struct problems *p);

#endif
