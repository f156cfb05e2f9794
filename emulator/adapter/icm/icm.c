// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sparse map of ICM pages (docs/hardware/icm.md).
 */
#include <errno.h>
#include <stdlib.h>

#include "emulator/adapter/adapter.h"

#define ICM_LEAF_SHIFT 9
#define ICM_PAGE_SIZE (1ULL << CX_ICM_PAGE_SHIFT)

static struct icm_leaf *leaf_find(struct icm *icm, u64 number)
{
	struct icm_leaf *leaf = icm->last;

	if (leaf && leaf->number == number)
		return leaf;
	for (leaf = icm->bucket[number % ICM_BUCKETS]; leaf; leaf = leaf->next)
		if (leaf->number == number) {
			icm->last = leaf;
			return leaf;
		}
	return NULL;
}

static struct icm_leaf *leaf_get(struct icm *icm, u64 number)
{
	struct icm_leaf *leaf = leaf_find(icm, number);

	if (leaf || icm->leaves >= ICM_LEAVES_MAX)
		return leaf;
	leaf = calloc(1, sizeof(*leaf));
	if (!leaf)
		return NULL;
	leaf->number = number;
	leaf->next = icm->bucket[number % ICM_BUCKETS];
	icm->bucket[number % ICM_BUCKETS] = leaf;
	icm->leaves++;
	return leaf;
}

void icm_reset(struct icm *icm)
{
	for (unsigned int i = 0; i < ICM_BUCKETS; i++)
		while (icm->bucket[i]) {
			struct icm_leaf *leaf = icm->bucket[i];

			icm->bucket[i] = leaf->next;
			free(leaf);
		}
	icm->last = NULL;
	icm->leaves = 0;
	icm->announced = 0;
}

int icm_map(struct icm *icm, u64 address, u64 bus, u64 pages)
{
	u64 page = address >> CX_ICM_PAGE_SHIFT;

	for (u64 i = 0; i < pages; i++, page++) {
		struct icm_leaf *leaf = leaf_get(icm, page >> ICM_LEAF_SHIFT);

		if (!leaf)
			return -ENOSPC;
		leaf->page[page % ICM_LEAF_PAGES] =
			(bus + (i << CX_ICM_PAGE_SHIFT)) | 1;
	}
	return 0;
}

/* Forgets what of the leaf lies in the pages from @page up to @end. */
static void leaf_unmap(struct icm_leaf *leaf, u64 page, u64 end)
{
	u64 start = leaf->number << ICM_LEAF_SHIFT;
	u64 first = page > start ? page - start : 0;
	u64 last = end > start ? end - start : 0;

	if (last > ICM_LEAF_PAGES)
		last = ICM_LEAF_PAGES;
	for (u64 i = first; i < last; i++)
		leaf->page[i] = 0;
}

/* Whichever is less: the leaves of the range, or those that exist */
void icm_unmap(struct icm *icm, u64 address, u64 pages)
{
	u64 page = address >> CX_ICM_PAGE_SHIFT;
	u64 end = page + pages;

	if (pages >> ICM_LEAF_SHIFT <= icm->leaves) {
		for (u64 number = page >> ICM_LEAF_SHIFT;
		     number << ICM_LEAF_SHIFT < end; number++) {
			struct icm_leaf *leaf = leaf_find(icm, number);

			if (leaf)
				leaf_unmap(leaf, page, end);
		}
		return;
	}
	for (unsigned int i = 0; i < ICM_BUCKETS; i++)
		for (struct icm_leaf *leaf = icm->bucket[i]; leaf;
		     leaf = leaf->next)
			leaf_unmap(leaf, page, end);
}

u64 icm_translate(struct icm *icm, u64 address)
{
	u64 page = address >> CX_ICM_PAGE_SHIFT;
	struct icm_leaf *leaf = leaf_find(icm, page >> ICM_LEAF_SHIFT);

	if (!leaf || !leaf->page[page % ICM_LEAF_PAGES])
		return 0;
	return (leaf->page[page % ICM_LEAF_PAGES] & ~1ULL) +
	       (address & (ICM_PAGE_SIZE - 1));
}

static int icm_copy(struct adapter *adapter, u64 address, u8 *bytes,
		    size_t length, bool write)
{
	while (length) {
		size_t part = ICM_PAGE_SIZE - (address & (ICM_PAGE_SIZE - 1));
		u64 bus = icm_translate(&adapter->icm, address);
		int error;

		if (!bus)
			return -EFAULT;
		if (part > length)
			part = length;
		error = guest_memory_copy(adapter->memory, bus, bytes, part,
					  write);
		if (error)
			return error;
		address += part;
		bytes += part;
		length -= part;
	}
	return 0;
}

int icm_read(struct adapter *adapter, u64 address, void *to, size_t length)
{
	return icm_copy(adapter, address, to, length, false);
}

int icm_write(struct adapter *adapter, u64 address, const void *from,
	      size_t length)
{
	return icm_copy(adapter, address, (u8 *)from, length, true);
}
