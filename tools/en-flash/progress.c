// SPDX-License-Identifier: GPL-2.0-only
#include "tools/en-flash/progress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR 40
#define NS_PER_MS 1000000
#define BETWEEN_MS 100

static volatile sig_atomic_t stop_wanted;
static bool on_screen;

static void want_stop(int number)
{
	stop_wanted = 1;
}

static bool stop(void)
{
	return stop_wanted;
}

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / NS_PER_MS;
}

static void show(const char *what, uint64_t done, uint64_t all)
{
	static const char full[] = "########################################";
	static const char *last_what;
	static int64_t last;
	int64_t now = milliseconds();
	int part = all ? (int)(done * BAR / all) : BAR;

	if (part > BAR)
		part = BAR;
	if (what == last_what && now - last < BETWEEN_MS && done < all)
		return;
	last = now;
	last_what = what;
	fprintf(stderr, "\r%-9s [%-*.*s] %3d %%", what, BAR, part, full,
		part * 100 / BAR);
	fflush(stderr);
	on_screen = true;
}

const struct flash_progress *progress_begin(void)
{
	static struct flash_progress progress = { NULL, stop };
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = want_stop,
				    .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	if (isatty(STDERR_FILENO))
		progress.show = show;
	return &progress;
}

void progress_end(void)
{
	if (on_screen)
		fputs("\r\033[K", stderr);
	on_screen = false;
}
