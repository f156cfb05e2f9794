// SPDX-License-Identifier: GPL-2.0-only
/*
 * A descriptor that sends nothing: it completes for those before it that asked
 * for no completion of their own.
 */
#include "mlx4_en/tx_ring.h"

/**
 * en_post_nop - ask for a completion of what has been posted so far
 * @ring: the send ring. On the producer's side; the doorbell is the caller's.
 */
void en_post_nop(struct en_tx_ring *ring)
{
	u32 index = ring->producer;
	void *segment = en_block(ring, index);

	ring->slots[index & ring->mask] = (struct en_tx_slot){ .units = 1 };
	WRITE_ONCE(ring->producer, index + 1);
	ring->unsignalled = 0;
	*cx_at(segment, CX_SEND_UNITS) = cx_be32(CX_SEND_UNITS, 1);
	*cx_at(segment, CX_SEND_COMPLETION) =
		cx_be32(CX_SEND_COMPLETION, CX_SEND_COMPLETION_ALWAYS);
	*cx_at(segment, CX_SEND_DMAC_LOW) = 0;
	dma_wmb();
	WRITE_ONCE(*cx_at(segment, CX_SEND_OWNER),
		   cx_be32(CX_SEND_OPCODE, CX_SEND_OP_NOP) |
			   en_owner(ring, index));
}
