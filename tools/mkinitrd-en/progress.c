// SPDX-License-Identifier: GPL-2.0-only
#include "tools/mkinitrd-en/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static bool on_screen;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Nothing within the first second: most images are read by then. */
static void progress(void *ctx, uint64_t done, uint64_t all)
{
	static double begin, last;
	double now = seconds();

	if (!begin)
		begin = now;
	if (now - begin < 1 || now - last < 0.2 || !all)
		return;
	last = now;
	fprintf(stderr, "\rreading the initrd: %3.0f %%", done * 100.0 / all);
	on_screen = true;
}

void (*progress_shown(void))(void *ctx, uint64_t done, uint64_t all)
{
	return isatty(STDERR_FILENO) ? progress : NULL;
}

void progress_end(void)
{
	if (on_screen)
		fputs("\r\033[K", stderr);
	on_screen = false;
}
