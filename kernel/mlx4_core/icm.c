// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interconnect context memory: the tables in which the adapter keeps contexts
 * and finds translations, in host memory that it is lent chunk by chunk, where
 * entries are in use (docs/hardware/icm.md).
 */
#include <linux/slab.h>
#include <linux/sort.h>

#include "mlx4_core/core.h"

/*
 * Small chunks: a few queues need one of each of six tables. More than enough
 * for a page table's worth of MTTs.
 */
#define CHUNK_SHIFT 16
#define CHUNK_SIZE (1ul << CHUNK_SHIFT)
#define ICM_PAGE_SIZE (1ul << CX_ICM_PAGE_SHIFT)
/* Control MPTs: a range of 2^24 entries for each type of object */
#define LOG_CMPT_RANGE 24
#define CMPT_TYPES 4

struct icm_chunk {
	unsigned int users;
	struct cx_area area;
};

struct icm_table {
	u64 base;
	u64 size; /* bytes, of whole pages */
	u32 chunk_count;
	struct icm_chunk *chunks;
};

struct cx_icm {
	struct mutex lock; /* chunks and their users */
	struct icm_table tables[CX_ICM_TABLES];
	u64 size;
	struct cx_area aux;
};

static bool is_cmpt(unsigned int kind)
{
	return kind <= CX_ICM_CMPT_EQ;
}

static unsigned int chunk_of(struct cx_core *core, enum cx_icm_kind kind,
			     u32 index)
{
	return (u64)index * core->limits->entry_size[kind] >> CHUNK_SHIFT;
}

/* What of a chunk lies in the table: all of it but in small tables */
static u32 chunk_pages(const struct icm_table *table, unsigned int number)
{
	u64 rest = table->size - ((u64)number << CHUNK_SHIFT);

	return min_t(u64, rest, CHUNK_SIZE) >> CX_ICM_PAGE_SHIFT;
}

static u64 chunk_address(const struct icm_table *table, unsigned int number)
{
	return table->base + ((u64)number << CHUNK_SHIFT);
}

static void chunk_unmap(struct cx_core *core, struct icm_table *table,
			unsigned int number)
{
	cx_command_immediate(core, CX_CMD_UNMAP_ICM, 0,
			     chunk_pages(table, number),
			     chunk_address(table, number), NULL);
	cx_area_free(core, &table->chunks[number].area);
}

static int chunk_get(struct cx_core *core, struct icm_table *table,
		     unsigned int number)
{
	struct icm_chunk *chunk = &table->chunks[number];
	int error;

	if (chunk->users) {
		chunk->users++;
		return 0;
	}
	error = cx_area_alloc(core, &chunk->area, chunk_pages(table, number),
			      get_order(CHUNK_SIZE));
	if (error)
		return error;
	error = cx_area_map(core, CX_CMD_MAP_ICM, chunk_address(table, number),
			    &chunk->area);
	if (error) {
		chunk_unmap(core, table, number);
		return error;
	}
	chunk->users = 1;
	return 0;
}

static void chunk_put(struct cx_core *core, struct icm_table *table,
		      unsigned int number)
{
	if (!--table->chunks[number].users)
		chunk_unmap(core, table, number);
}

/**
 * cx_icm_get - back entries of a table with memory
 * @core: the adapter
 * @kind: the table
 * @first: the first entry
 * @count: how many; 0 is nothing
 *
 * Return: 0 or -errno. cx_icm_put() of the same entries gives them back.
 */
int cx_icm_get(struct cx_core *core, enum cx_icm_kind kind, u32 first,
	       u32 count)
{
	struct icm_table *table = &core->icm->tables[kind];
	unsigned int number, end;
	int error = 0;

	if (!count || !table->chunk_count)
		return 0;
	number = chunk_of(core, kind, first);
	end = chunk_of(core, kind, first + count - 1) + 1;
	if (WARN_ON_ONCE(end > table->chunk_count))
		return -EINVAL;
	mutex_lock(&core->icm->lock);
	for (; number < end; number++) {
		error = chunk_get(core, table, number);
		if (error)
			break;
	}
	if (error)
		while (number-- > chunk_of(core, kind, first))
			chunk_put(core, table, number);
	mutex_unlock(&core->icm->lock);
	return error;
}

/** cx_icm_put - undo cx_icm_get() of the same entries */
void cx_icm_put(struct cx_core *core, enum cx_icm_kind kind, u32 first,
		u32 count)
{
	struct icm_table *table = &core->icm->tables[kind];
	unsigned int number, end;

	if (!count || !table->chunk_count)
		return;
	number = chunk_of(core, kind, first);
	end = chunk_of(core, kind, first + count - 1) + 1;
	mutex_lock(&core->icm->lock);
	for (; number < end; number++)
		chunk_put(core, table, number);
	mutex_unlock(&core->icm->lock);
}

/**
 * cx_icm_entry - where the CPU finds an entry
 * @core: the adapter
 * @kind: the table
 * @index: the entry, which cx_icm_get() was called for
 * @run: for how many entries, with this one, that holds on
 *
 * Return: its address; NULL if it is not backed.
 */
void *cx_icm_entry(struct cx_core *core, enum cx_icm_kind kind, u32 index,
		   u32 *run)
{
	struct icm_table *table = &core->icm->tables[kind];
	u32 size = core->limits->entry_size[kind];
	u64 offset = (u64)index * size & (CHUNK_SIZE - 1);
	unsigned int number = chunk_of(core, kind, index);
	const struct cx_area *area;
	unsigned int i;

	*run = 0;
	if (number >= table->chunk_count)
		return NULL;
	area = &table->chunks[number].area;
	for (i = 0; i < area->count; i++) {
		u64 length = PAGE_SIZE << area->blocks[i].order;

		if (offset < length) {
			*run = (length - offset) / size;
			return area->blocks[i].address + offset;
		}
		offset -= length;
	}
	return NULL;
}

/* The memory is coherent: order is all that is left to see to. */
void cx_icm_sync(struct cx_core *core, enum cx_icm_kind kind, u32 index,
		 u32 count)
{
	dma_wmb();
}

/** cx_icm_base - where a table begins in the adapter's address space */
u64 cx_icm_base(struct cx_core *core, enum cx_icm_kind kind)
{
	return core->icm->tables[kind].base;
}

/* ----- Layout ----- */

static int larger_first(const void *one, const void *other)
{
	const struct icm_table *a = *(const struct icm_table *const *)one;
	const struct icm_table *b = *(const struct icm_table *const *)other;

	if (a->size != b->size)
		return a->size < b->size ? 1 : -1;
	return a < b ? -1 : a > b;
}

/*
 * The control MPTs' four ranges are first. The rest follows by size, so that
 * each table, of a power of two, is aligned to its size.
 */
static void lay_out(struct cx_core *core)
{
	struct icm_table *order[CX_ICM_TABLES];
	struct cx_icm *icm = core->icm;
	u64 range = (u64)core->limits->entry_size[CX_ICM_CMPT_QP]
		    << LOG_CMPT_RANGE;
	unsigned int kind, i, n = 0;

	for (kind = 0; kind < CX_ICM_TABLES; kind++) {
		struct icm_table *table = &icm->tables[kind];
		u64 size = (u64)core->limits->count[kind] *
			   core->limits->entry_size[kind];

		if (!size)
			continue;
		table->size = max_t(u64, roundup_pow_of_two(size), PAGE_SIZE);
		if (is_cmpt(kind))
			table->base = (kind - CX_ICM_CMPT_QP) * range;
		else
			order[n++] = table;
	}
	icm->size = CMPT_TYPES * range;
	sort(order, n, sizeof(order[0]), larger_first, NULL);
	for (i = 0; i < n; i++) {
		order[i]->base = icm->size;
		icm->size += order[i]->size;
	}
}

static int chunks_alloc(struct cx_icm *icm)
{
	unsigned int kind;

	for (kind = 0; kind < CX_ICM_TABLES; kind++) {
		struct icm_table *table = &icm->tables[kind];

		if (!table->size)
			continue;
		table->chunk_count = DIV_ROUND_UP(table->size, CHUNK_SIZE);
		table->chunks = kvcalloc(table->chunk_count,
					 sizeof(*table->chunks), GFP_KERNEL);
		if (!table->chunks)
			return -ENOMEM;
	}
	return 0;
}

static void chunks_free(struct cx_icm *icm)
{
	unsigned int kind;

	for (kind = 0; kind < CX_ICM_TABLES; kind++)
		kvfree(icm->tables[kind].chunks);
}

/* ----- What is backed from start to stop ----- */

/*
 * The firmware's own entries, and the tables that it searches as a whole.
 * Event queues are as good as all in use.
 */
static u32 resident(struct cx_core *core, unsigned int kind)
{
	const struct cx_device_limits *limits = core->limits;

	switch ((enum cx_icm_kind)kind) {
	case CX_ICM_QPC:
	case CX_ICM_AUXC:
	case CX_ICM_ALTC:
	case CX_ICM_CMPT_QP:
		return limits->reserved_qps;
	case CX_ICM_SRQC:
	case CX_ICM_CMPT_SRQ:
		return limits->reserved_srqs;
	case CX_ICM_CQC:
	case CX_ICM_CMPT_CQ:
		return limits->reserved_cqs;
	case CX_ICM_MTT:
		return limits->reserved_mtts;
	case CX_ICM_DMPT:
		return limits->reserved_mrws;
	case CX_ICM_EQC:
	case CX_ICM_CMPT_EQ:
	case CX_ICM_MCG:
		return limits->count[kind];
	case CX_ICM_TABLES:
		break;
	}
	return 0;
}

static void put_residents(struct cx_core *core, unsigned int end)
{
	while (end--)
		cx_icm_put(core, end, 0, resident(core, end));
}

static int get_residents(struct cx_core *core)
{
	unsigned int kind;
	int error;

	for (kind = 0; kind < CX_ICM_TABLES; kind++) {
		error = cx_icm_get(core, kind, 0, resident(core, kind));
		if (error) {
			put_residents(core, kind);
			return error;
		}
	}
	return 0;
}

/* Tells the adapter the size; it answers how much it needs to manage that */
static int size_announce(struct cx_core *core)
{
	struct device *dev = &core->adapter.pdev->dev;
	struct cx_icm *icm = core->icm;
	u64 max = cx_get(core->limits->dev_cap, CX_DEV_CAP_MAX_ICM);
	u64 aux_pages;
	int error;

	if (icm->size > max) {
		dev_err(dev,
			"the card's tables need %llu bytes of address space, it has %llu\n",
			icm->size, max);
		return -ENOSPC;
	}
	error = cx_command_immediate(core, CX_CMD_SET_ICM_SIZE, 0, 0, icm->size,
				     &aux_pages);
	if (error)
		return error;
	if (aux_pages > icm->size >> CX_ICM_PAGE_SHIFT >> 3) {
		dev_err(dev, "the card wants %llu auxiliary pages\n",
			aux_pages);
		return -EPROTO;
	}
	if (!aux_pages)
		return 0;
	error = cx_area_alloc(core, &icm->aux, aux_pages,
			      get_order(256 * 1024));
	if (error)
		return error;
	error = cx_area_map(core, CX_CMD_MAP_ICM_AUX, 0, &icm->aux);
	if (error) {
		cx_command(core, CX_CMD_UNMAP_ICM_AUX, 0, 0, NULL, NULL);
		cx_area_free(core, &icm->aux);
	}
	return error;
}

static void size_forget(struct cx_core *core)
{
	if (!core->icm->aux.count)
		return;
	cx_command(core, CX_CMD_UNMAP_ICM_AUX, 0, 0, NULL, NULL);
	cx_area_free(core, &core->icm->aux);
}

static void icm_free(struct cx_core *core)
{
	mutex_destroy(&core->icm->lock);
	chunks_free(core->icm);
	kfree(core->icm);
	core->icm = NULL;
}

/**
 * cx_icm_init - lay the tables out and back what is needed from the start
 * @core: the adapter, its capabilities known
 *
 * Return: 0 or -errno.
 */
int cx_icm_init(struct cx_core *core)
{
	int error;

	core->icm = kzalloc_obj(*core->icm);
	if (!core->icm)
		return -ENOMEM;
	mutex_init(&core->icm->lock);
	cx_profile_choose(core);
	lay_out(core);
	error = chunks_alloc(core->icm);
	if (!error)
		error = size_announce(core);
	if (!error) {
		error = get_residents(core);
		if (error)
			size_forget(core);
	}
	if (error)
		icm_free(core);
	return error;
}

/** cx_icm_exit - undo cx_icm_init(); nothing but residents is backed */
void cx_icm_exit(struct cx_core *core)
{
	put_residents(core, CX_ICM_TABLES);
	size_forget(core);
	icm_free(core);
}
