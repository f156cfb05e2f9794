// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A message is one line, whatever stood in the file that it quotes. */
static void make_one_line(char *text)
{
	for (; *text; text++) {
		unsigned char c = *text;

		if (c < ' ' || c == 0x7f)
			*text = '?';
	}
}

int fail(struct failure *why, int code, const char *format, ...)
{
	va_list args;

	if (!why)
		return code;
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	make_one_line(why->text);
	return code;
}

int fail_in(struct failure *why, int code, const char *format, ...)
{
	char old[sizeof(why->text)];
	va_list args;
	size_t used;

	if (!why)
		return code;
	memcpy(old, why->text, sizeof(old));
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	make_one_line(why->text);
	used = strlen(why->text);
	snprintf(why->text + used, sizeof(why->text) - used, ": %s", old);
	return code;
}
