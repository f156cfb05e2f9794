/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A listening unix stream socket and its file: what every server of this
 * program does about sockets that others have left behind.
 */
#ifndef EMULATOR_LOOP_UNIX_LISTENER_H
#define EMULATOR_LOOP_UNIX_LISTENER_H

#include <sys/types.h>

struct unix_listener {
	int fd; /* non-blocking; -1 = not listening */
	char *path;
	dev_t device; /* of the socket file that is ours */
	ino_t inode;
};

/**
 * unix_listener_open - listen on @path
 *
 * Return: 0, or -errno after which there is nothing to close. A socket file
 * that nobody listens on is replaced; any other file is left alone (-EEXIST),
 * so is the socket of a server that runs (-EADDRINUSE).
 */
int unix_listener_open(struct unix_listener *listener, const char *path);
/* Closes it, and removes the file if it is still the one we made. */
void unix_listener_close(struct unix_listener *listener);

#endif
