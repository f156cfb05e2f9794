// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is handed to the adapter for its own use: firmware area,
 * auxiliary area, chunks of ICM. Coherent memory: nobody needs to know when
 * the adapter writes to it, and MTTs that the CPU writes are seen at once.
 */
#include <linux/dma-mapping.h>
#include <linux/slab.h>

#include "mlx4_core/core.h"

#define AREA_MAILBOX_ENTRIES (CX_MAILBOX_SIZE / CX_MAP_ENTRY_SIZE)

/* The largest block of at most @order that there is memory for */
static int block_alloc(struct device *dev, struct cx_block *block,
		       unsigned int order)
{
	for (;; order--) {
		block->address = dma_alloc_attrs(dev, PAGE_SIZE << order,
						 &block->dma, GFP_KERNEL,
						 DMA_ATTR_NO_WARN);
		if (block->address) {
			block->order = order;
			return 0;
		}
		if (!order)
			return -ENOMEM;
	}
}

/**
 * cx_area_alloc - memory for the adapter's own use
 * @core: the adapter
 * @area: what is filled in
 * @pages: how much, in pages of 4 KiB (rounded up to the CPU's pages)
 * @max_order: log2 of the largest block, in the CPU's pages
 *
 * Each block is aligned to its size, as MAP_FA and its kind want it
 * (docs/hardware/init.md, C5.7).
 *
 * Return: 0 or -ENOMEM.
 */
int cx_area_alloc(struct cx_core *core, struct cx_area *area, u32 pages,
		  unsigned int max_order)
{
	struct device *dev = &core->adapter.pdev->dev;
	u32 left = DIV_ROUND_UP(pages, PAGE_SIZE >> CX_ICM_PAGE_SHIFT);

	area->count = 0;
	area->blocks = kvcalloc(left, sizeof(*area->blocks), GFP_KERNEL);
	if (!area->blocks)
		return -ENOMEM;
	while (left) {
		struct cx_block *block = &area->blocks[area->count];
		unsigned int order =
			min_t(unsigned int, max_order, ilog2(left));

		if (block_alloc(dev, block, order)) {
			cx_area_free(core, area);
			return -ENOMEM;
		}
		area->count++;
		left -= 1u << block->order;
		max_order = block->order;
	}
	return 0;
}

/**
 * cx_area_free - take memory back; the adapter must have forgotten it
 * @core: the adapter
 * @area: may be empty (all zero)
 */
void cx_area_free(struct cx_core *core, struct cx_area *area)
{
	struct device *dev = &core->adapter.pdev->dev;

	while (area->count) {
		struct cx_block *block = &area->blocks[--area->count];

		dma_free_coherent(dev, PAGE_SIZE << block->order,
				  block->address, block->dma);
	}
	kvfree(area->blocks);
	area->blocks = NULL;
}

static void entry_fill(u8 *entry, u64 address, const struct cx_block *block)
{
	cx_set(entry, CX_MAP_ENTRY_VIRTUAL_PAGE, address >> CX_ICM_PAGE_SHIFT);
	cx_set(entry, CX_MAP_ENTRY_PHYSICAL_PAGE,
	       block->dma >> CX_ICM_PAGE_SHIFT);
	cx_set(entry, CX_MAP_ENTRY_LOG_PAGES,
	       block->order + PAGE_SHIFT - CX_ICM_PAGE_SHIFT);
}

/**
 * cx_area_map - tell the adapter of an area
 * @core: the adapter
 * @opcode: MAP_FA, MAP_ICM_AUX or MAP_ICM
 * @address: where it begins in ICM; 0 for the other two
 * @area: as cx_area_alloc() made it
 *
 * Return: 0 or -errno; then the adapter may know a part of it.
 */
int cx_area_map(struct cx_core *core, enum cx_command opcode, u64 address,
		const struct cx_area *area)
{
	struct cx_mailbox *mailbox = cx_mailbox_get(core);
	unsigned int done = 0;
	int error = 0;

	if (IS_ERR(mailbox))
		return PTR_ERR(mailbox);
	while (done < area->count && !error) {
		unsigned int n = min_t(unsigned int, area->count - done,
				       AREA_MAILBOX_ENTRIES);
		unsigned int i;

		for (i = 0; i < n; i++) {
			const struct cx_block *block = &area->blocks[done + i];

			entry_fill(mailbox->data + i * CX_MAP_ENTRY_SIZE,
				   address, block);
			if (opcode == CX_CMD_MAP_ICM)
				address += PAGE_SIZE << block->order;
		}
		error = cx_command(core, opcode, 0, n, mailbox, NULL);
		done += n;
	}
	cx_mailbox_put(core, mailbox);
	return error;
}
