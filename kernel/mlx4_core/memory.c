// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory as queues need it: the doorbell page, the protection domain, the one
 * region by which descriptors name any address, and doorbell records.
 */
#include <linux/slab.h>

#include "mlx4_core/memory.h"

/* A record shares its cache line with no other: each has one writer. */
#define CX_RECORD_SIZE 64

/**
 * cx_record_alloc - a doorbell record of its own cache line, zeroed
 * @adapter: the adapter
 * @record: described here on success; cx_record_free() it
 *
 * Return: 0 or -ENOMEM.
 */
int cx_record_alloc(struct cx_adapter *adapter, struct cx_record *record)
{
	struct cx_memory *memory = cx_core_of(adapter)->memory;

	record->address =
		dma_pool_zalloc(memory->records, GFP_KERNEL, &record->dma);
	return record->address ? 0 : -ENOMEM;
}
EXPORT_SYMBOL_GPL(cx_record_alloc);

/**
 * cx_record_free - give back what cx_record_alloc() gave
 * @adapter: the adapter
 * @record: one that no queue uses; nothing happens if it was never allocated
 */
void cx_record_free(struct cx_adapter *adapter, struct cx_record *record)
{
	struct cx_memory *memory = cx_core_of(adapter)->memory;

	if (!record->address)
		return;
	dma_pool_free(memory->records, record->address, record->dma);
	record->address = NULL;
}
EXPORT_SYMBOL_GPL(cx_record_free);

/* The first page behind those of the event queues (registers.md, Q1.1) */
static int map_uar(struct cx_core *core)
{
	struct cx_adapter *adapter = &core->adapter;
	struct pci_dev *pdev = adapter->pdev;
	u32 page = max_t(u32, CX_UAR_EQ_PAGES, core->limits->reserved_uars);
	resource_size_t offset = (resource_size_t)page << CX_UAR_PAGE_SHIFT;

	if (offset + CX_UAR_PAGE_SIZE > pci_resource_len(pdev, CX_BAR_UAR)) {
		dev_err(&pdev->dev, "BAR %d has no doorbell page\n",
			CX_BAR_UAR);
		return -ENODEV;
	}
	adapter->uar = ioremap(pci_resource_start(pdev, CX_BAR_UAR) + offset,
			       CX_UAR_PAGE_SIZE);
	if (!adapter->uar)
		return -ENOMEM;
	adapter->uar_page = page;
	return 0;
}

/*
 * A region of bus addresses without end, so that descriptors hold those as
 * they are (icm.md, C5.13).
 */
static int create_region(struct cx_core *core)
{
	struct cx_memory *memory = core->memory;
	u32 index = core->limits->reserved_mrws;
	struct cx_mailbox *mailbox;
	int err;

	if (index >= core->limits->count[CX_ICM_DMPT])
		return -ENOSPC;
	err = cx_icm_get(core, CX_ICM_DMPT, index, 1);
	if (err)
		return err;
	mailbox = cx_mailbox_get(core);
	if (IS_ERR(mailbox)) {
		err = PTR_ERR(mailbox);
		goto put;
	}
	cx_set(mailbox->data, CX_MPT_STATUS, CX_MPT_STATUS_SOFTWARE);
	cx_set(mailbox->data, CX_MPT_LOCAL_WRITE, 1);
	cx_set(mailbox->data, CX_MPT_LOCAL_READ, 1);
	cx_set(mailbox->data, CX_MPT_PHYSICAL, 1);
	cx_set(mailbox->data, CX_MPT_REGION, 1);
	cx_set(mailbox->data, CX_MPT_KEY, index);
	cx_set(mailbox->data, CX_MPT_PD, core->adapter.pd);
	cx_set(mailbox->data, CX_MPT_LENGTH, U64_MAX);
	cx_set(mailbox->data, CX_MPT_LOG_ENTITY_SIZE, CX_ICM_PAGE_SHIFT);
	err = cx_command(core, CX_CMD_SW2HW_MPT, 0, index, mailbox, NULL);
	cx_mailbox_put(core, mailbox);
	if (err)
		goto put;
	memory->region = index;
	core->adapter.lkey = index << 8 | index >> 24;
	return 0;

put:
	cx_icm_put(core, CX_ICM_DMPT, index, 1);
	return err;
}

static void destroy_region(struct cx_core *core)
{
	u32 index = core->memory->region;

	cx_command(core, CX_CMD_HW2SW_MPT, CX_HW2SW_NO_MAILBOX, index, NULL,
		   NULL);
	cx_icm_put(core, CX_ICM_DMPT, index, 1);
}

/**
 * cx_memory_init - make what queues need of memory
 * @core: an adapter after INIT_HCA
 *
 * Return: 0 or -errno; then nothing is left behind.
 */
int cx_memory_init(struct cx_core *core)
{
	struct device *dev = cx_dma_device(&core->adapter);
	struct cx_memory *memory;
	int err;

	memory = kzalloc_obj(*memory);
	if (!memory)
		return -ENOMEM;
	core->memory = memory;
	mutex_init(&memory->lock);
	core->adapter.pd = core->limits->reserved_pds;

	memory->records = dma_pool_create("mlx4_core records", dev,
					  CX_RECORD_SIZE, CX_RECORD_SIZE, 0);
	if (!memory->records) {
		err = -ENOMEM;
		goto free;
	}
	err = map_uar(core);
	if (err)
		goto destroy_records;
	err = cx_buffers_init(core);
	if (err)
		goto unmap_uar;
	err = create_region(core);
	if (err)
		goto exit_buffers;
	return 0;

exit_buffers:
	cx_buffers_exit(core);
unmap_uar:
	iounmap(core->adapter.uar);
destroy_records:
	dma_pool_destroy(memory->records);
free:
	mutex_destroy(&memory->lock);
	kfree(memory);
	core->memory = NULL;
	return err;
}

/**
 * cx_memory_exit - undo cx_memory_init()
 * @core: an adapter without buffers, records and queues
 */
void cx_memory_exit(struct cx_core *core)
{
	struct cx_memory *memory = core->memory;

	destroy_region(core);
	cx_buffers_exit(core);
	iounmap(core->adapter.uar);
	dma_pool_destroy(memory->records);
	mutex_destroy(&memory->lock);
	kfree(memory);
	core->memory = NULL;
}
