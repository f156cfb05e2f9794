// SPDX-License-Identifier: GPL-2.0-only
/*
 * The multicast group table: hash chains that software links and the device
 * walks, and the default lists of each port. READ_MCG, WRITE_MCG, MGID_HASH.
 *
 * The table's place in ICM is never touched: software reaches entries by these
 * commands only, and expects them to read as zeros at first.
 */
#include <stdlib.h>
#include <string.h>

#include "connectx/hca.h"
#include "emulator/adapter/ethernet_commands.h"
#include "emulator/adapter/steering/steering_internal.h"

/* A chain longer than this is a loop that software made. */
#define CHAIN_MAX 1024

void mcg_clear(struct mcg_table *table)
{
	if (table->entries)
		for (size_t i = 0; i < 1ul << table->log_table; i++)
			free(table->entries[i]);
	free(table->entries);
	table->entries = NULL;
	table->used = 0;
	table->present = false;
	table->generation++;
	memset(table->defaults, 0, sizeof(table->defaults));
}

u8 mcg_init(struct mcg_table *table, const u8 *init_hca, bool required)
{
	unsigned int log_entry =
		(unsigned int)cx_get(init_hca, CX_INIT_HCA_LOG_MC_ENTRY);
	unsigned int log_hash =
		(unsigned int)cx_get(init_hca, CX_INIT_HCA_LOG_MC_HASH);
	unsigned int log_table =
		(unsigned int)cx_get(init_hca, CX_INIT_HCA_LOG_MC_TABLE);

	if (!log_entry && !required)
		return CX_STATUS_OK;
	if (log_entry < CX_LOG_MCG_ENTRY_MIN ||
	    log_entry > CX_LOG_MCG_ENTRY_MAX || log_hash > log_table)
		return CX_STATUS_BAD_PARAM;
	if (log_table > MCG_LOG_TABLE_MAX)
		return CX_STATUS_EXCEED_LIM;
	table->entries = calloc(1ul << log_table, sizeof(*table->entries));
	if (!table->entries)
		return CX_STATUS_INTERNAL_ERR;
	table->log_entry = log_entry;
	table->log_hash = log_hash;
	table->log_table = log_table;
	table->present = true;
	return CX_STATUS_OK;
}

static u32 hash_key(const struct mcg_table *table, u64 high, u64 low)
{
	u64 mixed =
		(high ^ low * 0x9e3779b97f4a7c15ULL) * 0xff51afd7ed558ccdULL;

	mixed ^= mixed >> 32;
	mixed *= 0xc4ceb9fe1a85ec53ULL;
	return (u32)(mixed >> 40) & ((1u << table->log_hash) - 1);
}

/* Return: the entry with this key on its chain, or NULL. */
static const u8 *walk(const struct mcg_table *table, u64 high, u64 low)
{
	u64 index = hash_key(table, high, low);

	for (unsigned int step = 0; step < CHAIN_MAX; step++) {
		const u8 *entry = table->entries[index];

		if (!entry || !cx_get(entry, CX_MCG_MEMBERS))
			return NULL;
		if (cx_get(entry, CX_MCG_GID_HIGH) == high &&
		    cx_get(entry, CX_MCG_GID_LOW) == low &&
		    cx_get(entry, CX_MCG_PROTOCOL) == CX_MCG_PROTOCOL_ETHERNET)
			return entry;
		index = cx_get(entry, CX_MCG_NEXT_INDEX);
		if (!index || index >> table->log_table)
			return NULL;
	}
	return NULL;
}

const u8 *mcg_find(struct mcg_table *table, unsigned int port,
		   unsigned int steer, const u8 mac[6])
{
	u8 key[CX_MCG_GID_SIZE] = { 0 };
	struct mcg_cache_line *line;
	u64 high, low;

	if (!table->present)
		return NULL;
	memcpy(key + CX_FIELD_OFFSET(CX_MCG_KEY_MAC) + 2, mac, 6);
	cx_set(key, CX_MCG_KEY_PORT, port);
	cx_set(key, CX_MCG_KEY_STEER, steer);
	high = cx_load_be64(key);
	low = cx_load_be64(key + 8);

	line = &table->cache[(low ^ low >> 8 ^ port) % MCG_CACHE_LINES];
	if (line->generation != table->generation || line->key_high != high ||
	    line->key_low != low) {
		line->entry = walk(table, high, low);
		line->key_high = high;
		line->key_low = low;
		line->generation = table->generation;
	}
	return line->entry;
}

void mcg_members(const u8 *entry, bool loopback, struct qpn_list *list)
{
	u64 count = cx_get(entry, CX_MCG_MEMBERS);
	const u8 *member = entry + CX_MCG_MEMBER_ARRAY;

	for (; count--; member += CX_MCG_MEMBER_SIZE)
		if (!loopback || !cx_get(member, CX_MCG_MEMBER_BLOCK_LOOPBACK))
			qpn_list_add(list,
				     (u32)cx_get(member, CX_MCG_MEMBER_QPN));
}

bool b0_lookup(struct adapter *adapter, struct port *port, const u8 *frame,
	       bool loopback, struct qpn_list *list)
{
	struct mcg_table *table = &adapter->ethernet.steering->mcg;
	unsigned int steer = frame[0] & 1 ? CX_STEER_MULTICAST :
					    CX_STEER_UNICAST;
	const struct mcg_default *fallback =
		&table->defaults[port->number - 1][steer];
	const u8 *entry = mcg_find(table, port->number, steer, frame);

	if (entry) {
		mcg_members(entry, loopback, list);
		return true;
	}
	for (unsigned int i = 0; i < fallback->count; i++)
		qpn_list_add(list, fallback->qpns[i]);
	return fallback->count;
}

static u64 members_room(const struct mcg_table *table)
{
	return ((1u << table->log_entry) - CX_MCG_MEMBER_ARRAY) /
	       CX_MCG_MEMBER_SIZE;
}

static bool is_blank(const u8 *bytes, size_t length)
{
	while (length--)
		if (*bytes++)
			return false;
	return true;
}

/* Return: a status: whether there is a table, and an entry of that index. */
static u8 check_index(const struct mcg_table *table, u32 index)
{
	if (!table->present)
		return CX_STATUS_BAD_SYS_STATE;
	return index >> table->log_table ? CX_STATUS_BAD_INDEX : CX_STATUS_OK;
}

static u8 read_mcg(struct adapter *adapter, struct command *command)
{
	const struct mcg_table *table = &adapter->ethernet.steering->mcg;
	u8 status = check_index(table, command->in_mod);

	if (status != CX_STATUS_OK)
		return status;
	if (table->entries[command->in_mod])
		memcpy(command->out, table->entries[command->in_mod],
		       1u << table->log_entry);
	command->out_length = 1u << table->log_entry;
	return CX_STATUS_OK;
}

static u8 write_entry(struct mcg_table *table, u32 index, const u8 *in)
{
	size_t size = 1u << table->log_entry;
	u8 **slot = &table->entries[index];

	table->generation++;
	if (is_blank(in, size)) {
		table->used -= *slot != NULL;
		free(*slot);
		*slot = NULL;
		return CX_STATUS_OK;
	}
	if (!*slot) {
		if (table->used == MCG_ENTRIES_MAX)
			return CX_STATUS_EXCEED_LIM;
		*slot = malloc(size);
		if (!*slot)
			return CX_STATUS_INTERNAL_ERR;
		table->used++;
	}
	memcpy(*slot, in, size);
	return CX_STATUS_OK;
}

static u8 write_default(struct mcg_table *table, u32 in_mod, const u8 *in)
{
	u32 port = in_mod >> CX_WRITE_MCG_PORT_SHIFT & CX_WRITE_MCG_PORT_MASK;
	u32 steer = in_mod >> CX_WRITE_MCG_STEER_SHIFT &
		    CX_WRITE_MCG_STEER_MASK;
	u64 count = cx_get(in, CX_MCG_MEMBERS);
	const u8 *member = in + CX_MCG_MEMBER_ARRAY;
	struct mcg_default *list;

	if (!table->present)
		return CX_STATUS_BAD_SYS_STATE;
	if (port < 1 || port > PORTS_MAX)
		return CX_STATUS_BAD_INDEX;
	if (count > members_room(table) || count > STEERING_MEMBERS_MAX)
		return CX_STATUS_EXCEED_LIM;
	list = &table->defaults[port - 1][steer];
	list->count = (unsigned int)count;
	for (unsigned int i = 0; i < count; i++)
		list->qpns[i] = (u32)cx_get(member + i * CX_MCG_MEMBER_SIZE,
					    CX_MCG_MEMBER_QPN);
	return CX_STATUS_OK;
}

static u8 write_mcg(struct adapter *adapter, struct command *command)
{
	struct mcg_table *table = &adapter->ethernet.steering->mcg;
	u8 status;

	switch (command->op_mod) {
	case CX_WRITE_MCG_ENTRY:
		status = check_index(table, command->in_mod);
		if (status != CX_STATUS_OK)
			return status;
		if (cx_get(command->in, CX_MCG_MEMBERS) > members_room(table))
			return CX_STATUS_EXCEED_LIM;
		return write_entry(table, command->in_mod, command->in);
	case CX_WRITE_MCG_DEFAULT:
		return write_default(table, command->in_mod, command->in);
	default:
		return CX_STATUS_BAD_OP;
	}
}

static u8 mgid_hash(struct adapter *adapter, struct command *command)
{
	const struct mcg_table *table = &adapter->ethernet.steering->mcg;

	if (!table->present)
		return CX_STATUS_BAD_SYS_STATE;
	command->out_imm = hash_key(table, cx_load_be64(command->in),
				    cx_load_be64(command->in + 8));
	return CX_STATUS_OK;
}

const struct command_binding steering_mcg_commands[] = {
	{ CX_CMD_READ_MCG, read_mcg },
	{ CX_CMD_WRITE_MCG, write_mcg },
	{ CX_CMD_MGID_HASH, mgid_hash },
	{ 0, NULL },
};
