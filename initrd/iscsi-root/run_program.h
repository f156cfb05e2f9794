/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INITRD_ISCSI_ROOT_RUN_PROGRAM_H
#define INITRD_ISCSI_ROOT_RUN_PROGRAM_H

#include <stddef.h>

/* The first of the places that has such a program, or NULL. */
const char *find_program(const char *name);

/*
 * Runs a program (@words ends with NULL) until that moment of seconds_now().
 * 0; -EIO: it failed; -ETIMEDOUT: it was ended; -errno.
 */
int run_program(const char *const *words, double end);

#endif
