/* SPDX-License-Identifier: GPL-2.0-only */
/* How far the reading of an image is, on a terminal. */
#ifndef TOOLS_MKINITRD_EN_PROGRESS_H
#define TOOLS_MKINITRD_EN_PROGRESS_H

#include <stdint.h>

/* For image->progress; NULL where standard error is no terminal. */
void (*progress_shown(void))(void *ctx, uint64_t done, uint64_t all);

/* Takes the line away again, so that messages have it. */
void progress_end(void);

#endif
