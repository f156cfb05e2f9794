// SPDX-License-Identifier: GPL-2.0-only
/* A PE file with another .initrd: its headers, and the proof. */
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/image/pe.h"
#include "tools/lib/image/pe_format.h"

#include <string.h>

static uint64_t align(uint64_t value, uint32_t to)
{
	return (value + to - 1) & ~(uint64_t)(to - 1);
}

/* Whatever stands behind .initrd in the file moves by @by. */
static void move_place(const struct pe *pe, uint8_t *field, int64_t by)
{
	uint32_t place = get_le32(field);

	if (place >= pe->initrd.offset + pe->initrd.room)
		put_le32(field, place + by);
}

static void move_places(const struct pe *pe, uint8_t *head, int64_t by)
{
	move_place(pe, head + pe->coff + COFF_SYMBOLS, by);
	for (unsigned int i = 0; i < pe->n_sections; i++) {
		uint8_t *s = head + pe->table + i * SECTION_SIZE;

		move_place(pe, s + SECTION_OFFSET, by);
		move_place(pe, s + SECTION_RELOCATIONS, by);
		move_place(pe, s + SECTION_LINES, by);
	}
}

/* The end of all sections in memory but for .initrd, and the next behind it. */
static void measure(const struct pe *pe, uint64_t *end, uint64_t *next)
{
	*end = 0;
	*next = UINT64_MAX;
	for (unsigned int i = 0; i < pe->n_sections; i++) {
		size_t header = pe->table + i * SECTION_SIZE;
		const uint8_t *at = pe->data + header;
		uint64_t address = get_le32(at + SECTION_ADDRESS);
		uint64_t size = get_le32(at + SECTION_MEMORY);

		if (header == pe->initrd.header)
			continue;
		if (address + size > *end)
			*end = address + size;
		if (address > pe->initrd.address && address < *next)
			*next = address;
	}
}

/*
 * In memory, .initrd stays where it is if it has the room there; else it goes
 * behind all others, and its entry to the table's end, which is in order of
 * the addresses.
 */
static int place_in_memory(struct pe_layout *l, const struct pe *pe,
			   struct failure *why)
{
	uint8_t *head = l->head.data;
	uint8_t *entry = head + pe->initrd.header;
	uint8_t *last = head + pe->table + (pe->n_sections - 1) * SECTION_SIZE;
	uint64_t address = pe->initrd.address;
	uint8_t kept[SECTION_SIZE];
	uint64_t end;
	uint64_t next;

	measure(pe, &end, &next);
	l->moved = address + l->initrd > next;
	if (l->moved)
		address = align(end, pe->section_alignment);
	if (address + l->initrd > end)
		end = address + l->initrd;
	end = align(end, pe->section_alignment);
	if (end > UINT32_MAX)
		return fail(why, -E2BIG,
			    "the PE file would take more than 4 GiB of memory");
	put_le32(entry + SECTION_MEMORY, l->initrd);
	put_le32(entry + SECTION_ADDRESS, address);
	put_le32(entry + SECTION_ROOM, l->initrd + l->padding);
	put_le32(head + pe->optional + OPTIONAL_IMAGE_SIZE, end);
	if (!l->moved)
		return 0;
	memcpy(kept, entry, SECTION_SIZE);
	memmove(entry, entry + SECTION_SIZE, last - entry);
	memcpy(last, kept, SECTION_SIZE);
	return 0;
}

int pe_lay_out(struct pe_layout *l, const struct pe *pe, size_t size,
	       struct failure *why)
{
	size_t tail = pe->signature + pe->signature_size;
	uint64_t room = align(size, pe->file_alignment);
	int64_t by = (int64_t)room - (int64_t)pe->initrd.room;

	memset(l, 0, sizeof(*l));
	l->initrd = size;
	l->padding = room - size;
	l->rest = pe->initrd.offset + pe->initrd.room;
	l->rest_end = pe->signature_size ? pe->signature : pe->size;
	l->checksum = pe->optional + OPTIONAL_CHECKSUM;
	if (pe->signature_size && tail != pe->size)
		return fail(why, -ENOTSUP,
			    "offset %zu: there are bytes behind the signature,"
			    " which is no longer the last of it",
			    tail);
	if (pe->initrd.offset + room + l->rest_end - l->rest > UINT32_MAX)
		return fail(why, -E2BIG,
			    "the PE file would be larger than 4 GiB");
	l->total = pe->initrd.offset + room + l->rest_end - l->rest;
	if (buffer_add(&l->head, pe->data,
		       pe->table + pe->n_sections * SECTION_SIZE))
		return fail(why, -ENOMEM, "out of memory");
	if (pe->n_directories > DIRECTORY_CERTIFICATES)
		memset(l->head.data + pe->directories +
			       8 * DIRECTORY_CERTIFICATES,
		       0, 8);
	move_places(pe, l->head.data, by);
	return place_in_memory(l, pe, why);
}

uint32_t pe_checksum(const uint8_t *data, size_t size, size_t checksum)
{
	uint64_t sum = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		if (i < checksum || i >= checksum + 4)
			sum += get_le16(data + i);
	}
	if (size & 1)
		sum += data[size - 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum + size;
}

/* The next section that is not .initrd, from *@i on; false: none. */
static bool next_other(const struct pe *pe, unsigned int *i,
		       const uint8_t **entry)
{
	for (; *i < pe->n_sections; ++*i) {
		size_t header = pe->table + *i * SECTION_SIZE;

		*entry = pe->data + header;
		if (header == pe->initrd.header)
			continue;
		++*i;
		return true;
	}
	return false;
}

int pe_compare(const struct pe *again, const struct pe *old,
	       struct failure *why)
{
	const uint8_t *a;
	const uint8_t *b;
	unsigned int i = 0;
	unsigned int j = 0;

	if (again->n_sections != old->n_sections)
		return fail(why, -EIO, "sections of the PE file are missing");
	while (next_other(again, &i, &a) && next_other(old, &j, &b)) {
		uint32_t room = get_le32(b + SECTION_ROOM);

		/* Name, size, address, room */
		if (memcmp(a, b, SECTION_OFFSET) ||
		    (room &&
		     memcmp(again->data + get_le32(a + SECTION_OFFSET),
			    old->data + get_le32(b + SECTION_OFFSET), room)))
			return fail(why, -EIO,
				    "section %.8s of the PE file differs",
				    (const char *)b);
	}
	return 0;
}
