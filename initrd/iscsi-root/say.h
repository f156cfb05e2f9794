/* SPDX-License-Identifier: GPL-2.0-only */
/* What the program tells: to the kernel's log, and to people at the console. */
#ifndef INITRD_ISCSI_ROOT_SAY_H
#define INITRD_ISCSI_ROOT_SAY_H

/*
 * Where the log is: /dev/kmsg, or a file of tests. Before that, and if it cannot
 * be opened, everything goes to stderr.
 */
void say_open(const char *log);

/* One line, without a newline at its end. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same; "quiet" on the kernel's command line does not keep it from people. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
