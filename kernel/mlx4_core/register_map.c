// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers whose place the firmware tells: catastrophic buffer, interrupt
 * clearing, clock.
 */
#include "mlx4_core/core.h"

/**
 * cx_register_map - registers that QUERY_FW places
 * @core: the adapter
 * @bar: as the firmware counts: 0, 1, 2 for BARs 0, 2, 4
 * @offset: bytes into that BAR
 * @size: bytes
 *
 * Return: where they are; NULL if that BAR does not hold them.
 */
void __iomem *cx_register_map(struct cx_core *core, u8 bar, u64 offset,
			      size_t size)
{
	struct pci_dev *pdev = core->adapter.pdev;
	u64 length = pci_resource_len(pdev, 2 * bar);

	if (offset >= length || length - offset < size || offset & 3)
		return NULL;
	if (bar == CX_BAR_DCS)
		return core->bar0 + offset;
	return pci_iomap_range(pdev, 2 * bar, offset, size);
}

/** cx_register_unmap - undo cx_register_map(); @address may be NULL */
void cx_register_unmap(struct cx_core *core, void __iomem *address)
{
	u64 length = pci_resource_len(core->adapter.pdev, CX_BAR_DCS);

	if (!address ||
	    (address >= core->bar0 && address < core->bar0 + length))
		return;
	pci_iounmap(core->adapter.pdev, address);
}
