/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fast 64-bit sum that tells whether two files are the same. It is no
 * defence against somebody who wants them to look the same.
 */
#ifndef TOOLS_LIB_HASH_H
#define TOOLS_LIB_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash {
	uint64_t value;
	uint64_t length;
	uint8_t rest[8];
};

void hash_init(struct hash *h);

/* Any split of the data into pieces gives the same sum. */
void hash_add(struct hash *h, const void *data, size_t size);

uint64_t hash_value(const struct hash *h);

/* The sum of one piece. */
uint64_t hash_of(const void *data, size_t size);

#endif
