// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/elf_program.h"

#include "tools/lib/base/failure.h"

#include <elf.h>
#include <string.h>

struct header {
	uint64_t table;
	unsigned int entry_size;
	unsigned int count;
};

static bool inside(const struct elf_program *p, uint64_t at, uint64_t size)
{
	return at <= p->size && size <= p->size - at;
}

static int read_header(struct elf_program *p, struct header *h)
{
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;

	if (p->size < sizeof(narrow) || memcmp(p->data, ELFMAG, SELFMAG))
		return -EBADMSG;
	/* What runs here has our byte order. */
	if (p->data[EI_DATA] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ?
					 ELFDATA2LSB :
					 ELFDATA2MSB))
		return -EBADMSG;
	p->is_64 = p->data[EI_CLASS] == ELFCLASS64;
	if (p->is_64) {
		if (p->size < sizeof(wide))
			return -EBADMSG;
		memcpy(&wide, p->data, sizeof(wide));
		p->machine = wide.e_machine;
		h->table = wide.e_phoff;
		h->entry_size = wide.e_phentsize;
		h->count = wide.e_phnum;
		return h->entry_size < sizeof(Elf64_Phdr) ? -EBADMSG : 0;
	}
	memcpy(&narrow, p->data, sizeof(narrow));
	p->machine = narrow.e_machine;
	h->table = narrow.e_phoff;
	h->entry_size = narrow.e_phentsize;
	h->count = narrow.e_phnum;
	return h->entry_size < sizeof(Elf32_Phdr) ? -EBADMSG : 0;
}

static int read_segment(const struct elf_program *p, const struct header *h,
			unsigned int i, Elf64_Phdr *out)
{
	uint64_t at = (uint64_t)i * h->entry_size;
	Elf32_Phdr narrow;

	if (!inside(p, h->table, at + h->entry_size))
		return -EBADMSG;
	if (p->is_64) {
		memcpy(out, p->data + h->table + at, sizeof(*out));
	} else {
		memcpy(&narrow, p->data + h->table + at, sizeof(narrow));
		out->p_type = narrow.p_type;
		out->p_offset = narrow.p_offset;
		out->p_vaddr = narrow.p_vaddr;
		out->p_filesz = narrow.p_filesz;
	}
	return inside(p, out->p_offset, out->p_filesz) ? 0 : -EBADMSG;
}

/* One entry of the dynamic section; false: behind its end. */
static bool read_entry(const struct elf_program *p, size_t *at, Elf64_Dyn *out)
{
	size_t size = p->is_64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	Elf32_Dyn narrow;

	if (p->dynamic_size < size || *at > p->dynamic_size - size)
		return false;
	if (p->is_64) {
		memcpy(out, p->data + p->dynamic + *at, size);
	} else {
		memcpy(&narrow, p->data + p->dynamic + *at, size);
		out->d_tag = narrow.d_tag;
		out->d_un.d_val = narrow.d_un.d_val;
	}
	*at += size;
	return out->d_tag != DT_NULL;
}

/* The text that begins @at in a run of @size bytes, if it ends there. */
static const char *text_in(const char *run, size_t size, uint64_t at)
{
	if (!run || at >= size || !memchr(run + at, '\0', size - at))
		return NULL;
	return run + at;
}

/* The section holds addresses; the segments say where those are in the file. */
static void find_strings(struct elf_program *p, const struct header *h,
			 uint64_t address)
{
	Elf64_Phdr s;

	for (unsigned int i = 0; i < h->count; i++) {
		if (read_segment(p, h, i, &s) || s.p_type != PT_LOAD ||
		    address < s.p_vaddr || address - s.p_vaddr >= s.p_filesz)
			continue;
		p->strings_size = s.p_filesz - (address - s.p_vaddr);
		p->strings = (const char *)p->data + s.p_offset +
			     (address - s.p_vaddr);
		return;
	}
}

static int read_dynamic(struct elf_program *p, const struct header *h)
{
	uint64_t run_path = 0;
	uint64_t strings = 0;
	Elf64_Dyn entry;
	size_t at = 0;

	while (read_entry(p, &at, &entry)) {
		if (entry.d_tag == DT_STRTAB)
			strings = entry.d_un.d_ptr;
		if (entry.d_tag == DT_RUNPATH ||
		    (entry.d_tag == DT_RPATH && !run_path))
			run_path = entry.d_un.d_val;
	}
	find_strings(p, h, strings);
	if (run_path)
		p->run_path = text_in(p->strings, p->strings_size, run_path);
	at = 0;
	while (read_entry(p, &at, &entry)) {
		if (entry.d_tag == DT_NEEDED &&
		    !text_in(p->strings, p->strings_size, entry.d_un.d_val))
			return -EBADMSG;
	}
	return 0;
}

int elf_program_read(struct elf_program *p, const uint8_t *data, size_t size,
		     struct failure *why)
{
	struct header h;
	Elf64_Phdr s;

	memset(p, 0, sizeof(*p));
	p->data = data;
	p->size = size;
	if (read_header(p, &h))
		return fail(why, -EBADMSG, "no program of this machine (ELF)");
	for (unsigned int i = 0; i < h.count; i++) {
		if (read_segment(p, &h, i, &s))
			return fail(why, -EBADMSG,
				    "damaged: segment %u of the ELF file lies"
				    " outside of it",
				    i);
		if (s.p_type == PT_INTERP) {
			p->interpreter = text_in(
				(const char *)data + s.p_offset, s.p_filesz, 0);
			if (!p->interpreter)
				return fail(why, -EBADMSG,
					    "damaged: its interpreter has no"
					    " name");
		} else if (s.p_type == PT_DYNAMIC) {
			p->dynamic = s.p_offset;
			p->dynamic_size = s.p_filesz;
		}
	}
	if (read_dynamic(p, &h))
		return fail(why, -EBADMSG,
			    "damaged: a library that it needs has no name");
	return 0;
}

const char *elf_program_needs(const struct elf_program *p, size_t *at)
{
	Elf64_Dyn entry;

	while (read_entry(p, at, &entry)) {
		if (entry.d_tag == DT_NEEDED)
			return text_in(p->strings, p->strings_size,
				       entry.d_un.d_val);
	}
	return NULL;
}
