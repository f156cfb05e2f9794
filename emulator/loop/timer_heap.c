// SPDX-License-Identifier: GPL-2.0-only
#include "emulator/loop/timer_heap.h"

#include <stddef.h>

/* Both are roots; the later one becomes the first child of the other. */
static struct loop_timer *meld(struct loop_timer *a, struct loop_timer *b)
{
	struct loop_timer *first = a, *second = b;

	if (!a)
		return b;
	if (!b)
		return a;
	if (b->deadline < a->deadline) {
		first = b;
		second = a;
	}
	second->sibling = first->child;
	if (second->sibling)
		second->sibling->previous = second;
	second->previous = first;
	first->child = second;
	return first;
}

/* Melds a list of siblings by pairs, then the pairs from last to first. */
static struct loop_timer *meld_siblings(struct loop_timer *list)
{
	struct loop_timer *pairs = NULL, *root = NULL;

	while (list) {
		struct loop_timer *a = list, *b = a->sibling;

		list = b ? b->sibling : NULL;
		a->sibling = NULL;
		a->previous = NULL;
		if (b) {
			b->sibling = NULL;
			b->previous = NULL;
		}
		a = meld(a, b);
		a->sibling = pairs;
		pairs = a;
	}
	while (pairs) {
		struct loop_timer *next = pairs->sibling;

		pairs->sibling = NULL;
		root = meld(root, pairs);
		pairs = next;
	}
	return root;
}

struct loop_timer *timer_heap_insert(struct loop_timer *root,
				     struct loop_timer *timer)
{
	timer->child = NULL;
	timer->sibling = NULL;
	timer->previous = NULL;
	return meld(root, timer);
}

struct loop_timer *timer_heap_remove(struct loop_timer *root,
				     struct loop_timer *timer)
{
	struct loop_timer *children = meld_siblings(timer->child);

	timer->child = NULL;
	if (timer == root)
		return children;
	/* @previous is the parent of a first child, else the elder sibling */
	if (timer->previous->child == timer)
		timer->previous->child = timer->sibling;
	else
		timer->previous->sibling = timer->sibling;
	if (timer->sibling)
		timer->sibling->previous = timer->previous;
	timer->sibling = NULL;
	timer->previous = NULL;
	return meld(root, children);
}
