// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data segments of send descriptors: packets' memory mapped for the adapter,
 * and given back. The descriptor itself remembers what was mapped.
 */
#include "mlx4_en/tx_ring.h"

/**
 * en_unmap - give back the memory of a descriptor's data segments
 * @ring: the send ring
 * @index: the descriptor's first block
 * @unit: the first segment's unit
 * @units: the descriptor's end
 */
void en_unmap(struct en_tx_ring *ring, u32 index, u32 unit, u32 units)
{
	for (; unit < units; unit++) {
		const void *segment = en_unit(ring, index, unit);

		dma_unmap_page(ring->dma,
			       cx_load_be64(segment +
					    CX_FIELD_OFFSET(CX_DATA_ADDRESS)),
			       be32_to_cpu(cx_load(segment, CX_DATA_LENGTH)),
			       DMA_TO_DEVICE);
	}
}

/**
 * en_map_frags - write data segments for a packet's fragments
 * @ring: the send ring
 * @index: the descriptor's first block
 * @unit: the unit of the first fragment's segment
 * @info: the packet's fragments
 *
 * The last one is written first: the adapter takes a block for complete when
 * its first word is there (docs/hardware/datapath.md, Q6.5).
 *
 * Return: 0, or -ENOMEM and nothing is mapped.
 */
int en_map_frags(struct en_tx_ring *ring, u32 index, u32 unit,
		 const struct skb_shared_info *info)
{
	u32 i = info->nr_frags;

	while (i--) {
		const skb_frag_t *frag = &info->frags[i];
		u32 length = skb_frag_size(frag);
		dma_addr_t dma = skb_frag_dma_map(ring->dma, frag, 0, length,
						  DMA_TO_DEVICE);

		if (unlikely(dma_mapping_error(ring->dma, dma))) {
			en_unmap(ring, index, unit + i + 1,
				 unit + info->nr_frags);
			return -ENOMEM;
		}
		cx_write_segment(en_unit(ring, index, unit + i), dma,
				 ring->lkey, length);
	}
	return 0;
}
