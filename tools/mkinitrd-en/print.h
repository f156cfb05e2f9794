/* SPDX-License-Identifier: GPL-2.0-only */
/* Names out of an image and sizes, for people and for programs. */
#ifndef TOOLS_MKINITRD_EN_PRINT_H
#define TOOLS_MKINITRD_EN_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json_object;

#define SIZE_TEXT 24
#define MODE_TEXT 11

/*
 * A name may hold anything: what could drive a terminal is written as \ooo,
 * and a backslash doubled.
 */
void print_name(FILE *out, const char *name);

/* The same in at most @width columns: of a longer one, the end. */
void print_short_name(FILE *out, const char *name, int width);

/* "512 B", "15.0 KiB" and so on. */
const char *size_text(char text[SIZE_TEXT], uint64_t size);

/* As ls -l has it: "-rw-r--r--". */
const char *mode_text(char text[MODE_TEXT], uint32_t mode);

void json_put(struct json_object *o, const char *key,
	      struct json_object *value);
/* NULL: null; bytes that are no UTF-8 are written as \ooo. */
void json_put_text(struct json_object *o, const char *key, const char *text);
void json_put_number(struct json_object *o, const char *key, uint64_t value);
void json_put_bool(struct json_object *o, const char *key, bool value);

/* Prints it, and frees it. */
void json_print(struct json_object *o);

/* Whether everything printed has arrived; else says that it has not. */
bool print_done(void);

#endif
