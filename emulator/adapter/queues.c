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

static void table_clear(struct object_table *table)
{
	for (unsigned int i = 0; i < TABLE_LEAVES; i++) {
		free(table->leaf[i]);
		table->leaf[i] = NULL;
	}
	table->count = 0;
}

/* Leaf by leaf: there are 2^24 numbers, and few leaves. */
static void table_for_each(struct object_table *table,
			   void (*visit)(struct adapter *adapter, void *object),
			   struct adapter *adapter)
{
	for (unsigned int i = 0; i < TABLE_LEAVES; i++)
		for (unsigned int j = 0; table->leaf[i] && j < TABLE_LEAF; j++)
			if (table->leaf[i][j])
				visit(adapter, table->leaf[i][j]);
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

	table_for_each(&queues->qps, free_qp, adapter);
	table_for_each(&queues->cqs, free_cq, adapter);
	table_clear(&queues->qps);
	table_clear(&queues->cqs);
	eq_reset(adapter);
	loop_work_cancel(&queues->send_work);
	loop_timer_stop(&queues->resume_timer);
	queues->send_first = NULL;
	queues->send_last = NULL;
	queues->rss_parents = 0;
}
