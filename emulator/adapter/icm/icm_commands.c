// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands by which software hands memory to the adapter: firmware area,
 * auxiliary area, ICM (docs/hardware/icm.md).
 */
#include "emulator/adapter/adapter.h"
#include "emulator/adapter/device/device_limits.h"

/* The largest block that one entry may map: 1 GiB */
#define MAP_LOG_PAGES_MAX 18
#define MAP_ENTRIES_MAX (CX_MAILBOX_SIZE / CX_MAP_ENTRY_SIZE)

typedef u8 (*map_block)(struct adapter *adapter, u64 address, u64 bus,
			u64 pages);

static u8 for_each_block(struct adapter *adapter, struct command *command,
			 map_block map)
{
	if (!command->in_mod || command->in_mod > MAP_ENTRIES_MAX)
		return CX_STATUS_BAD_PARAM;
	for (u32 i = 0; i < command->in_mod; i++) {
		const u8 *entry = command->in + i * CX_MAP_ENTRY_SIZE;
		u64 log = cx_get(entry, CX_MAP_ENTRY_LOG_PAGES);
		u8 status;

		if (log > MAP_LOG_PAGES_MAX)
			return CX_STATUS_BAD_SIZE;
		status = map(adapter,
			     cx_get(entry, CX_MAP_ENTRY_VIRTUAL_PAGE)
				     << CX_ICM_PAGE_SHIFT,
			     cx_get(entry, CX_MAP_ENTRY_PHYSICAL_PAGE)
				     << CX_ICM_PAGE_SHIFT,
			     1ULL << log);
		if (status)
			return status;
	}
	return CX_STATUS_OK;
}

static u8 map_fa_block(struct adapter *adapter, u64 address, u64 bus, u64 pages)
{
	adapter->fa_pages += pages;
	return CX_STATUS_OK;
}

static u8 map_aux_block(struct adapter *adapter, u64 address, u64 bus,
			u64 pages)
{
	adapter->aux_pages += pages;
	return CX_STATUS_OK;
}

static u8 map_icm_block(struct adapter *adapter, u64 address, u64 bus,
			u64 pages)
{
	return icm_map(&adapter->icm, address, bus, pages) ?
		       CX_STATUS_EXCEED_LIM :
		       CX_STATUS_OK;
}

static u8 map_fa(struct adapter *adapter, struct command *command)
{
	if (adapter->running)
		return CX_STATUS_BAD_SYS_STATE;
	return for_each_block(adapter, command, map_fa_block);
}

static u8 run_fw(struct adapter *adapter, struct command *command)
{
	if (adapter->fa_pages < device_firmware_pages(adapter))
		return CX_STATUS_BAD_SYS_STATE;
	adapter->running = true;
	return CX_STATUS_OK;
}

static u8 unmap_fa(struct adapter *adapter, struct command *command)
{
	if (adapter->hca_up)
		return CX_STATUS_BAD_SYS_STATE;
	adapter->fa_pages = 0;
	adapter->running = false;
	return CX_STATUS_OK;
}

static u8 set_icm_size(struct adapter *adapter, struct command *command)
{
	if (!adapter->running)
		return CX_STATUS_BAD_SYS_STATE;
	if (!command->in_param ||
	    command->in_param > device_max_icm_size(adapter))
		return CX_STATUS_EXCEED_LIM;
	adapter->icm.announced = command->in_param;
	command->out_imm = DEVICE_AUX_PAGES;
	return CX_STATUS_OK;
}

static u8 map_icm_aux(struct adapter *adapter, struct command *command)
{
	if (!adapter->icm.announced)
		return CX_STATUS_BAD_SYS_STATE;
	return for_each_block(adapter, command, map_aux_block);
}

static u8 unmap_icm_aux(struct adapter *adapter, struct command *command)
{
	adapter->aux_pages = 0;
	return CX_STATUS_OK;
}

static u8 map_icm(struct adapter *adapter, struct command *command)
{
	if (adapter->aux_pages < DEVICE_AUX_PAGES)
		return CX_STATUS_ICM_ERROR;
	return for_each_block(adapter, command, map_icm_block);
}

/* Pages that are not mapped are passed over (docs/hardware/icm.md). */
static u8 unmap_icm(struct adapter *adapter, struct command *command)
{
	icm_unmap(&adapter->icm, command->in_param, command->in_mod);
	return CX_STATUS_OK;
}

const struct command_binding icm_commands[] = {
	{ CX_CMD_MAP_FA, map_fa },
	{ CX_CMD_UNMAP_FA, unmap_fa },
	{ CX_CMD_RUN_FW, run_fw },
	{ CX_CMD_SET_ICM_SIZE, set_icm_size },
	{ CX_CMD_MAP_ICM_AUX, map_icm_aux },
	{ CX_CMD_UNMAP_ICM_AUX, unmap_icm_aux },
	{ CX_CMD_MAP_ICM, map_icm },
	{ CX_CMD_UNMAP_ICM, unmap_icm },
	{ 0 },
};
