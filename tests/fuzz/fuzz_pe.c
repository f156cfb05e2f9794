// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a unified kernel image, and the same with a larger .initrd: what
 * is written can be read again, and has lost nothing.
 */
#include "tools/lib/base/failure.h"
#include "tools/lib/image/pe.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(const struct pe *pe, const struct pe_layout *l)
{
	size_t between = pe->initrd.offset - l->head.size;
	struct buffer out = { 0 };
	struct failure why;
	struct pe again;

	if (buffer_add(&out, l->head.data, l->head.size) ||
	    buffer_add(&out, pe->data + l->head.size, between) ||
	    buffer_add_zeros(&out, l->initrd + l->padding) ||
	    buffer_add(&out, pe->data + l->rest, l->rest_end - l->rest))
		abort();
	if (out.size != l->total)
		abort();
	pe_checksum(out.data, out.size, l->checksum);
	/* Whether it can be trusted is what these two are asked for. */
	if (!pe_read(&again, out.data, out.size, &why))
		pe_compare(&again, pe, &why);
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pe_layout layout;
	struct pe_section found;
	struct failure why;
	struct pe pe;

	if (pe_read(&pe, data, size, &why))
		return 0;
	if (pe_compare(&pe, &pe, &why) || pe_find(&pe, ".initrd", &found))
		abort();
	if (!pe_lay_out(&layout, &pe, pe.initrd.size + 1000, &why))
		write_and_read(&pe, &layout);
	buffer_free(&layout.head);
	return 0;
}
