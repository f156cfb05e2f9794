/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far the work is, on a terminal; and Ctrl-C, which ends it between two
 * steps, so that the card is left as it was and its semaphore free.
 */
#ifndef TOOLS_EN_FLASH_PROGRESS_H
#define TOOLS_EN_FLASH_PROGRESS_H

#include "tools/lib/flash/copies.h"

/* From here on SIGINT, SIGTERM and SIGHUP only ask to stop. */
const struct flash_progress *progress_begin(void);

/* Takes the line away again, so that messages have it. */
void progress_end(void);

#endif
