// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/flash/fs2.h"

#include <string.h>

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/flash/fs2_internal.h"

/* A ROM stands second, where the cards' own tools put it (F4.6). */
static int add_sections(struct fs2_section_list *list,
			const struct fs2_image *image, const uint8_t *rom,
			uint32_t rom_size)
{
	const struct fs2_section new_rom = { .type = CX_FS2_ROM,
					     .size = rom_size };
	unsigned int left = image->count - !!image->rom + !!rom;
	bool rom_due = rom;
	int err = 0;

	for (unsigned int i = 0; i < image->count && !err; i++) {
		const struct fs2_section *section = &image->sections[i];
		const uint8_t *header = image->bytes + section->at;

		if (section == image->rom)
			continue;
		err = fs2_add_section(list, section,
				      cx_get(header, CX_FS2_SECTION_PARAMETER),
				      image->bytes + section->data, --left > 0);
		if (!err && rom_due)
			err = fs2_add_section(list, &new_rom, 0, rom,
					      --left > 0);
		rom_due = false;
	}
	return err;
}

int fs2_with_rom(const struct fs2_image *image, const uint8_t *rom,
		 size_t rom_size, struct buffer *out, struct failure *why)
{
	struct fs2_section_list list = { .out = out, .begin = out->size };
	struct fs2_info info;
	uint8_t *bytes;
	int err;

	if (!image->packed)
		return fail(why, -ENOTSUP,
			    "the firmware image has bytes between or behind"
			    " its sections, of which nobody knows whether"
			    " they may be moved");
	if (rom &&
	    (rom_size % 4 || !rom_size || rom_size > CX_FS2_SECTION_MOST))
		return fail(why, -EINVAL,
			    "a ROM of %zu bytes: the size must be a multiple"
			    " of 4, and at most 4 MiB",
			    rom_size);
	err = fs2_read_info(&info, image, why);
	if (err)
		return err;
	err = buffer_add(out, image->bytes, image->sections_at);
	if (!err)
		err = add_sections(&list, image, rom, rom_size);
	if (err)
		return fail(why, err, "out of memory");
	bytes = out->data + list.begin;
	fs2_finish(bytes, out->size - list.begin, list.info, list.guid);
	if (info.image_crc)
		cx_set(bytes, CX_FS2_HEADER_CRC,
		       fs2_image_crc(bytes, out->size - list.begin));
	return 0;
}

static const struct fs2_section *next_firmware(const struct fs2_image *image,
					       unsigned int *at)
{
	while (*at < image->count) {
		const struct fs2_section *section = &image->sections[(*at)++];

		if (section != image->rom)
			return section;
	}
	return NULL;
}

/* Header up to the address of the next section, and contents */
static bool same_section(const struct fs2_image *a,
			 const struct fs2_section *in_a,
			 const struct fs2_image *b,
			 const struct fs2_section *in_b)
{
	const uint32_t fixed = CX_FIELD_OFFSET(CX_FS2_SECTION_NEXT);

	return in_a->size == in_b->size && in_a->blank == in_b->blank &&
	       !memcmp(a->bytes + in_a->at, b->bytes + in_b->at, fixed) &&
	       !memcmp(a->bytes + in_a->data, b->bytes + in_b->data,
		       in_a->size);
}

bool fs2_same_firmware(const struct fs2_image *a, const struct fs2_image *b,
		       struct failure *why)
{
	unsigned int at_a = 0, at_b = 0;
	const uint32_t boot2 = CX_FS2_BOOT2;

	if (a->sections_at != b->sections_at ||
	    memcmp(a->bytes + boot2, b->bytes + boot2,
		   a->sections_at - boot2)) {
		fail(why, -EBADMSG, "the boot code (BOOT2) differs");
		return false;
	}
	for (;;) {
		const struct fs2_section *in_a = next_firmware(a, &at_a);
		const struct fs2_section *in_b = next_firmware(b, &at_b);

		if (!in_a && !in_b)
			return true;
		if (!in_a || !in_b || !same_section(a, in_a, b, in_b)) {
			fail(why, -EBADMSG, "section %s differs",
			     fs2_section_name(in_a ? in_a->type : in_b->type));
			return false;
		}
	}
}
