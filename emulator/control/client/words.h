/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the words of connectx-adapterctl's command line to a request.
 */
#ifndef EMULATOR_CONTROL_CLIENT_WORDS_H
#define EMULATOR_CONTROL_CLIENT_WORDS_H

#include <json-c/json.h>
#include <stdbool.h>

/**
 * words_request - the request that the words of a command make
 * @words: the command's name and its arguments, ended by NULL
 *
 * Return: the request, which the caller puts, or NULL after a line on standard
 * error.
 */
json_object *words_request(char **words);
/* One line a command: what it takes, what it does */
void words_print_usage(void);
/* Names for completion. Return: false if there is no such list. */
bool words_print_list(const char *name);

#endif
