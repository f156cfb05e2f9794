// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers that may be read at any time, for whoever looks for a mistake. Not
 * those of ownership: they are taken by who reads them
 * (docs/hardware/registers.md, C2).
 */
#include "mlx4_core/core.h"

static void dump_catastrophic(struct cx_core *core, u32 *words)
{
	const struct cx_device_limits *limits = core->limits;
	u32 count =
		min_t(u32, limits->catastrophic_dwords, CX_CATASTROPHIC_DWORDS);
	void __iomem *buffer = NULL;
	u32 i;

	memset(words, 0, CX_CATASTROPHIC_DWORDS * sizeof(*words));
	if (count)
		buffer = cx_register_map(core, limits->catastrophic_bar,
					 limits->catastrophic_offset,
					 count * sizeof(*words));
	if (!buffer)
		return;
	for (i = 0; i < count; i++)
		words[i] = ioread32be(buffer + i * sizeof(*words));
	cx_register_unmap(core, buffer);
}

/**
 * cx_registers_dump - read what can be read without a side effect
 * @adapter: a running adapter; it may have failed
 * @words: CX_REGISTER_DUMP_WORDS, in the host's order of bytes: command
 *	register, device id, catastrophic buffer
 */
void cx_registers_dump(struct cx_adapter *adapter, u32 *words)
{
	struct cx_core *core = cx_core_of(adapter);
	u32 i;

	if (pci_channel_offline(adapter->pdev)) {
		memset(words, 0xff, CX_REGISTER_DUMP_WORDS * sizeof(*words));
		return;
	}
	for (i = 0; i < CX_HCR_DWORDS; i++)
		*words++ = ioread32be(core->bar0 + CX_REG_HCR +
				      i * sizeof(*words));
	*words++ = ioread32be(core->bar0 + CX_REG_DEVICE_ID);
	dump_catastrophic(core, words);
}
EXPORT_SYMBOL_GPL(cx_registers_dump);
