// SPDX-License-Identifier: GPL-2.0-only
/*
 * Local keys to memory, and rings through their MTT (docs/hardware/queues.md).
 */
#include <errno.h>
#include <stdlib.h>

#include "emulator/adapter/adapter.h"
#include "emulator/adapter/device/device_limits.h"

static u64 mtt_base(const struct adapter *adapter)
{
	return cx_get(adapter->init_hca, CX_INIT_HCA_MTT_BASE);
}

/* Return: the page's bus address, or 0 if the entry is missing or absent. */
static u64 mtt_read(struct adapter *adapter, u64 offset)
{
	u8 entry[CX_MTT_SIZE];

	if (icm_read(adapter, mtt_base(adapter) + offset, entry, sizeof(entry)))
		return 0;
	if (!cx_get(entry, CX_MTT_PRESENT))
		return 0;
	return cx_get(entry, CX_MTT_ADDRESS) << 3;
}

void ring_init(struct ring *ring, u64 mtt, u8 log_page_size, u32 page_offset)
{
	memset(ring, 0, sizeof(*ring));
	ring->mtt = mtt;
	ring->page_shift = CX_ICM_PAGE_SHIFT + (log_page_size & 0x1f);
	ring->page_offset = page_offset;
}

u64 ring_translate(struct adapter *adapter, struct ring *ring, u64 offset,
		   size_t *contiguous)
{
	u64 at = ring->page_offset + offset;
	u64 page = at >> ring->page_shift;
	u64 in_page = at & ((1ULL << ring->page_shift) - 1);
	unsigned int slot = page % RING_CACHE;

	if (ring->cache[slot].page != page + 1) {
		u64 bus = mtt_read(adapter, ring->mtt + page * CX_MTT_SIZE);

		if (!bus)
			return 0;
		ring->cache[slot].page = page + 1;
		ring->cache[slot].bus = bus;
	}
	if (*contiguous > (1ULL << ring->page_shift) - in_page)
		*contiguous = (1ULL << ring->page_shift) - in_page;
	return ring->cache[slot].bus + in_page;
}

static int ring_copy(struct adapter *adapter, struct ring *ring, u64 offset,
		     u8 *bytes, size_t length, bool write)
{
	while (length) {
		size_t part = length;
		u64 bus = ring_translate(adapter, ring, offset, &part);
		int error;

		if (!bus)
			return -EFAULT;
		error = guest_memory_copy(adapter->memory, bus, bytes, part,
					  write);
		if (error)
			return error;
		offset += part;
		bytes += part;
		length -= part;
	}
	return 0;
}

int ring_publish(struct adapter *adapter, struct ring *ring, u64 offset,
		 const u8 *entry, size_t length)
{
	size_t part = length;
	u64 bus = ring_translate(adapter, ring, offset, &part);

	if (!bus || part < length)
		return -EFAULT;
	return guest_memory_publish(adapter->memory, bus, entry, length);
}

int ring_read(struct adapter *adapter, struct ring *ring, u64 offset, void *to,
	      size_t length)
{
	return ring_copy(adapter, ring, offset, to, length, false);
}

int ring_write(struct adapter *adapter, struct ring *ring, u64 offset,
	       const void *from, size_t length)
{
	return ring_copy(adapter, ring, offset, (u8 *)from, length, true);
}

void memory_regions_reset(struct memory_regions *regions)
{
	for (unsigned int i = 0; i < regions->end; i++)
		free(regions->leaf[i]);
	memset(regions, 0, sizeof(*regions));
}

static struct memory_region *region_at(struct memory_regions *regions,
				       u32 index, bool create)
{
	struct memory_region **leaf;

	if (index / REGION_LEAF >= REGION_LEAVES)
		return NULL;
	leaf = &regions->leaf[index / REGION_LEAF];
	if (!*leaf && create)
		*leaf = calloc(REGION_LEAF, sizeof(**leaf));
	if (*leaf && index / REGION_LEAF >= regions->end)
		regions->end = index / REGION_LEAF + 1;
	return *leaf ? &(*leaf)[index % REGION_LEAF] : NULL;
}

static u32 region_index(const struct adapter *adapter, u32 number)
{
	return number &
	       ((1u << cx_get(adapter->init_hca, CX_INIT_HCA_LOG_DMPTS)) - 1);
}

/* The local key is the table's key rotated by a byte. */
static const struct memory_region *region_find(struct adapter *adapter,
					       u32 lkey)
{
	struct memory_regions *regions = &adapter->regions;
	u32 key = lkey >> 8 | lkey << 24;
	struct memory_region *region;

	if (regions->last && regions->last_key == lkey)
		return regions->last;
	region = region_at(regions, region_index(adapter, key), false);
	if (!region || !region->valid || region->key != key)
		return NULL;
	regions->last = region;
	regions->last_key = lkey;
	return region;
}

static bool region_covers(const struct memory_region *region, u64 address,
			  size_t length)
{
	if (region->any_length || region->length == ~0ULL)
		return true;
	return address >= region->start && length <= region->length &&
	       address - region->start <= region->length - length;
}

/* @length: cut at the end of the page */
static u64 region_translate(struct adapter *adapter,
			    const struct memory_region *region, u64 address,
			    size_t *length)
{
	u64 offset = address - region->start;
	u64 page = 1ULL << region->log_page;
	u64 bus = mtt_read(adapter, region->mtt + (offset >> region->log_page) *
							  CX_MTT_SIZE);

	if (*length > page - (offset & (page - 1)))
		*length = page - (offset & (page - 1));
	return bus ? bus + (offset & (page - 1)) : 0;
}

int memory_region_copy(struct adapter *adapter, u32 lkey, u32 pd, u64 address,
		       u8 *bytes, size_t length, bool write)
{
	const struct memory_region *region = region_find(adapter, lkey);

	if (!region || region->pd != pd ||
	    !(write ? region->local_write : region->local_read) ||
	    !region_covers(region, address, length))
		return -EFAULT;
	while (length) {
		size_t part = length;
		u64 bus = region->physical ? address :
					     region_translate(adapter, region,
							      address, &part);
		int error;

		if (!bus && !region->physical)
			return -EFAULT;
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

static u8 sw2hw_mpt(struct adapter *adapter, struct command *command)
{
	const u8 *entry = command->in;
	struct memory_region *region;
	u64 log_page = cx_get(entry, CX_MPT_LOG_ENTITY_SIZE);

	if (!adapter->hca_up)
		return CX_STATUS_BAD_SYS_STATE;
	region = region_at(&adapter->regions,
			   region_index(adapter, command->in_mod), true);
	if (!region)
		return CX_STATUS_BAD_INDEX;
	if (region->valid)
		return CX_STATUS_BAD_RES_STATE;
	if (!cx_get(entry, CX_MPT_REGION) || log_page > 31 ||
	    (!cx_get(entry, CX_MPT_PHYSICAL) && log_page < CX_ICM_PAGE_SHIFT))
		return CX_STATUS_BAD_PARAM;
	*region = (struct memory_region){
		.valid = true,
		.local_read = cx_get(entry, CX_MPT_LOCAL_READ),
		.local_write = cx_get(entry, CX_MPT_LOCAL_WRITE),
		.physical = cx_get(entry, CX_MPT_PHYSICAL),
		.any_length = cx_get(entry, CX_MPT_LENGTH_64),
		.log_page = log_page,
		.key = cx_get(entry, CX_MPT_KEY),
		.pd = cx_get(entry, CX_MPT_PD),
		.start = cx_get(entry, CX_MPT_START),
		.length = cx_get(entry, CX_MPT_LENGTH),
		.mtt = cx_get(entry, CX_MPT_MTT) << 3,
	};
	adapter->regions.last = NULL;
	return CX_STATUS_OK;
}

static void region_image(const struct memory_region *region, u8 *entry)
{
	cx_set(entry, CX_MPT_STATUS,
	       region->valid ? CX_MPT_STATUS_HARDWARE : CX_MPT_STATUS_SOFTWARE);
	cx_set(entry, CX_MPT_LOCAL_READ, region->local_read);
	cx_set(entry, CX_MPT_LOCAL_WRITE, region->local_write);
	cx_set(entry, CX_MPT_PHYSICAL, region->physical);
	cx_set(entry, CX_MPT_REGION, 1);
	cx_set(entry, CX_MPT_KEY, region->key);
	cx_set(entry, CX_MPT_PD, region->pd);
	cx_set(entry, CX_MPT_START, region->start);
	cx_set(entry, CX_MPT_LENGTH, region->length);
	cx_set(entry, CX_MPT_LENGTH_64, region->any_length);
	cx_set(entry, CX_MPT_LKEY, region->key << 8 | region->key >> 24);
	cx_set(entry, CX_MPT_MTT, region->mtt >> 3);
	cx_set(entry, CX_MPT_LOG_ENTITY_SIZE, region->log_page);
}

static u8 query_mpt(struct adapter *adapter, struct command *command)
{
	struct memory_region *region =
		region_at(&adapter->regions,
			  region_index(adapter, command->in_mod), false);

	if (!region || !region->valid)
		return CX_STATUS_BAD_RES_STATE;
	region_image(region, command->out);
	return CX_STATUS_OK;
}

/*
 * Never fails for a harmless reason: Linux resets the card when it does
 * (docs/hardware/commands.md).
 */
static u8 hw2sw_mpt(struct adapter *adapter, struct command *command)
{
	struct memory_region *region =
		region_at(&adapter->regions,
			  region_index(adapter, command->in_mod), false);

	if (!region)
		return CX_STATUS_OK;
	region->valid = false;
	region_image(region, command->out);
	adapter->regions.last = NULL;
	return CX_STATUS_OK;
}

#define MTT_ENTRIES_MAX ((CX_MAILBOX_SIZE - CX_WRITE_MTT_ENTRIES) / CX_MTT_SIZE)

static u8 write_mtt(struct adapter *adapter, struct command *command)
{
	u64 first = cx_get(command->in, CX_WRITE_MTT_FIRST);

	if (!adapter->hca_up)
		return CX_STATUS_BAD_SYS_STATE;
	if (!command->in_mod || command->in_mod > MTT_ENTRIES_MAX ||
	    first % CX_MTT_SIZE)
		return CX_STATUS_BAD_PARAM;
	if (icm_write(adapter, mtt_base(adapter) + first,
		      command->in + CX_WRITE_MTT_ENTRIES,
		      command->in_mod * CX_MTT_SIZE))
		return CX_STATUS_ICM_ERROR;
	return CX_STATUS_OK;
}

static u8 read_mtt(struct adapter *adapter, struct command *command)
{
	u64 first = cx_get(command->in, CX_WRITE_MTT_FIRST);
	u32 bytes = command->in_mod * CX_MTT_SIZE;

	if (!adapter->hca_up)
		return CX_STATUS_BAD_SYS_STATE;
	if (!command->in_mod || command->in_mod > MTT_ENTRIES_MAX ||
	    CX_WRITE_MTT_ENTRIES + bytes > command->out_length)
		return CX_STATUS_BAD_PARAM;
	if (icm_read(adapter, mtt_base(adapter) + first,
		     command->out + CX_WRITE_MTT_ENTRIES, bytes))
		return CX_STATUS_ICM_ERROR;
	return CX_STATUS_OK;
}

const struct command_binding mpt_commands[] = {
	{ CX_CMD_SW2HW_MPT, sw2hw_mpt }, { CX_CMD_QUERY_MPT, query_mpt },
	{ CX_CMD_HW2SW_MPT, hw2sw_mpt }, { CX_CMD_WRITE_MTT, write_mtt },
	{ CX_CMD_READ_MTT, read_mtt },	 { 0 },
};
