/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes that a thread of its own makes while their reader is busy with earlier
 * ones. How far it may be ahead is bounded by a pool of pieces, which several
 * such threads share where their bytes are read one after the other.
 */
#ifndef TOOLS_LIB_AHEAD_H
#define TOOLS_LIB_AHEAD_H

#include <stddef.h>
#include <stdint.h>

struct ahead;
struct ahead_pool;
struct failure;

/*
 * Makes at most @room bytes at @out. *@used: a number that comes to the reader
 * with these bytes. *@got == 0: all are made. 0 or -errno; is called in the
 * thread, and by nobody else until ahead_stop.
 */
typedef int ahead_make(void *ctx, uint8_t *out, size_t room, size_t *got,
		       size_t *used, struct failure *why);

/* Room for @bytes, rounded up to pieces. NULL: no memory. */
struct ahead_pool *ahead_pool_new(size_t bytes);

/* After the last of its threads was stopped. */
void ahead_pool_free(struct ahead_pool *pool);

/* NULL with a message: no memory, or no thread. */
struct ahead *ahead_start(struct ahead_pool *pool, ahead_make *make, void *ctx,
			  struct failure *why);

/*
 * Waits for bytes and copies at most @room of them. From the first call on this
 * thread is never held up by the others of its pool, so that one must be read to
 * its end before the next. *@got == 0: that was the end, then and only then. 0 or
 * what @make has returned, with its message, behind the bytes before it.
 */
int ahead_read(struct ahead *a, uint8_t *out, size_t room, size_t *got,
	       size_t *used, struct failure *why);

/* Also before the end was read. NULL is fine. */
void ahead_stop(struct ahead *a);

#endif
