/* SPDX-License-Identifier: GPL-2.0-only */
/* A descriptor of a tap, and what it was set to. */
#ifndef EMULATOR_NET_TAP_OPEN_H
#define EMULATOR_NET_TAP_OPEN_H

#include <stdbool.h>

struct tap_descriptor {
	int fd;
	unsigned int header; /* bytes in front of each frame: 0, 10 or 12 */
	bool offloads; /* the kernel knows that we take large frames */
};

/**
 * tap_open - by the interface's name, or "fd=N" for an inherited descriptor
 * @gso: large frames and frames without checksums in both directions
 * @error: static text, set on failure
 *
 * Return: 0 or -errno.
 */
int tap_open(const char *name, bool gso, struct tap_descriptor *tap,
	     const char **error);

#endif
