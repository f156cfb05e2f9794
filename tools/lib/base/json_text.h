/* SPDX-License-Identifier: GPL-2.0-only */
/* The few things that JSON is made of here. */
#ifndef TOOLS_LIB_JSON_TEXT_H
#define TOOLS_LIB_JSON_TEXT_H

#include "tools/lib/base/buffer.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>

/* Adds a text; NULL adds nothing. */
static inline void json_add_text(struct json_object *o, const char *key,
				 const char *text)
{
	if (text)
		json_object_object_add(o, key, json_object_new_string(text));
}

static inline void json_add_number(struct json_object *o, const char *key,
				   int64_t number)
{
	json_object_object_add(o, key, json_object_new_int64(number));
}

static inline void json_add_flag(struct json_object *o, const char *key,
				 bool flag)
{
	json_object_object_add(o, key, json_object_new_boolean(flag));
}

/* Appends it, and puts it away. 0 or -ENOMEM. */
static inline int json_append(struct buffer *out, struct json_object *o)
{
	const char *text = json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			   JSON_C_TO_STRING_NOSLASHESCAPE);
	int err = text ? buffer_printf(out, "%s\n", text) : -ENOMEM;

	json_object_put(o);
	return err;
}

#endif
