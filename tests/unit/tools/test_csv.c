// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/failure.h"
#include "tools/lib/server/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Behind the rest: its macro fail() would be in the way of failure.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* All records as text: fields in <>, the line before them, ! for an error */
static const char *records(const char *text, size_t size)
{
	static char found[512];
	char *copy = malloc(size ? size : 1);
	struct failure why;
	size_t used = 0;
	struct csv csv;
	int got;

	memcpy(copy, text, size);
	found[0] = '\0';
	csv_begin(&csv, copy, size);
	while ((got = csv_next(&csv, &why))) {
		used += snprintf(found + used, sizeof(found) - used, "%lu",
				 csv.line);
		for (size_t i = 0; got > 0 && i < csv.count; i++)
			used += snprintf(found + used, sizeof(found) - used,
					 "<%s>", csv.fields[i]);
		if (got < 0)
			used += snprintf(found + used, sizeof(found) - used,
					 "!%zu", csv.count);
	}
	csv_end(&csv);
	free(copy);
	return found;
}

static void records_of_rfc_4180(void **state)
{
	static const struct {
		const char *text;
		const char *records;
	} cases[] = {
		{ "", "" },
		{ "a", "1<a>" },
		{ "a,b\nc,d\n", "1<a><b>2<c><d>" },
		{ "a,b\r\nc,d\r\n", "1<a><b>2<c><d>" },
		{ "\xef\xbb\xbf"
		  "a,b",
		  "1<a><b>" },
		{ "\n\r\na\n\n,,\nb\n\n", "3<a>6<b>" },
		{ "\"a,b\",c", "1<a,b><c>" },
		{ "\"a\"\"b\",\"\"", "1<a\"b><>" },
		{ "\"a\r\nb\",c\nd", "1<a\r\nb><c>3<d>" },
		{ "a,\n,b\n", "1<a><>2<><b>" },
		{ " a , b", "1< a >< b>" },
		{ "a\rb", "1<a\rb>" },
		{ "\"a\"\r", "1!0" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(records(cases[i].text,
					    strlen(cases[i].text)),
				    cases[i].records);
}

static void errors_are_left_behind(void **state)
{
	static const char nul[] = "a,\0\nb";

	assert_string_equal(records("a,b\"c\nd", 7), "1!12<d>");
	assert_string_equal(records("a,\"b\"c,x\nd", 10), "1!12<d>");
	/* The quote that is never closed does not take the other lines. */
	assert_string_equal(records("x,\"b\nd,e\nf", 10), "1!12<d><e>3<f>");
	assert_string_equal(records("x,\"b\nd,\"e\nf", 11), "1!12!13<f>");
	assert_string_equal(records(nul, sizeof(nul) - 1), "1!12<b>");
}

static void limits(void **state)
{
	char text[CSV_FIELD_SIZE_MAX + 2];

	memset(text, ',', sizeof(text));
	text[0] = 'x';
	assert_string_equal(records(text, CSV_FIELDS_MAX + 1), "1!64");
	assert_int_equal(strlen(records(text, CSV_FIELDS_MAX)),
			 strlen("1<x>") + 2 * (CSV_FIELDS_MAX - 1));
	memset(text, 'x', sizeof(text));
	assert_string_equal(records(text, CSV_FIELD_SIZE_MAX + 1), "1!0");
	assert_int_not_equal(records(text, 100)[1], '!');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_rfc_4180),
		cmocka_unit_test(errors_are_left_behind),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
