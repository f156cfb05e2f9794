/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers of an adapter, for people. */
#ifndef EMULATOR_CONTROL_CLIENT_PRINT_H
#define EMULATOR_CONTROL_CLIENT_PRINT_H

#include <json-c/json.h>

/* Members one a line, lists of objects as tables. "ok" and "id" say nothing. */
void print_answer(json_object *answer);
/* One line: what happened, and its members as name=value */
void print_event(json_object *event);

#endif
