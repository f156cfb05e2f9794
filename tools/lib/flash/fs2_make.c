// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/flash/fs2.h"

#include <string.h>

#include "connectx/ids.h"
#include "tools/lib/base/buffer.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/flash/crc16.h"
#include "tools/lib/flash/fs2_internal.h"

#define BOOT2_FILLER 16 /* words without meaning */
#define DUMMY_DWORDS 8

static int add_word(struct buffer *out, uint32_t word)
{
	uint8_t bytes[4];

	put_be32(bytes, word);
	return buffer_add(out, bytes, sizeof(bytes));
}

static int make_header(const struct fs2_template *t, struct buffer *out)
{
	uint8_t header[CX_FS2_HEADER_SIZE] = { 0 };

	put_be32(header, CX_FS2_MAGIC_0);
	put_be32(header + 4, CX_FS2_MAGIC_1);
	put_be32(header + 8, CX_FS2_MAGIC_2);
	put_be32(header + 12, CX_FS2_MAGIC_3);
	cx_set(header, CX_FS2_HEADER_CHIP_REVISION, t->chip_revision);
	cx_set(header, CX_FS2_HEADER_FAILSAFE, 1);
	cx_set(header, CX_FS2_HEADER_LOG_CHUNK,
	       t->chunk_shift - CX_FS2_CHUNK_SHIFT_LEAST);
	fs2_store_summed(
		header + CX_FIELD_OFFSET(CX_FS2_HEADER_FAILSAFE),
		cx_load_be32(header + CX_FIELD_OFFSET(CX_FS2_HEADER_FAILSAFE)));
	return buffer_add(out, header, sizeof(header));
}

/* No code at all: nothing here runs it. */
static int make_boot2(struct buffer *out)
{
	size_t begin = out->size;
	int err = add_word(out, 0);

	if (!err)
		err = add_word(out, BOOT2_FILLER);
	if (!err)
		err = buffer_add_zeros(out, 4 * (BOOT2_FILLER + 1));
	if (!err)
		err = add_word(out,
			       crc16_of(out->data + begin, out->size - begin));
	return err;
}

static int add_tag(struct buffer *out, uint8_t type, const void *data,
		   uint32_t length)
{
	int err = add_word(out, (uint32_t)type << 24 | length);

	return err ? err : buffer_add(out, data, length);
}

static int add_word_tag(struct buffer *out, uint8_t type, uint32_t word)
{
	uint8_t data[4];

	put_be32(data, word);
	return add_tag(out, type, data, sizeof(data));
}

static int add_text_tag(struct buffer *out, uint8_t type, const char *text,
			uint32_t length)
{
	char padded[CX_FS2_VSD_SIZE] = { 0 };
	size_t size = strlen(text);

	memcpy(padded, text, size < length ? size : length);
	return add_tag(out, type, padded, length);
}

static int make_info(const struct fs2_template *t, struct buffer *out)
{
	uint8_t version[CX_FS2_VERSION_SIZE] = { 0 };
	uint8_t date[CX_FS2_DATE_SIZE] = { 0 };
	int err;

	cx_set(version, CX_FS2_VERSION_MAJOR, t->firmware.major);
	cx_set(version, CX_FS2_VERSION_MINOR, t->firmware.minor);
	cx_set(version, CX_FS2_VERSION_SUBMINOR, t->firmware.subminor);
	put_be32(date + 4, t->date);
	err = add_word_tag(out, CX_FS2_TAG_FORMAT, 0);
	if (!err)
		err = add_tag(out, CX_FS2_TAG_FW_VERSION, version,
			      sizeof(version));
	if (!err)
		err = add_tag(out, CX_FS2_TAG_BUILD_TIME, date, sizeof(date));
	if (!err)
		err = add_word_tag(out, CX_FS2_TAG_DEVICE_TYPE, t->device);
	if (!err)
		err = add_text_tag(out, CX_FS2_TAG_PSID, t->psid,
				   CX_FS2_PSID_SIZE);
	if (!err)
		err = add_text_tag(out, CX_FS2_TAG_VSD, "", CX_FS2_VSD_SIZE);
	if (!err)
		err = add_word_tag(out, CX_FS2_TAG_VSD_VENDOR,
				   CX_PCI_VENDOR_ID);
	if (!err)
		err = add_word_tag(out, CX_FS2_TAG_HW_IDS,
				   t->hw_id | (uint32_t)t->chip_revision << 16);
	if (!err)
		err = add_tag(out, CX_FS2_TAG_MIC_VERSION, version,
			      sizeof(version));
	if (!err)
		err = add_text_tag(out, CX_FS2_TAG_PRS_NAME, t->name, 32);
	return err ? err : add_tag(out, CX_FS2_TAG_END, "", 0);
}

static void make_guids(const struct fs2_template *t,
		       uint8_t data[CX_FS2_GUID_SIZE])
{
	uint64_t node = 0;

	memset(data, 0, CX_FS2_GUID_SIZE);
	/* EUI-64 of port 1's address, as cards of the family have it */
	for (unsigned int i = 0; i < 6; i++)
		node = node << 8 | t->mac[0][i];
	node = (node >> 24) << 40 | 0x3ULL << 24 | (node & 0xffffff);
	cx_store_be64(data + CX_FS2_GUID_NODE, node);
	cx_store_be64(data + CX_FS2_GUID_PORT1, node + 1);
	cx_store_be64(data + CX_FS2_GUID_PORT2, node + 2);
	cx_store_be64(data + CX_FS2_GUID_SYSTEM, node + 3);
	memcpy(data + CX_FS2_GUID_MAC1 + 2, t->mac[0], 6);
	memcpy(data + CX_FS2_GUID_MAC2 + 2, t->mac[1], 6);
}

static int make_sections(const struct fs2_template *t,
			 struct fs2_section_list *list)
{
	static const uint8_t dummy[4 * DUMMY_DWORDS];
	uint8_t guids[CX_FS2_GUID_SIZE];
	struct buffer info = { 0 };
	struct fs2_section section = { .size = sizeof(dummy) };
	int err = make_info(t, &info);

	make_guids(t, guids);
	section.type = CX_FS2_DDR;
	if (!err)
		err = fs2_add_section(list, &section, 0, dummy, true);
	section.type = CX_FS2_CONFIGURATION;
	if (!err)
		err = fs2_add_section(list, &section, 0, dummy, true);
	section.type = CX_FS2_GUID;
	section.size = sizeof(guids);
	if (!err)
		err = fs2_add_section(list, &section, 0, guids, true);
	section.type = CX_FS2_INFO;
	section.size = info.size;
	if (!err)
		err = fs2_add_section(list, &section, 0, info.data, false);
	buffer_free(&info);
	return err;
}

int fs2_make(const struct fs2_template *template, struct buffer *out)
{
	struct fs2_section_list list = { .out = out, .begin = out->size };
	uint8_t *bytes;
	int err = make_header(template, out);

	if (!err)
		err = make_boot2(out);
	if (!err)
		err = make_sections(template, &list);
	if (err)
		return err;
	bytes = out->data + list.begin;
	fs2_finish(bytes, out->size - list.begin, list.info, list.guid);
	cx_set(bytes, CX_FS2_HEADER_CRC,
	       fs2_image_crc(bytes, out->size - list.begin));
	return 0;
}
