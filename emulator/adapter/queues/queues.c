// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables that hold queues by number.
 */
#include <errno.h>
#include <stdlib.h>

#include "emulator/adapter/adapter.h"

void *object_find(const struct object_table *table, u32 number)
{
	u32 leaf = number / TABLE_LEAF;

	if (leaf >= TABLE_LEAVES || !table->leaf[leaf])
		return NULL;
	return table->leaf[leaf][number % TABLE_LEAF];
}

int object_insert(struct object_table *table, u32 number, void *object,
		  unsigned int limit)
{
	u32 leaf = number / TABLE_LEAF;

	if (leaf >= TABLE_LEAVES || table->count >= limit)
		return -ENOSPC;
	if (!table->leaf[leaf])
		table->leaf[leaf] = calloc(TABLE_LEAF, sizeof(void *));
	if (!table->leaf[leaf])
		return -ENOMEM;
	if (leaf >= table->end)
		table->end = leaf + 1;
	table->leaf[leaf][number % TABLE_LEAF] = object;
	table->count++;
	return 0;
}

void object_remove(struct object_table *table, u32 number)
{
	u32 leaf = number / TABLE_LEAF;

	if (!object_find(table, number))
		return;
	table->leaf[leaf][number % TABLE_LEAF] = NULL;
	table->count--;
}

static void resume_expired(struct loop_timer *timer)
{
	struct queues *queues =
		container_of(timer, struct queues, resume_timer);

	adapter_receive_resume(container_of(queues, struct adapter, queues));
}

void queues_init(struct adapter *adapter)
{
	adapter->queues.send_work.run = send_work_run;
	adapter->queues.resume_timer.expired = resume_expired;
	eq_reset(adapter);
}

/* Leaf by leaf: there are 2^24 numbers, and few leaves. */
static void table_clear(struct object_table *table, struct adapter *adapter,
			void (*discard)(struct adapter *adapter, void *object))
{
	for (unsigned int i = 0; i < table->end; i++) {
		void **leaf = table->leaf[i];

		if (!leaf)
			continue;
		for (unsigned int j = 0; j < TABLE_LEAF; j++)
			if (leaf[j])
				discard(adapter, leaf[j]);
		free(leaf);
		table->leaf[i] = NULL;
	}
	table->end = 0;
	table->count = 0;
}

static void free_qp(struct adapter *adapter, void *object)
{
	qp_free(adapter, object);
}

static void free_cq(struct adapter *adapter, void *object)
{
	cq_free(object);
}

void queues_reset(struct adapter *adapter)
{
	struct queues *queues = &adapter->queues;

	table_clear(&queues->qps, adapter, free_qp);
	table_clear(&queues->cqs, adapter, free_cq);
	eq_reset(adapter);
	loop_work_cancel(&queues->send_work);
	loop_timer_stop(&queues->resume_timer);
	queues->send_first = NULL;
	queues->send_last = NULL;
	queues->rss_parents = 0;
}
