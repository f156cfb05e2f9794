// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "tests/unit/emulator_adapter/mcg_driver.h"

#define ENTRY_MAX 4096
#define LOG_ENTRY 7
#define MEMBERS 32
#define PROTOCOL_ETHERNET (1u << 30)

struct place {
	uint32_t index, previous;
	bool found, hash_slot_free;
	uint8_t entry[ENTRY_MAX];
};

void mcg_driver_init(struct mcg_driver *driver, struct fixture *fixture,
		     unsigned int log_table, bool unicast)
{
	memset(driver, 0, sizeof(*driver));
	driver->fixture = fixture;
	driver->entries = 1u << log_table;
	driver->hash_entries = driver->entries / 2;
	driver->entry_size = 1u << LOG_ENTRY;
	assert_in_range(driver->entries, 2, MCG_DRIVER_ENTRIES);
	fixture_hca_up(fixture, CX_INIT_HCA_LOG_MC_ENTRY, LOG_ENTRY,
		       CX_INIT_HCA_LOG_MC_HASH, log_table - 1,
		       CX_INIT_HCA_LOG_MC_TABLE, log_table,
		       CX_INIT_HCA_UC_STEERING, (uint32_t)unicast, 0);
}

static void make_key(uint8_t *key, unsigned int port, unsigned int steer,
		     uint64_t mac)
{
	memset(key, 0, 16);
	key[5] = (uint8_t)port;
	key[7] = (uint8_t)(steer << 1);
	for (unsigned int i = 0; i < 6; i++)
		key[10 + i] = (uint8_t)(mac >> (40 - 8 * i));
}

static uint32_t members(const uint8_t *entry)
{
	return cx_load_be32(entry + 4) & 0xffffff;
}

static uint32_t next(const uint8_t *entry)
{
	return cx_load_be32(entry) >> 6;
}

static void set_next(uint8_t *entry, uint32_t index)
{
	cx_store_be32(entry, index << 6);
}

static void set_members(uint8_t *entry, uint32_t count)
{
	cx_store_be32(entry + 4, count | PROTOCOL_ETHERNET);
}

static void read_entry(struct mcg_driver *driver, uint32_t index, uint8_t *to)
{
	assert_int_equal(run(driver->fixture, CX_CMD_READ_MCG, 0, index, NULL,
			     0),
			 CX_STATUS_OK);
	assert_int_equal(driver->fixture->command.out_length,
			 driver->entry_size);
	memcpy(to, driver->fixture->command.out, driver->entry_size);
}

static void write_entry(struct mcg_driver *driver, uint32_t index,
			const uint8_t *from)
{
	assert_int_equal(run(driver->fixture, CX_CMD_WRITE_MCG, 0, index, from,
			     driver->entry_size),
			 CX_STATUS_OK);
}

static void find(struct mcg_driver *driver, const uint8_t *key,
		 struct place *place)
{
	uint32_t hash;

	memset(place, 0, sizeof(*place));
	assert_int_equal(run(driver->fixture, CX_CMD_MGID_HASH, 1, 0, key, 16),
			 CX_STATUS_OK);
	assert_in_range(driver->fixture->command.out_imm, 0,
			driver->hash_entries - 1);
	hash = (uint32_t)driver->fixture->command.out_imm;
	place->index = hash;
	place->previous = driver->entries;
	for (;;) {
		read_entry(driver, place->index, place->entry);
		if (!members(place->entry)) {
			assert_int_equal(place->index, hash);
			place->hash_slot_free = true;
			return;
		}
		if (!memcmp(place->entry + 16, key, 16)) {
			place->found = true;
			return;
		}
		place->previous = place->index;
		place->index = next(place->entry);
		if (!place->index)
			return;
	}
}

static bool take_overflow(struct mcg_driver *driver, uint32_t *index)
{
	for (uint32_t i = driver->hash_entries; i < driver->entries; i++) {
		if (driver->used[i])
			continue;
		driver->used[i] = true;
		*index = i;
		return true;
	}
	return false;
}

bool mcg_driver_attach(struct mcg_driver *driver, unsigned int port,
		       unsigned int steer, uint64_t mac, uint32_t qpn)
{
	struct place place;
	uint8_t key[16];
	uint32_t count, previous;
	bool link = false;

	make_key(key, port, steer, mac);
	find(driver, key, &place);
	previous = place.previous;
	if (!place.found) {
		if (!place.hash_slot_free) {
			if (!take_overflow(driver, &place.index))
				return false;
			link = true;
			memset(place.entry, 0, sizeof(place.entry));
		}
		memcpy(place.entry + 16, key, 16);
	}
	count = members(place.entry);
	for (uint32_t i = 0; i < count; i++)
		if (cx_load_be32(place.entry + MEMBERS + 4 * i) == qpn)
			return true;
	if (MEMBERS + 4 * count >= driver->entry_size)
		return false;
	cx_store_be32(place.entry + MEMBERS + 4 * count, qpn);
	set_members(place.entry, count + 1);
	write_entry(driver, place.index, place.entry);
	if (link) {
		uint32_t index = place.index;

		read_entry(driver, previous, place.entry);
		set_next(place.entry, index);
		write_entry(driver, previous, place.entry);
	}
	return true;
}

/* Takes an entry without members off its chain. */
static void remove_entry(struct mcg_driver *driver, struct place *place)
{
	uint32_t following = next(place->entry);

	if (place->index >= driver->hash_entries) {
		uint8_t before[ENTRY_MAX];

		read_entry(driver, place->previous, before);
		set_next(before, following);
		write_entry(driver, place->previous, before);
		driver->used[place->index] = false;
	} else if (following) {
		/* Its follower moves into the hash slot; a copy stays behind */
		read_entry(driver, following, place->entry);
		write_entry(driver, place->index, place->entry);
		driver->used[following] = false;
	} else {
		set_members(place->entry, 0);
		memset(place->entry + 16, 0, 16);
		write_entry(driver, place->index, place->entry);
	}
}

void mcg_driver_detach(struct mcg_driver *driver, unsigned int port,
		       unsigned int steer, uint64_t mac, uint32_t qpn)
{
	struct place place;
	uint8_t key[16];
	uint32_t count;

	make_key(key, port, steer, mac);
	find(driver, key, &place);
	if (!place.found)
		return;
	count = members(place.entry);
	for (uint32_t i = 0; i < count; i++) {
		uint8_t *member = place.entry + MEMBERS + 4 * i;

		if (cx_load_be32(member) != qpn)
			continue;
		memcpy(member, place.entry + MEMBERS + 4 * (count - 1), 4);
		set_members(place.entry, count - 1);
		if (count == 1)
			remove_entry(driver, &place);
		else
			write_entry(driver, place.index, place.entry);
		return;
	}
}

void mcg_driver_defaults(struct mcg_driver *driver, unsigned int port,
			 unsigned int steer, const uint32_t *qpns,
			 unsigned int count)
{
	uint8_t entry[ENTRY_MAX] = { 0 };

	set_members(entry, count);
	for (unsigned int i = 0; i < count; i++)
		cx_store_be32(entry + MEMBERS + 4 * i, qpns[i]);
	assert_int_equal(run(driver->fixture, CX_CMD_WRITE_MCG, 1,
			     port << 16 | steer << 1, entry,
			     driver->entry_size),
			 CX_STATUS_OK);
}
