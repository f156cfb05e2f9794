// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of queue pairs, and the context memory behind them
 * (docs/hardware/queues.md, Q5.2; icm.md, C6.2).
 */
#include <linux/bitmap.h>
#include <linux/slab.h>

#include "mlx4_core/queue_tables.h"

/* Bit 23 is InfiniBand's; fewer numbers than that are ever wanted. */
#define CX_QPNS_MAX 65536
/*
 * A descriptor that is pushed to the card carries the number where others ask
 * for a tag: these bits of it must be 0 (registers.md, Q1.6).
 */
#define CX_QPN_TAG_BITS 0xc0u

/* Tables with an entry for each queue pair, in the order of mapping */
static const enum cx_icm_kind qp_tables[] = {
	CX_ICM_QPC,
	CX_ICM_AUXC,
	CX_ICM_ALTC,
	CX_ICM_CMPT_QP,
};

static void put_tables(struct cx_core *core, u32 first, u32 count, int tables)
{
	while (tables--)
		cx_icm_put(core, qp_tables[tables], first, count);
}

static int get_tables(struct cx_core *core, u32 first, u32 count)
{
	int err;
	int i;

	for (i = 0; i < ARRAY_SIZE(qp_tables); i++) {
		err = cx_icm_get(core, qp_tables[i], first, count);
		if (err) {
			put_tables(core, first, count, i);
			return err;
		}
	}
	return 0;
}

/* The first of @count free numbers, without the bits of @avoid; or -ENOSPC */
static long find_range(struct cx_queue_tables *queues, u32 count, u32 alignment,
		       u32 avoid)
{
	unsigned long at = 0;
	u32 first, wrong;

	for (;;) {
		at = bitmap_find_next_zero_area_off(queues->qpns_used,
						    queues->qpn_count, at,
						    count, alignment - 1,
						    queues->qpn_first);
		if (at >= queues->qpn_count)
			return -ENOSPC;
		first = queues->qpn_first + at;
		wrong = (first | (first + count - 1)) & avoid;
		if (!wrong)
			return at;
		/* On to where these bits are 0 again */
		at = ALIGN(first + 1, 1u << fls(avoid)) - queues->qpn_first;
	}
}

/**
 * cx_qpn_alloc - numbers of queue pairs in a row, their contexts backed
 * @adapter: the adapter
 * @kind: what they are for
 * @count: how many; 64 at most with CX_QPN_SEND
 * @alignment: a power of two
 * @first: the first, a multiple of @alignment
 *
 * Return: 0; -ENOSPC; or what mapping memory returned.
 */
int cx_qpn_alloc(struct cx_adapter *adapter, enum cx_qpn_kind kind, u32 count,
		 u32 alignment, u32 *first)
{
	struct cx_core *core = cx_core_of(adapter);
	struct cx_queue_tables *queues = core->queues;
	u32 avoid = kind == CX_QPN_SEND ? CX_QPN_TAG_BITS : 0;
	long at;
	int err;

	if (!count || !is_power_of_2(alignment) ||
	    (avoid && count > (avoid & -avoid)))
		return -EINVAL;
	mutex_lock(&queues->qpn_lock);
	at = find_range(queues, count, alignment, avoid);
	if (at >= 0)
		bitmap_set(queues->qpns_used, at, count);
	mutex_unlock(&queues->qpn_lock);
	if (at < 0)
		return at;

	*first = queues->qpn_first + at;
	err = get_tables(core, *first, count);
	if (err) {
		mutex_lock(&queues->qpn_lock);
		bitmap_clear(queues->qpns_used, at, count);
		mutex_unlock(&queues->qpn_lock);
	}
	return err;
}
EXPORT_SYMBOL_GPL(cx_qpn_alloc);

/**
 * cx_qpn_free - give numbers back
 * @adapter: the adapter
 * @first: as cx_qpn_alloc() gave it
 * @count: as it was told
 */
void cx_qpn_free(struct cx_adapter *adapter, u32 first, u32 count)
{
	struct cx_core *core = cx_core_of(adapter);
	struct cx_queue_tables *queues = core->queues;

	put_tables(core, first, count, ARRAY_SIZE(qp_tables));
	mutex_lock(&queues->qpn_lock);
	bitmap_clear(queues->qpns_used, first - queues->qpn_first, count);
	mutex_unlock(&queues->qpn_lock);
}
EXPORT_SYMBOL_GPL(cx_qpn_free);

/*
 * The special queue pairs are InfiniBand's, but every known driver names them
 * (queues.md, C5.18): ours come behind them.
 */
int cx_qpns_init(struct cx_core *core)
{
	struct cx_queue_tables *queues = core->queues;
	u32 special =
		ALIGN(max(core->limits->reserved_qps, 1u), CX_SPECIAL_QPS);
	u32 count = core->limits->count[CX_ICM_QPC];
	int err;

	queues->qpn_first = special + CX_SPECIAL_QPS;
	if (count <= queues->qpn_first)
		return -ENOSPC;
	queues->qpn_count = min_t(u32, count - queues->qpn_first, CX_QPNS_MAX);
	queues->qpns_used = bitmap_zalloc(queues->qpn_count, GFP_KERNEL);
	if (!queues->qpns_used)
		return -ENOMEM;
	err = cx_command(core, CX_CMD_CONF_SPECIAL_QP, 0, special, NULL, NULL);
	if (err) {
		bitmap_free(queues->qpns_used);
		queues->qpns_used = NULL;
	}
	return err;
}

void cx_qpns_exit(struct cx_core *core)
{
	cx_command(core, CX_CMD_CONF_SPECIAL_QP, 0, 0, NULL, NULL);
	bitmap_free(core->queues->qpns_used);
}
