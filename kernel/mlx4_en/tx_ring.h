/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the send path share: how a descriptor lies in its ring,
 * and what is remembered of it until it completes.
 *
 * A descriptor takes 64-byte blocks one after another and goes on at the
 * ring's beginning behind its end. No segment lies across the end, so that a
 * masked offset is all it takes (docs/hardware/datapath.md, Q6.1).
 */
#ifndef MLX4_EN_TX_RING_H
#define MLX4_EN_TX_RING_H

#include "mlx4_en/en.h"
#include "mlx4_en/words.h"

#define EN_BLOCK_SHIFT 6
#define EN_BLOCK (1 << EN_BLOCK_SHIFT)
#define EN_BLOCK_UNITS (EN_BLOCK / CX_WQE_UNIT)

/* The adapter may read so far ahead: never in flight (datapath.md, Q6.1) */
#define EN_TX_READ_AHEAD (2048 / EN_BLOCK + 1)

/* The longest header that goes into a descriptor by itself */
#define EN_LSO_HEADER_MAX 256
/* Those of a packet in the kernel's usual configuration */
#define EN_TX_MAX_SEGMENTS 18
#define EN_TX_MAX_UNITS                                                \
	(1 +                                                           \
	 (CX_LSO_HEADER_BYTES + EN_LSO_HEADER_MAX + CX_WQE_UNIT - 1) / \
		 CX_WQE_UNIT +                                         \
	 EN_TX_MAX_SEGMENTS)
#define EN_TX_MAX_BLOCKS DIV_ROUND_UP(EN_TX_MAX_UNITS, EN_BLOCK_UNITS)

/* A completion at least every so many descriptors */
#define EN_TX_SIGNAL_EVERY 32

/* Frames that go into the descriptor: two blocks, each with its own header */
#define EN_INLINE_FIRST (EN_BLOCK - CX_WQE_UNIT - CX_INLINE_HEADER)
#define EN_INLINE_SECOND (EN_BLOCK - CX_INLINE_HEADER)
#define EN_INLINE_MAX (EN_INLINE_FIRST + EN_INLINE_SECOND)
/* Shorter ones the adapter does not take inline (datapath.md, Q6.2) */
#define EN_INLINE_MIN 17

/* What a descriptor in flight holds: the slot of its first block says it */
struct en_tx_slot {
	union {
		struct sk_buff *skb;
		struct xdp_frame *frame;
		void *owner; /* NULL: nothing, it is a NOP */
	};
	u32 bytes; /* on the wire, of all packets */
	u16 packets;
	u8 units; /* the whole descriptor, in 16 bytes */
	u8 first; /* unit of the first data segment; flags above */
};

#define EN_SLOT_FIRST 0x1f
#define EN_SLOT_TIMESTAMP 0x80
#define EN_SLOT_CHECKSUM 0x40
/* XDP: the frame's pages are the receive ring's, mapped by its pool */
#define EN_SLOT_POOL 0x20

/* A ring of XDP frames instead of the stack's packets */
static inline bool en_is_xdp(const struct en_tx_ring *ring)
{
	return ring->frames;
}

static inline u32 en_slot_blocks(const struct en_tx_slot *slot)
{
	return DIV_ROUND_UP(slot->units, EN_BLOCK_UNITS);
}

static inline void *en_block(const struct en_tx_ring *ring, u32 index)
{
	return ring->descriptors +
	       ((size_t)(index & ring->mask) << EN_BLOCK_SHIFT);
}

/* Unit @unit of the descriptor that begins at block @index */
static inline void *en_unit(const struct en_tx_ring *ring, u32 index, u32 unit)
{
	return en_block(ring, index + unit / EN_BLOCK_UNITS) +
	       unit % EN_BLOCK_UNITS * CX_WQE_UNIT;
}

/* Blocks that may still be taken; exact on the producer's side */
static inline u32 en_tx_room(const struct en_tx_ring *ring)
{
	return ring->usable -
	       (READ_ONCE(ring->producer) - READ_ONCE(ring->consumer));
}

/* Is there room for any descriptor? Asks the other side only if need be. */
static inline bool en_tx_has_room(struct en_tx_ring *ring)
{
	if (likely((s32)(ring->limit - ring->producer) >= 0))
		return true;
	/* Slots are read for the last time before they are free again. */
	ring->limit = smp_load_acquire(&ring->consumer) + ring->usable -
		      EN_TX_MAX_BLOCKS;
	return (s32)(ring->limit - ring->producer) >= 0;
}

/* The owner bit of a descriptor that begins at @index, in its first word */
static inline __be32 en_owner(const struct en_tx_ring *ring, u32 index)
{
	return index & ring->entries ? cx_be32_mask(CX_SEND_OWNER) : 0;
}

/* tx_segments.c: 0, or -ENOMEM and nothing is mapped */
int en_map_frags(struct en_tx_ring *ring, u32 index, u32 unit,
		 const struct skb_shared_info *info);
void en_unmap(struct en_tx_ring *ring, u32 index, u32 unit, u32 units);

/* tx_lso.c: a descriptor's units, 0 if the packet is to be dropped */
u32 en_put_lso(struct en_tx_ring *ring, u32 index, struct sk_buff *skb,
	       u32 *header_units);

/* tx_nop.c: a descriptor that sends nothing and completes */
void en_post_nop(struct en_tx_ring *ring);

/* tx_complete.c: frees all that is in flight; the adapter does no more */
u32 en_tx_drop_all(struct en_tx_ring *ring);

/* xdp_tx.c; from NAPI of the ring's channel */
u32 en_xdp_tx_queue(struct en_tx_ring *ring, struct xdp_frame *frame);
u32 en_xdp_tx_flush(struct en_tx_ring *ring);

#endif
