/* SPDX-License-Identifier: GPL-2.0-only */
/* A thread that leaves the process's signals to the one that has its files. */
#ifndef TOOLS_LIB_THREAD_H
#define TOOLS_LIB_THREAD_H

#include <pthread.h>

/* So few bytes are unpacked or copied sooner than a thread has begun. */
#define WORTH_A_THREAD (1U << 20)

/*
 * As pthread_create. Of signals, only those reach the thread that it causes itself:
 * a mapped file that shrinks must end the process with a message, whoever reads it.
 * 0 or -errno.
 */
int thread_start(pthread_t *thread, void *(*run)(void *), void *argument);

#endif
