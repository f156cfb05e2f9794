// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/server/problems.h"

#include "tools/lib/base/failure.h"

#include <stdarg.h>
#include <stdio.h>

void problems_add(struct problems *p, const char *format, ...)
{
	char text[1536];
	struct failure line;
	va_list args;

	if (p->count++ >= PROBLEMS_SHOWN)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fail(&line, 0, "%s", text); /* makes one printable line of it */
	/* Without memory the number still says that something is wrong. */
	buffer_printf(&p->lines, "%s\n", line.text);
}

void problems_free(struct problems *p)
{
	buffer_free(&p->lines);
	p->count = 0;
}
