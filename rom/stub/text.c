// SPDX-License-Identifier: GPL-2.0-only
#include "rom/stub/layout.h"
#include "rom/stub/stub.h"

static char text[160];

char *put_text(char *at, const char *text)
{
	while (*text)
		*at++ = *text++;
	*at = 0;
	return at;
}

/* In hexadecimal or decimal, without leading zeros. */
char *put_number(char *at, uint32_t value, unsigned int base)
{
	char digits[10];
	unsigned int count = 0;

	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (count)
		*at++ = digits[--count];
	*at = 0;
	return at;
}

const char *message(const char *what)
{
	char *at = put_text(text, "\r\n");

	at = put_text(at, (const char *)STUB_BASE + STUB_PRODUCT);
	at = put_text(at, ": ");
	at = put_text(at, what);
	put_text(at, "; next boot device\r\n");
	return text;
}
