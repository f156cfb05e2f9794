// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/pe.h"

#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/image/pe_format.h"

#include <string.h>

#define INITRD ".initrd"
#define SECTIONS_MAX 96 /* what Windows' loader takes; UKIs have a dozen */

bool pe_is(const uint8_t *data, size_t size)
{
	size_t at;

	if (size < DOS_SIZE || data[0] != 'M' || data[1] != 'Z')
		return false;
	at = get_le32(data + DOS_PE_OFFSET);
	return at <= size - 4 && !memcmp(data + at, "PE\0\0", 4);
}

static void read_section(const struct pe *pe, unsigned int i,
			 struct pe_section *s)
{
	const uint8_t *at;

	s->header = pe->table + (size_t)i * SECTION_SIZE;
	at = pe->data + s->header;
	s->memory = get_le32(at + SECTION_MEMORY);
	s->address = get_le32(at + SECTION_ADDRESS);
	s->room = get_le32(at + SECTION_ROOM);
	s->offset = get_le32(at + SECTION_OFFSET);
	s->size = s->memory < s->room ? s->memory : s->room;
}

static bool is_named(const struct pe *pe, const struct pe_section *s,
		     const char *name)
{
	return !strncmp((const char *)pe->data + s->header, name, SECTION_NAME);
}

int pe_find(const struct pe *pe, const char *name, struct pe_section *section)
{
	for (unsigned int i = 0; i < pe->n_sections; i++) {
		read_section(pe, i, section);
		if (is_named(pe, section, name))
			return 0;
	}
	return -ENOENT;
}

static bool is_power_of_2(uint32_t n)
{
	return n && !(n & (n - 1));
}

static int read_headers(struct pe *pe, struct failure *why)
{
	const uint8_t *data = pe->data;
	size_t optional_size;
	uint16_t magic;

	pe->coff = (size_t)get_le32(data + DOS_PE_OFFSET) + 4;
	if (pe->coff > pe->size || pe->size - pe->coff < COFF_SIZE ||
	    memcmp(data + pe->coff - 4, "PE\0\0", 4))
		return fail(why, -EBADMSG,
			    "offset 0x%x: no PE header where it is said to be",
			    DOS_PE_OFFSET);
	pe->optional = pe->coff + COFF_SIZE;
	optional_size = get_le16(data + pe->coff + COFF_OPTIONAL_SIZE);
	pe->n_sections = get_le16(data + pe->coff + COFF_SECTIONS);
	pe->table = pe->optional + optional_size;
	if (optional_size < OPTIONAL_MIN || pe->n_sections > SECTIONS_MAX ||
	    pe->table > pe->size ||
	    (pe->size - pe->table) / SECTION_SIZE < pe->n_sections)
		return fail(why, -EBADMSG, "offset %zu: damaged PE headers",
			    pe->coff);
	data += pe->optional;
	magic = get_le16(data);
	if (magic != MAGIC_32 && magic != MAGIC_64)
		return fail(why, -EBADMSG,
			    "offset %zu: no optional header of PE32 or PE32+",
			    pe->optional);
	pe->directories = magic == MAGIC_64 ? DIRECTORIES_64 : DIRECTORIES_32;
	if (optional_size >= pe->directories)
		pe->n_directories = get_le32(data + pe->directories - 4);
	if (optional_size < pe->directories ||
	    (optional_size - pe->directories) / 8 < pe->n_directories)
		return fail(why, -EBADMSG,
			    "offset %zu: damaged table of data directories",
			    pe->optional);
	pe->directories += pe->optional;
	pe->section_alignment = get_le32(data + OPTIONAL_SECTION_ALIGNMENT);
	pe->file_alignment = get_le32(data + OPTIONAL_FILE_ALIGNMENT);
	if (!is_power_of_2(pe->section_alignment) ||
	    !is_power_of_2(pe->file_alignment) ||
	    pe->section_alignment > ALIGNMENT_MAX ||
	    pe->file_alignment > ALIGNMENT_MAX)
		return fail(why, -EBADMSG, "offset %zu: impossible alignment",
			    pe->optional + OPTIONAL_SECTION_ALIGNMENT);
	return 0;
}

static int read_signature(struct pe *pe, struct failure *why)
{
	const uint8_t *entry =
		pe->data + pe->directories + 8 * DIRECTORY_CERTIFICATES;

	if (pe->n_directories <= DIRECTORY_CERTIFICATES)
		return 0;
	pe->signature = get_le32(entry);
	pe->signature_size = get_le32(entry + 4);
	if (!pe->signature_size)
		return 0;
	if (pe->signature > pe->size ||
	    pe->size - pe->signature < pe->signature_size ||
	    pe->signature < pe->table + pe->n_sections * SECTION_SIZE)
		return fail(why, -EBADMSG,
			    "offset %zu: the signature is said to be where the"
			    " file has nothing",
			    (size_t)(entry - pe->data));
	return 0;
}

/* Every section's bytes: in the file, behind the headers, for itself alone. */
static int check_sections(struct pe *pe, struct failure *why)
{
	size_t headers = pe->table + pe->n_sections * SECTION_SIZE;
	size_t end = pe->signature_size ? pe->signature : pe->size;
	bool found = false;

	for (unsigned int i = 0; i < pe->n_sections; i++) {
		struct pe_section s;

		read_section(pe, i, &s);
		if (s.room && (s.offset < headers || s.offset > end ||
			       end - s.offset < s.room))
			return fail(why, -EBADMSG,
				    "offset %zu: section %u is said to be"
				    " where the file has no room for it",
				    s.header, i + 1);
		if (!is_named(pe, &s, INITRD))
			continue;
		if (found)
			return fail(why, -ENOTSUP,
				    "offset %zu: a second " INITRD " section:"
				    " images with several are not supported",
				    s.header);
		pe->initrd = s;
		found = true;
	}
	if (!found)
		return fail(why, -ENOENT,
			    "a PE file without " INITRD " section");
	if (!pe->initrd.room)
		return fail(why, -ENOTSUP,
			    "offset %zu: the " INITRD " section is empty",
			    pe->initrd.header);
	return 0;
}

static int check_overlap(const struct pe *pe, struct failure *why)
{
	size_t begin = pe->initrd.offset;
	size_t end = begin + pe->initrd.room;

	for (unsigned int i = 0; i < pe->n_sections; i++) {
		struct pe_section s;

		read_section(pe, i, &s);
		if (s.header != pe->initrd.header && s.room && s.offset < end &&
		    s.offset + s.room > begin)
			return fail(why, -EBADMSG,
				    "offset %zu: section %u has bytes in"
				    " common with " INITRD,
				    s.header, i + 1);
	}
	return 0;
}

int pe_read(struct pe *pe, const uint8_t *data, size_t size,
	    struct failure *why)
{
	int err;

	memset(pe, 0, sizeof(*pe));
	pe->data = data;
	pe->size = size;
	if (!pe_is(data, size))
		return fail(why, -EBADMSG, "no PE file");
	err = read_headers(pe, why);
	if (!err)
		err = read_signature(pe, why);
	if (!err)
		err = check_sections(pe, why);
	return err ? err : check_overlap(pe, why);
}
