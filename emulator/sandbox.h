/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is left to the process once everything is open: it serves its sockets,
 * maps what a client gives it, and can open, execute and signal nothing.
 */
#ifndef EMULATOR_SANDBOX_H
#define EMULATOR_SANDBOX_H

enum sandbox_mode {
	SANDBOX_OFF,
	SANDBOX_ON, /* a system call that is not allowed ends the process */
	SANDBOX_LOG, /* it fails with EPERM and is reported: to find what lacks */
};

/**
 * sandbox_enter - restrict this process for good
 * @sockets: paths of socket files that it removes at its end, ended by NULL;
 *	where the kernel has Landlock, it can remove nothing outside of their
 *	folders
 *
 * To be called when all sockets listen and all files are open, before the
 * first byte of a client is read. Builds with sanitizers or coverage do
 * nothing here: their run time needs far more.
 *
 * Return: 0, or -errno after a line in the log.
 */
int sandbox_enter(enum sandbox_mode mode, const char *const *sockets);

#endif
