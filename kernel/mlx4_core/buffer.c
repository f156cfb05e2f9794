// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers of queues: one block of coherent memory each, and the translation
 * entries (MTT) by which the adapter finds it (docs/hardware/icm.md, Q2.1).
 */
#include <linux/bitmap.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "mlx4_core/memory.h"

/*
 * Each queue takes one entry, or a few where memory is fragmented: more are
 * never wanted, however many the table could hold.
 */
#define CX_MTTS_MAX 65536
/* Firmware writes its own entries: none of ours shares their cache line. */
#define CX_MTTS_PER_CACHE_LINE (SMP_CACHE_BYTES / CX_MTT_SIZE)
/* The largest page known to be understood: 1 MiB (icm.md, Q2.1) */
#define CX_BUFFER_PAGE_SHIFT_MAX 20

int cx_buffers_init(struct cx_core *core)
{
	struct cx_memory *memory = core->memory;
	u32 count = core->limits->count[CX_ICM_MTT];

	memory->mtt_first =
		ALIGN(core->limits->reserved_mtts, CX_MTTS_PER_CACHE_LINE);
	if (count <= memory->mtt_first)
		return -ENOSPC;
	memory->mtt_count = min_t(u32, count - memory->mtt_first, CX_MTTS_MAX);
	memory->mtts_used = bitmap_zalloc(memory->mtt_count, GFP_KERNEL);
	return memory->mtts_used ? 0 : -ENOMEM;
}

void cx_buffers_exit(struct cx_core *core)
{
	bitmap_free(core->memory->mtts_used);
	core->memory->mtts_used = NULL;
}

static int mtt_alloc(struct cx_core *core, u32 count, u32 *first)
{
	struct cx_memory *memory = core->memory;
	unsigned long at;
	int err;

	mutex_lock(&memory->lock);
	at = bitmap_find_next_zero_area(memory->mtts_used, memory->mtt_count, 0,
					count, 0);
	if (at < memory->mtt_count)
		bitmap_set(memory->mtts_used, at, count);
	mutex_unlock(&memory->lock);
	if (at >= memory->mtt_count)
		return -ENOSPC;

	*first = memory->mtt_first + at;
	err = cx_icm_get(core, CX_ICM_MTT, *first, count);
	if (err) {
		mutex_lock(&memory->lock);
		bitmap_clear(memory->mtts_used, at, count);
		mutex_unlock(&memory->lock);
	}
	return err;
}

static void mtt_free(struct cx_core *core, u32 first, u32 count)
{
	struct cx_memory *memory = core->memory;

	cx_icm_put(core, CX_ICM_MTT, first, count);
	mutex_lock(&memory->lock);
	bitmap_clear(memory->mtts_used, first - memory->mtt_first, count);
	mutex_unlock(&memory->lock);
}

/* No command: the adapter reads the entries when a queue is handed over. */
static int mtt_write(struct cx_core *core, const struct cx_buffer *buffer)
{
	u64 page = 1ULL << buffer->page_shift;
	u32 done = 0;

	while (done < buffer->mtt_count) {
		u32 run;
		u8 *entry = cx_icm_entry(core, CX_ICM_MTT, buffer->mtt + done,
					 &run);

		if (!entry)
			return -EIO;
		for (run = min(run, buffer->mtt_count - done); run; run--) {
			dma_addr_t at = buffer->dma + done * page;

			/* Pages of this table were not zeroed. */
			memset(entry, 0, CX_MTT_SIZE);
			cx_set(entry, CX_MTT_ADDRESS,
			       at >> CX_FIELD_BIT(CX_MTT_ADDRESS));
			cx_set(entry, CX_MTT_PRESENT, 1);
			entry += CX_MTT_SIZE;
			done++;
		}
	}
	cx_icm_sync(core, CX_ICM_MTT, buffer->mtt, buffer->mtt_count);
	return 0;
}

/*
 * Coherent memory follows the device's node: it is told another one meanwhile.
 * Nobody else allocates for this device on a node that matters.
 */
static void *alloc_on_node(struct cx_core *core, size_t size, dma_addr_t *dma,
			   int node)
{
	struct device *dev = cx_dma_device(&core->adapter);
	int home = dev_to_node(dev);
	void *address;

	mutex_lock(&core->memory->lock);
	if (node != NUMA_NO_NODE)
		set_dev_node(dev, node);
	address = dma_alloc_coherent(dev, size, dma, GFP_KERNEL);
	set_dev_node(dev, home);
	mutex_unlock(&core->memory->lock);
	return address;
}

/**
 * cx_buffer_alloc - memory for a queue, zeroed, with its translation
 * @adapter: the adapter
 * @buffer: described here on success; cx_buffer_free() it
 * @size: bytes
 * @node: where it should be, or NUMA_NO_NODE
 *
 * Return: 0; -ENOMEM; -ENOSPC when the translation table is full; or what
 * mapping the table's memory returned.
 */
int cx_buffer_alloc(struct cx_adapter *adapter, struct cx_buffer *buffer,
		    size_t size, int node)
{
	struct cx_core *core = cx_core_of(adapter);
	int shift;
	int err;

	size = PAGE_ALIGN(size);
	buffer->address = alloc_on_node(core, size, &buffer->dma, node);
	if (!buffer->address)
		return -ENOMEM;
	buffer->size = size;
	buffer->node = node;
	shift = min_t(int, __ffs64(buffer->dma), order_base_2(size));
	buffer->page_shift = min(shift, CX_BUFFER_PAGE_SHIFT_MAX);
	buffer->mtt_count = DIV_ROUND_UP(size, 1UL << buffer->page_shift);

	err = mtt_alloc(core, buffer->mtt_count, &buffer->mtt);
	if (err)
		goto free;
	err = mtt_write(core, buffer);
	if (err)
		goto free_mtt;
	return 0;

free_mtt:
	mtt_free(core, buffer->mtt, buffer->mtt_count);
free:
	dma_free_coherent(cx_dma_device(adapter), size, buffer->address,
			  buffer->dma);
	memset(buffer, 0, sizeof(*buffer));
	return err;
}
EXPORT_SYMBOL_GPL(cx_buffer_alloc);

/**
 * cx_buffer_free - give back what cx_buffer_alloc() gave
 * @adapter: the adapter
 * @buffer: one that no queue uses; nothing happens if it was never allocated
 */
void cx_buffer_free(struct cx_adapter *adapter, struct cx_buffer *buffer)
{
	if (!buffer->address)
		return;
	mtt_free(cx_core_of(adapter), buffer->mtt, buffer->mtt_count);
	dma_free_coherent(cx_dma_device(adapter), buffer->size, buffer->address,
			  buffer->dma);
	memset(buffer, 0, sizeof(*buffer));
}
EXPORT_SYMBOL_GPL(cx_buffer_free);
