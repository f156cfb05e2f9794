// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/codec/ahead.h"

#include "tools/lib/base/failure.h"
#include "tools/lib/base/thread.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PIECE (256U << 10)
/* Of the thread whose bytes are read, whatever the others hold */
#define ALWAYS 2

struct piece {
	struct piece *next;
	size_t size;
	size_t given;
	size_t used;
	uint8_t data[PIECE];
};

struct ahead_pool {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct piece *free;
	size_t allowed; /* pieces that are not there yet */
	size_t over; /* pieces that are there though none was allowed */
	const struct ahead *reading; /* whose bytes are waited for */
};

struct ahead {
	struct ahead_pool *pool;
	pthread_t thread;
	ahead_make *make;
	void *ctx;
	struct piece *first;
	struct piece **last;
	unsigned int made; /* pieces that wait to be read */
	bool stop;
	bool done;
	int err; /* of make; with its message */
	struct failure why;
};

struct ahead_pool *ahead_pool_new(size_t bytes)
{
	struct ahead_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return NULL;
	pool->allowed = (bytes + PIECE - 1) / PIECE;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->changed, NULL);
	return pool;
}

static void free_pieces(struct piece *piece)
{
	while (piece) {
		struct piece *next = piece->next;

		free(piece);
		piece = next;
	}
}

void ahead_pool_free(struct ahead_pool *pool)
{
	if (!pool)
		return;
	free_pieces(pool->free);
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

/*
 * Whoever is waited for gets one in any case: the others may hold all the
 * pieces, and give none back before they are read.
 */
static bool may_take(const struct ahead *a)
{
	return a->pool->free || a->pool->allowed ||
	       (a->pool->reading == a && a->made < ALWAYS);
}

/* A piece to fill; NULL: stopped, or no memory (then a->err says so). */
static struct piece *take(struct ahead *a)
{
	struct ahead_pool *pool = a->pool;
	struct piece *piece = NULL;
	bool stop;

	pthread_mutex_lock(&pool->lock);
	while (!a->stop && !may_take(a))
		pthread_cond_wait(&pool->changed, &pool->lock);
	stop = a->stop;
	if (!stop && pool->free) {
		piece = pool->free;
		pool->free = piece->next;
	} else if (!stop && pool->allowed) {
		pool->allowed--;
	} else if (!stop) {
		pool->over++;
	}
	pthread_mutex_unlock(&pool->lock);
	if (stop)
		return NULL;
	if (!piece)
		piece = malloc(sizeof(*piece));
	if (!piece) {
		a->err = fail(&a->why, -ENOMEM, "out of memory");
		return NULL;
	}
	piece->next = NULL;
	piece->size = piece->given = piece->used = 0;
	return piece;
}

/* Whether there is more to make. */
static bool fill(struct ahead *a, struct piece *piece)
{
	while (piece->size < PIECE) {
		size_t got = 0;

		a->err = a->make(a->ctx, piece->data + piece->size,
				 PIECE - piece->size, &got, &piece->used,
				 &a->why);
		if (a->err || !got)
			return false;
		piece->size += got;
	}
	return true;
}

static void hand_over(struct ahead *a, struct piece *piece, bool done)
{
	pthread_mutex_lock(&a->pool->lock);
	if (piece) {
		*a->last = piece;
		a->last = &piece->next;
		a->made++;
	}
	a->done = done;
	pthread_cond_broadcast(&a->pool->changed);
	pthread_mutex_unlock(&a->pool->lock);
}

static void *run(void *argument)
{
	struct ahead *a = argument;
	bool more = true;

	while (more) {
		struct piece *piece = take(a);

		more = piece && fill(a, piece);
		hand_over(a, piece, !more);
	}
	return NULL;
}

struct ahead *ahead_start(struct ahead_pool *pool, ahead_make *make, void *ctx,
			  struct failure *why)
{
	struct ahead *a = calloc(1, sizeof(*a));
	int err = -ENOMEM;

	if (a) {
		a->pool = pool;
		a->make = make;
		a->ctx = ctx;
		a->last = &a->first;
		err = thread_start(&a->thread, run, a);
	}
	if (!err)
		return a;
	free(a);
	fail(why, err, "no thread to unpack with: %s", strerror(-err));
	return NULL;
}

/* The lock is held. */
static void give_back(struct ahead_pool *pool, struct piece *piece)
{
	if (pool->over) {
		pool->over--;
		free(piece);
	} else {
		piece->next = pool->free;
		pool->free = piece;
	}
	pthread_cond_broadcast(&pool->changed);
}

int ahead_read(struct ahead *a, uint8_t *out, size_t room, size_t *got,
	       size_t *used, struct failure *why)
{
	struct ahead_pool *pool = a->pool;
	struct piece *piece;

	*got = 0;
	pthread_mutex_lock(&pool->lock);
	if (pool->reading != a) {
		pool->reading = a;
		pthread_cond_broadcast(&pool->changed);
	}
	while (!a->done && !a->first)
		pthread_cond_wait(&pool->changed, &pool->lock);
	piece = a->first;
	pthread_mutex_unlock(&pool->lock);
	if (!piece)
		return a->err ? fail(why, a->err, "%s", a->why.text) : 0;
	*got = piece->size - piece->given < room ? piece->size - piece->given :
						   room;
	memcpy(out, piece->data + piece->given, *got);
	piece->given += *got;
	*used = piece->used;
	if (piece->given < piece->size)
		return 0;
	pthread_mutex_lock(&pool->lock);
	a->first = piece->next;
	if (!a->first)
		a->last = &a->first;
	a->made--;
	give_back(pool, piece);
	pthread_mutex_unlock(&pool->lock);
	/* The last one may have had nothing in it. */
	return *got ? 0 : ahead_read(a, out, room, got, used, why);
}

void ahead_stop(struct ahead *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->pool->lock);
	a->stop = true;
	pthread_cond_broadcast(&a->pool->changed);
	pthread_mutex_unlock(&a->pool->lock);
	pthread_join(a->thread, NULL);
	free_pieces(a->first);
	free(a);
}
