// SPDX-License-Identifier: GPL-2.0-only
/*
 * Members of answers.
 */
#include <stdio.h>

#include "emulator/control/internal.h"

void json_set(json_object *object, const char *name, json_object *value)
{
	if (!object || json_object_object_add(object, name, value))
		json_object_put(value);
}

void json_set_number(json_object *object, const char *name, s64 value)
{
	json_set(object, name, json_object_new_int64(value));
}

void json_set_counter(json_object *object, const char *name, u64 value)
{
	json_set(object, name, json_object_new_uint64(value));
}

void json_set_flag(json_object *object, const char *name, bool value)
{
	json_set(object, name, json_object_new_boolean(value));
}

void json_set_text(json_object *object, const char *name, const char *value)
{
	json_set(object, name, json_object_new_string(value));
}

void json_set_mac(json_object *object, const char *name, const u8 mac[6])
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
	json_set_text(object, name, text);
}
