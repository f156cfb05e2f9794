// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/flash/fs2.h"

#include <string.h>

#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/flash/crc16.h"
#include "tools/lib/flash/fs2_internal.h"

bool fs2_signature(const uint8_t *bytes)
{
	static const uint32_t magic[CX_FS2_MAGIC_DWORDS] = {
		CX_FS2_MAGIC_0, CX_FS2_MAGIC_1, CX_FS2_MAGIC_2, CX_FS2_MAGIC_3
	};

	for (unsigned int i = 0; i < CX_FS2_MAGIC_DWORDS; i++)
		if (get_be32(bytes + 4 * i) != magic[i])
			return false;
	return true;
}

const char *fs2_section_name(uint32_t type)
{
#define NAME(number, name, text) \
	case number:             \
		return text;
	switch (type) {
		CX_FS2_SECTIONS(NAME)
	}
#undef NAME
	return "unknown";
}

/* Words that carry a byte which makes their four sum to zero */
static bool sums_up(uint32_t word)
{
	return !((word + (word >> 8) + (word >> 16) + (word >> 24)) & 0xff);
}

static int read_header(struct fs2_image *image, size_t size,
		       struct failure *why)
{
	const uint8_t *bytes = image->bytes;
	uint32_t failsafe = CX_FIELD_OFFSET(CX_FS2_HEADER_FAILSAFE);
	uint32_t info = CX_FIELD_OFFSET(CX_FS2_HEADER_INFO);

	if (size < CX_FS2_HEADER_SIZE || !fs2_signature(bytes))
		return fail(why, -EBADMSG,
			    "no firmware image: the signature MTFW is not at"
			    " its beginning");
	if (cx_get(bytes, CX_FS2_HEADER_FORMAT) == CX_FS2_FORMAT_FS3)
		return fail(why, -EBADMSG,
			    "a firmware image of a later format (FS3), which"
			    " no ConnectX or ConnectX-2 has: use mstflint");
	if (!sums_up(get_be32(bytes + failsafe)) ||
	    !sums_up(get_be32(bytes + info)))
		return fail(why, -EBADMSG,
			    "damaged firmware image: the checksum of its"
			    " header (offset 0x28, 0x2c) is wrong");
	image->size = cx_get(bytes, CX_FS2_HEADER_IMAGE_SIZE);
	if (image->size > size || image->size % 4 ||
	    image->size < CX_FS2_HEADER_SIZE)
		return fail(why, -EBADMSG,
			    "damaged firmware image: it should have 0x%x"
			    " bytes, and 0x%zx are there",
			    image->size, size);
	image->chip_revision = cx_get(bytes, CX_FS2_HEADER_CHIP_REVISION);
	image->failsafe = cx_get(bytes, CX_FS2_HEADER_FAILSAFE);
	image->chunk_shift = cx_get(bytes, CX_FS2_HEADER_LOG_CHUNK) +
			     CX_FS2_CHUNK_SHIFT_LEAST;
	return 0;
}

/* One block of BOOT2 at @at; *@end is behind it. */
static int read_boot2(const struct fs2_image *image, uint32_t at, uint32_t *end,
		      struct failure *why)
{
	uint32_t dwords, bytes;

	if (image->size - at < 8)
		return fail(why, -EBADMSG,
			    "damaged firmware image: it ends at 0x%x, where"
			    " its boot code (BOOT2) begins",
			    at);
	dwords = get_be32(image->bytes + at + CX_FS2_BOOT2_DWORDS);
	if (dwords < CX_FS2_BOOT2_LEAST || dwords > CX_FS2_BOOT2_MOST ||
	    (dwords + CX_FS2_BOOT2_EXTRA) * 4 > image->size - at)
		return fail(why, -EBADMSG,
			    "damaged firmware image: the boot code (BOOT2) at"
			    " 0x%x cannot have 0x%x words",
			    at, dwords);
	bytes = (dwords + CX_FS2_BOOT2_EXTRA) * 4;
	if (crc16_of(image->bytes + at, bytes - 4) !=
	    get_be32(image->bytes + at + bytes - 4))
		return fail(why, -EBADMSG,
			    "damaged firmware image: the CRC of the boot code"
			    " (BOOT2) at 0x%x is wrong",
			    at);
	*end = at + bytes;
	return 0;
}

static bool is_section_type(uint32_t word)
{
	return word >= CX_FS2_DDR && word <= CX_FS2_HASH;
}

static bool all_ones(const uint8_t *bytes, size_t size)
{
	while (size--)
		if (*bytes++ != 0xff)
			return false;
	return true;
}

/* The size of a section's contents, or UINT32_MAX if it cannot be. */
static uint32_t contents_size(const uint8_t *header)
{
	uint32_t size = cx_get(header, CX_FS2_SECTION_SIZE);

	if (size > CX_FS2_SECTION_MOST)
		return UINT32_MAX;
	if (cx_get(header, CX_FS2_SECTION_TYPE) != CX_FS2_EMT)
		size *= 4;
	return size > CX_FS2_SECTION_MOST || size % 4 ? UINT32_MAX : size;
}

static int read_section(struct fs2_image *image, struct fs2_section *section,
			uint32_t at, struct failure *why)
{
	const uint8_t *header = image->bytes + at;
	const uint32_t least = CX_FS2_SECTION_HEADER + CX_FS2_SECTION_CRC;
	uint32_t crc, size;

	if (at % 4 || at > image->size || image->size - at < least)
		return fail(why, -EBADMSG,
			    "damaged firmware image: no section can begin at"
			    " 0x%x",
			    at);
	section->type = cx_get(header, CX_FS2_SECTION_TYPE);
	size = contents_size(header);
	if (!is_section_type(section->type) || size > image->size - at - least)
		return fail(why, -EBADMSG,
			    "damaged firmware image: what is at 0x%x is no"
			    " section (type 0x%x, size 0x%x)",
			    at, section->type,
			    (unsigned int)cx_get(header, CX_FS2_SECTION_SIZE));
	section->at = at;
	section->data = at + CX_FS2_SECTION_HEADER;
	section->size = size;
	crc = get_be32(header + CX_FS2_SECTION_HEADER + size) & 0xffff;
	section->blank = section->type == CX_FS2_GUID &&
			 crc == CX_FS2_BLANK_CRC &&
			 all_ones(header + CX_FS2_SECTION_HEADER, size);
	if (!section->blank &&
	    crc != crc16_of(header, CX_FS2_SECTION_HEADER + size))
		return fail(why, -EBADMSG,
			    "damaged firmware image: the CRC of section %s at"
			    " 0x%x is wrong",
			    fs2_section_name(section->type), at);
	return 0;
}

static int keep_section(struct fs2_image *image, struct failure *why)
{
	const struct fs2_section *section = &image->sections[image->count];
	const struct fs2_section **place = NULL;

	if (section->type == CX_FS2_ROM)
		place = &image->rom;
	else if (section->type == CX_FS2_GUID)
		place = &image->guid;
	else if (section->type == CX_FS2_INFO)
		place = &image->info;
	if (place && *place)
		return fail(why, -EBADMSG,
			    "damaged firmware image: a second section %s at"
			    " 0x%x",
			    fs2_section_name(section->type), section->at);
	if (place)
		*place = section;
	image->count++;
	return 0;
}

static int read_sections(struct fs2_image *image, struct failure *why)
{
	uint32_t at = image->sections_at;

	image->packed = true;
	for (;;) {
		struct fs2_section *section = &image->sections[image->count];
		uint32_t end, next;
		int err;

		if (image->count == FS2_SECTIONS_MAX)
			return fail(why, -EBADMSG,
				    "damaged firmware image: more than %d"
				    " sections",
				    FS2_SECTIONS_MAX);
		err = read_section(image, section, at, why);
		if (!err)
			err = keep_section(image, why);
		if (err)
			return err;
		end = section->data + section->size + CX_FS2_SECTION_CRC;
		next = cx_get(image->bytes + at, CX_FS2_SECTION_NEXT);
		if (next == CX_FS2_NEXT_NONE) {
			image->packed = image->packed && end == image->size;
			return 0;
		}
		if (next < end)
			return fail(why, -EBADMSG,
				    "damaged firmware image: behind section"
				    " %s at 0x%x, the next one is at 0x%x",
				    fs2_section_name(section->type), at, next);
		image->packed = image->packed && next == end;
		at = next;
	}
}

static int check_pointers(const struct fs2_image *image, struct failure *why)
{
	uint32_t info = cx_get(image->bytes, CX_FS2_HEADER_INFO);
	uint32_t guid = cx_get(image->bytes, CX_FS2_HEADER_GUID);

	if (!image->guid || image->guid->size < CX_FS2_GUID_SIZE ||
	    image->guid->data != guid)
		return fail(why, -EBADMSG,
			    "damaged firmware image: no section GUID at 0x%x,"
			    " where its header says",
			    guid);
	if (!image->info || image->info->data != info)
		return fail(why, -EBADMSG,
			    "damaged firmware image: no section Image info at"
			    " 0x%x, where its header says",
			    info);
	return 0;
}

uint16_t fs2_image_crc(const uint8_t *bytes, size_t size)
{
	uint8_t word[4];
	size_t at = CX_FIELD_OFFSET(CX_FS2_HEADER_CRC);
	uint16_t crc = crc16_add(CX_FS2_CRC_START, bytes, at);

	memcpy(word, bytes + at, 4);
	cx_set(word, CX_FIELD(0, CX_FIELD_BIT(CX_FS2_HEADER_CRC), 16), 0xffff);
	crc = crc16_add(crc, word, 4);
	return crc16_end(crc16_add(crc, bytes + at + 4, size - at - 4));
}

int fs2_read(struct fs2_image *image, const uint8_t *bytes, size_t size,
	     struct failure *why)
{
	struct fs2_info info;
	uint32_t end;
	int err;

	memset(image, 0, sizeof(*image));
	image->bytes = bytes;
	err = read_header(image, size, why);
	if (!err)
		err = read_boot2(image, CX_FS2_BOOT2, &end, why);
	/* A second block is known by its first word, which is no type. */
	if (!err && image->size - end >= 4 &&
	    !is_section_type(get_be32(bytes + end)))
		err = read_boot2(image, end, &end, why);
	if (err)
		return err;
	image->sections_at = end;
	err = read_sections(image, why);
	if (!err)
		err = check_pointers(image, why);
	if (!err)
		err = fs2_read_info(&info, image, why);
	if (err || !info.image_crc)
		return err;
	if (fs2_image_crc(bytes, image->size) !=
	    cx_get(bytes, CX_FS2_HEADER_CRC))
		return fail(why, -EBADMSG,
			    "damaged firmware image: the CRC of the whole"
			    " (offset 0x20) is wrong");
	return 0;
}
