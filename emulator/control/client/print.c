// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/control/client/print.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(json_object *value)
{
	if (json_object_is_type(value, json_type_boolean))
		return json_object_get_boolean(value) ? "yes" : "no";
	return value ? json_object_get_string(value) : "-";
}

static json_object *member(json_object *object, const char *name)
{
	json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

static size_t column_width(json_object *list, const char *name)
{
	size_t widest = strlen(name);

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *row = json_object_array_get_idx(list, i);
		size_t width = strlen(text_of(member(row, name)));

		if (width > widest)
			widest = width;
	}
	return widest;
}

/* The columns are the members of all rows, in the order they come. */
static json_object *columns_of(json_object *list)
{
	json_object *columns = json_object_new_object();

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *row = json_object_array_get_idx(list, i);

		json_object_object_foreach(row, name, value)
		{
			if (json_object_is_type(value, json_type_array))
				continue;
			json_object_object_add(
				columns, name,
				json_object_new_int64(
					(int64_t)column_width(list, name)));
		}
	}
	return columns;
}

/* Lists inside of a table have no place in it. */
static void print_row(json_object *row, json_object *columns)
{
	size_t left = (size_t)json_object_object_length(columns);

	json_object_object_foreach(columns, name, width)
	{
		const char *text = row ? text_of(member(row, name)) : name;

		/* nothing behind the last one */
		if (--left)
			printf("  %-*s", (int)json_object_get_int64(width),
			       text);
		else
			printf("  %s\n", text);
	}
}

static void print_table(json_object *list)
{
	json_object *columns = columns_of(list);

	print_row(NULL, columns);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		print_row(json_object_array_get_idx(list, i), columns);
	json_object_put(columns);
}

static void print_list(const char *name, json_object *list)
{
	size_t length = json_object_array_length(list);

	if (!length) {
		printf("%s: none\n", name);
		return;
	}
	printf("%s:\n", name);
	if (json_object_is_type(json_object_array_get_idx(list, 0),
				json_type_object)) {
		print_table(list);
		return;
	}
	for (size_t i = 0; i < length; i++)
		printf("  %s\n", text_of(json_object_array_get_idx(list, i)));
}

static void print_members(json_object *object, int indent)
{
	json_object_object_foreach(object, name, value)
	{
		if (!indent && (!strcmp(name, "ok") || !strcmp(name, "id")))
			continue;
		if (json_object_is_type(value, json_type_array)) {
			print_list(name, value);
		} else if (json_object_is_type(value, json_type_object)) {
			printf("%*s%s:\n", indent, "", name);
			print_members(value, indent + 2);
		} else {
			printf("%*s%s: %s\n", indent, "", name, text_of(value));
		}
	}
}

void print_answer(json_object *answer)
{
	print_members(answer, 0);
}

void print_event(json_object *event)
{
	printf("%s", text_of(member(event, "event")));
	json_object_object_foreach(event, name, value)
	{
		if (strcmp(name, "event"))
			printf(" %s=%s", name, text_of(value));
	}
	putchar('\n');
	fflush(stdout);
}
