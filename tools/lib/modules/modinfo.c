// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/modules/modinfo.h"

#include "tools/lib/base/failure.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

/* The last bytes of a file with a signature (kernel: module-signing) */
#define SIGNATURE_END "~Module signature appended~\n"
/* An entry of __versions: the CRC as a long, the name in what is left */
#define VERSION_SIZE 64

/* The parts of a section header that matter here, of either ELF class. */
struct section {
	uint32_t name;
	uint64_t offset;
	uint64_t size;
};

struct elf {
	const uint8_t *data;
	size_t size;
	bool is_64;
	uint64_t table;
	uint16_t entry_size;
	uint16_t count;
	uint16_t names;
};

static int read_section(const struct elf *elf, unsigned int i,
			struct section *s)
{
	uint64_t at = elf->table + (uint64_t)i * elf->entry_size;
	Elf64_Shdr wide;
	Elf32_Shdr narrow;

	if (i >= elf->count || at > elf->size ||
	    elf->size - at < elf->entry_size)
		return -EBADMSG;
	if (elf->is_64) {
		memcpy(&wide, elf->data + at, sizeof(wide));
		s->name = wide.sh_name;
		s->offset = wide.sh_offset;
		s->size = wide.sh_size;
	} else {
		memcpy(&narrow, elf->data + at, sizeof(narrow));
		s->name = narrow.sh_name;
		s->offset = narrow.sh_offset;
		s->size = narrow.sh_size;
	}
	if (s->offset > elf->size || elf->size - s->offset < s->size)
		return -EBADMSG;
	return 0;
}

static int read_header(struct elf *elf, struct modinfo *info)
{
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;

	if (elf->size < sizeof(narrow) || memcmp(elf->data, ELFMAG, SELFMAG))
		return -EBADMSG;
	/* The tools run where the image is made: its byte order is ours. */
	if (elf->data[EI_DATA] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ?
					   ELFDATA2LSB :
					   ELFDATA2MSB))
		return -EBADMSG;
	elf->is_64 = elf->data[EI_CLASS] == ELFCLASS64;
	info->is_64 = elf->is_64;
	if (elf->is_64) {
		if (elf->size < sizeof(wide))
			return -EBADMSG;
		memcpy(&wide, elf->data, sizeof(wide));
		elf->table = wide.e_shoff;
		elf->entry_size = wide.e_shentsize;
		elf->count = wide.e_shnum;
		elf->names = wide.e_shstrndx;
		info->machine = wide.e_machine;
	} else {
		memcpy(&narrow, elf->data, sizeof(narrow));
		elf->table = narrow.e_shoff;
		elf->entry_size = narrow.e_shentsize;
		elf->count = narrow.e_shnum;
		elf->names = narrow.e_shstrndx;
		info->machine = narrow.e_machine;
	}
	return elf->entry_size < (elf->is_64 ? sizeof(Elf64_Shdr) :
					       sizeof(Elf32_Shdr)) ?
		       -EBADMSG :
		       0;
}

static bool is_named(const struct elf *elf, const struct section *names,
		     const struct section *s, const char *wanted)
{
	size_t size = strlen(wanted) + 1;

	return s->name < names->size && names->size - s->name >= size &&
	       !memcmp(elf->data + names->offset + s->name, wanted, size);
}

static bool has_signature(const uint8_t *data, size_t size)
{
	size_t length = strlen(SIGNATURE_END);

	return size >= length &&
	       !memcmp(data + size - length, SIGNATURE_END, length);
}

int modinfo_find(struct modinfo *info, const uint8_t *data, size_t size,
		 struct failure *why)
{
	struct elf elf = { .data = data, .size = size };
	struct section names;
	struct section s;

	memset(info, 0, sizeof(*info));
	if (read_header(&elf, info))
		return fail(why, -EBADMSG, "no kernel module (ELF object)");
	if (read_section(&elf, elf.names, &names))
		return fail(why, -EBADMSG, "damaged ELF section table");
	info->is_signed = has_signature(data, size);
	for (unsigned int i = 0; i < elf.count; i++) {
		if (read_section(&elf, i, &s))
			continue;
		if (is_named(&elf, &names, &s, "__versions")) {
			info->versions = data + s.offset;
			info->versions_size = s.size;
		} else if (is_named(&elf, &names, &s, "__ksymtab_strings")) {
			info->exports = (const char *)data + s.offset;
			info->exports_size = s.size;
		} else if (!info->text &&
			   is_named(&elf, &names, &s, ".modinfo")) {
			info->text = (const char *)data + s.offset;
			info->size = s.size;
		}
	}
	if (info->text)
		return 0;
	return fail(why, -EBADMSG, "no kernel module: no .modinfo section");
}

const char *modinfo_next(const struct modinfo *info, const char *key,
			 const char *previous)
{
	const char *end = info->text + info->size;
	const char *p = info->text;
	size_t length = strlen(key);

	if (previous)
		p = previous + strlen(previous) + 1;
	while (p < end) {
		size_t size = strnlen(p, end - p);

		if (p + size == end)
			return NULL;
		if (size > length && p[length] == '=' &&
		    !memcmp(p, key, length))
			return p + length + 1;
		p += size + 1;
	}
	return NULL;
}

bool modinfo_import(const struct modinfo *info, size_t i,
		    struct modinfo_import *import)
{
	size_t head = info->is_64 ? 8 : 4;
	const uint8_t *entry;

	if (i >= info->versions_size / VERSION_SIZE)
		return false;
	entry = info->versions + i * VERSION_SIZE;
	memcpy(&import->crc, entry, sizeof(import->crc));
	import->name = (const char *)entry + head;
	import->length = strnlen(import->name, VERSION_SIZE - head);
	return true;
}
