/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory regions: the protection table that local keys point into, and the
 * translation of queue buffers.
 */
#ifndef EMULATOR_ADAPTER_ICM_MEMORY_REGION_H
#define EMULATOR_ADAPTER_ICM_MEMORY_REGION_H

#include "connectx/types.h"

struct adapter;

struct memory_region {
	bool valid;
	bool local_read, local_write, physical, any_length;
	u8 log_page;
	u32 key, pd;
	u64 start, length, mtt;
};

#define REGION_LEAF 256
#define REGION_LEAVES 8192 /* 2^21 entries: what 0x38 of LOG_DMPTS allows */

struct memory_regions {
	struct memory_region *leaf[REGION_LEAVES];
	unsigned int end; /* behind the last leaf that exists */
	/* The one key that a driver uses for everything */
	u32 last_key;
	const struct memory_region *last;
};

void memory_regions_reset(struct memory_regions *regions);

/**
 * memory_region_copy - copy to or from where a data segment points
 * @pd: the queue pair's protection domain
 * @write: from @bytes into the guest's memory
 *
 * Return: 0, or -errno: protection error, or nothing mapped there. Then a part
 * may have been copied.
 */
int memory_region_copy(struct adapter *adapter, u32 lkey, u32 pd, u64 address,
		       u8 *bytes, size_t length, bool write);

/*
 * A ring in host memory, described by an MTT. Entries do not change while the
 * queue lives, so translations are cached.
 */
#define RING_CACHE 8

struct ring {
	u64 mtt; /* byte offset from the MTT table's base */
	u32 page_offset; /* of the ring's first byte in its first page */
	u8 page_shift;
	struct {
		u64 page; /* number + 1; 0 = empty */
		u64 bus;
	} cache[RING_CACHE];
};

void ring_init(struct ring *ring, u64 mtt, u8 log_page_size, u32 page_offset);
/* Return: bus address of byte @offset, 0 if the MTT is not present. */
u64 ring_translate(struct adapter *adapter, struct ring *ring, u64 offset,
		   size_t *contiguous);
int ring_read(struct adapter *adapter, struct ring *ring, u64 offset, void *to,
	      size_t length);
int ring_write(struct adapter *adapter, struct ring *ring, u64 offset,
	       const void *from, size_t length);
/*
 * Writes an entry, its last byte behind all others. Return: 0, or -EFAULT, as
 * for one that crosses a page.
 */
int ring_publish(struct adapter *adapter, struct ring *ring, u64 offset,
		 const u8 *entry, size_t length);

#endif
