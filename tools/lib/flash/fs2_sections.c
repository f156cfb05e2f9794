// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/flash/fs2.h"

#include "tools/lib/base/buffer.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/flash/crc16.h"
#include "tools/lib/flash/fs2_internal.h"

void fs2_store_summed(uint8_t *at, uint32_t word)
{
	word &= 0xffffff;
	word |= (0u - (word + (word >> 8) + (word >> 16))) << 24;
	put_be32(at, word);
}

void fs2_finish(uint8_t *bytes, size_t size, uint32_t info, uint32_t guid)
{
	fs2_store_summed(bytes + CX_FIELD_OFFSET(CX_FS2_HEADER_INFO), info);
	cx_set(bytes, CX_FS2_HEADER_IMAGE_SIZE, size);
	cx_set(bytes, CX_FS2_HEADER_GUID, guid);
}

/* Closes the last section: its successor is known now. */
static int close_section(struct fs2_section_list *list, uint32_t next,
			 bool blank)
{
	uint8_t *header = list->out->data + list->last;
	size_t size = list->out->size - list->last;
	uint8_t crc[CX_FS2_SECTION_CRC];

	cx_set(header, CX_FS2_SECTION_NEXT, next);
	put_be32(crc, blank ? CX_FS2_BLANK_CRC : crc16_of(header, size));
	return buffer_add(list->out, crc, sizeof(crc));
}

static int begin_section(struct fs2_section_list *list, uint32_t type,
			 uint32_t parameter, uint32_t size)
{
	uint8_t header[CX_FS2_SECTION_HEADER];
	uint32_t at = list->out->size - list->begin;

	cx_set(header, CX_FS2_SECTION_TYPE, type);
	cx_set(header, CX_FS2_SECTION_SIZE,
	       type == CX_FS2_EMT ? size : size / 4);
	cx_set(header, CX_FS2_SECTION_PARAMETER, parameter);
	cx_set(header, CX_FS2_SECTION_NEXT, CX_FS2_NEXT_NONE);
	if (type == CX_FS2_INFO)
		list->info = at + CX_FS2_SECTION_HEADER;
	if (type == CX_FS2_GUID)
		list->guid = at + CX_FS2_SECTION_HEADER;
	list->last = list->out->size;
	return buffer_add(list->out, header, sizeof(header));
}

int fs2_add_section(struct fs2_section_list *list,
		    const struct fs2_section *section, uint32_t parameter,
		    const uint8_t *data, bool more)
{
	int err = begin_section(list, section->type, parameter, section->size);
	uint32_t next;

	if (!err)
		err = buffer_add(list->out, data, section->size);
	next = list->out->size - list->begin + CX_FS2_SECTION_CRC;
	if (!err)
		err = close_section(list, more ? next : CX_FS2_NEXT_NONE,
				    section->blank);
	return err;
}
