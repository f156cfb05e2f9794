/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INITRD_ISCSI_ROOT_SECONDS_H
#define INITRD_ISCSI_ROOT_SECONDS_H

#include <time.h>

/* Since the machine was started; no clock change moves it. */
static inline double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

#endif
