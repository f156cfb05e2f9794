/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unified kernel image (UKI): a PE file whose sections are the boot stub,
 * the kernel, and the initrd.
 */
#ifndef TOOLS_LIB_PE_H
#define TOOLS_LIB_PE_H

#include "tools/lib/base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;

struct pe_section {
	size_t header; /* where its entry of the section table is */
	uint32_t address; /* in memory, from the image's begin */
	uint32_t memory; /* bytes there */
	size_t offset; /* in the file */
	size_t room; /* bytes in the file, padding included */
	size_t size; /* of these, what the section holds */
};

struct pe {
	const uint8_t *data;
	size_t size;
	size_t coff; /* the COFF header */
	size_t optional; /* the optional header behind it */
	size_t table; /* the section table */
	unsigned int n_sections;
	uint32_t file_alignment;
	uint32_t section_alignment;
	size_t directories; /* where the data directories are */
	uint32_t n_directories;
	/* The certificate table, last in the file; size 0: not signed */
	size_t signature;
	size_t signature_size;
	struct pe_section initrd;
};

/* Whether the file begins as a PE file does; it may still be damaged. */
bool pe_is(const uint8_t *data, size_t size);

/*
 * Reads the headers of the PE file at @data, which must stay where it is, and
 * finds .initrd. 0, -EBADMSG (damaged), -ENOENT (no .initrd) or -ENOTSUP
 * (several, or what could not be written again).
 */
int pe_read(struct pe *pe, const uint8_t *data, size_t size,
	    struct failure *why);

/* The section with that name: 0 or -ENOENT. */
int pe_find(const struct pe *pe, const char *name, struct pe_section *section);

/* How the same file is written with another .initrd. */
struct pe_layout {
	/* All headers, in place of as many bytes; up to .initrd, the old ones
	 * follow */
	struct buffer head;
	size_t initrd; /* bytes of the new .initrd */
	size_t padding; /* zeroes behind it */
	size_t rest; /* from here to rest_end, the old file goes on */
	size_t rest_end;
	size_t total;
	size_t checksum; /* the place of a sum that is still to be made */
	bool moved; /* .initrd got another address: it was in the way */
};

/*
 * Lays out the file with an .initrd of @size bytes and without a signature,
 * which could not hold. 0, -ENOMEM or -E2BIG; buffer_free(&layout->head) is
 * due.
 */
int pe_lay_out(struct pe_layout *layout, const struct pe *pe, size_t size,
	       struct failure *why);

/*
 * The sum that belongs into a file of these bytes, wherever it has another
 * one now, at @checksum.
 */
uint32_t pe_checksum(const uint8_t *data, size_t size, size_t checksum);

/*
 * Whether the file @again is @old with another .initrd, nothing else lost:
 * the proof of what was written. 0 or -EIO.
 */
int pe_compare(const struct pe *again, const struct pe *old,
	       struct failure *why);

#endif
