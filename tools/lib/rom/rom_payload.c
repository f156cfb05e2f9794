// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/rom/rom_payload.h"
#include "connectx/ids.h"
#include "connectx/rom.h"
#include "rom/lib/crc32.h"
#include "rom/lib/payload_format.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"

#include <lzma.h>
#include <string.h>

#define PCIR_OFFSET 0x1c
#define UNPACKED_MAX (64u << 20)

static const char *const names[ROM_PARTS] = {
	[PAYLOAD_BIOS] = "bios",	 [PAYLOAD_UEFI] = "uefi",
	[PAYLOAD_SETTINGS] = "settings", [PAYLOAD_PORTS] = "ports",
	[PAYLOAD_BOOT] = "boot",	 [PAYLOAD_OVERLAY] = "overlay",
};

const char *rom_part_name(uint32_t kind)
{
	return kind < ROM_PARTS ? names[kind] : NULL;
}

void rom_payload_free(struct rom_payload *payload)
{
	for (size_t kind = 0; kind < ROM_PARTS; kind++)
		buffer_free(&payload->part[kind].data);
}

int rom_part_set(struct rom_payload *payload, uint32_t kind, const void *data,
		 size_t size, struct failure *why)
{
	struct rom_part *part = &payload->part[kind];

	buffer_free(&part->data);
	part->unpacked = size;
	if (buffer_add(&part->data, data, size))
		return fail(why, -ENOMEM, "no memory for %zu bytes", size);
	return 0;
}

/* As payload_format.h says; all of it is the dictionary. */
static int set_filter(lzma_filter *filters, lzma_options_lzma *options,
		      size_t size)
{
	if (lzma_lzma_preset(options, 9 | LZMA_PRESET_EXTREME))
		return -ENOMEM;
	options->lc = PAYLOAD_LZMA_LC;
	options->lp = PAYLOAD_LZMA_LP;
	options->pb = PAYLOAD_LZMA_PB;
	/* No more than that is allocated. */
	options->dict_size = size < LZMA_DICT_SIZE_MIN ? LZMA_DICT_SIZE_MIN :
							 (uint32_t)size;
	filters[0] = (lzma_filter){ LZMA_FILTER_LZMA1, options };
	filters[1] = (lzma_filter){ LZMA_VLI_UNKNOWN, NULL };
	return 0;
}

int rom_part_pack(struct rom_payload *payload, uint32_t kind, const void *data,
		  size_t size, struct failure *why)
{
	struct rom_part *part = &payload->part[kind];
	/* Bound is of LZMA2, which can hold bytes as they are. */
	size_t room = lzma_stream_buffer_bound(size) + size / 8, used = 0;
	lzma_options_lzma options;
	lzma_filter filters[2];

	buffer_free(&part->data);
	part->unpacked = size;
	if (set_filter(filters, &options, size) ||
	    buffer_reserve(&part->data, room))
		return fail(why, -ENOMEM, "no memory for %zu bytes", room);
	if (lzma_raw_buffer_encode(filters, NULL, data, size, part->data.data,
				   &used, room) != LZMA_OK)
		return fail(why, -EIO, "%zu bytes cannot be compressed", size);
	part->data.size = used;
	return 0;
}

int rom_part_unpack(const struct rom_payload *payload, uint32_t kind,
		    struct buffer *out, struct failure *why)
{
	const struct rom_part *part = &payload->part[kind];
	size_t size = part->unpacked, from = 0, to = 0;
	lzma_options_lzma options;
	lzma_filter filters[2];

	if (size > UNPACKED_MAX)
		return fail(why, -EFBIG, "part '%s': %zu bytes unpacked",
			    names[kind], size);
	if (set_filter(filters, &options, size) || buffer_reserve(out, size))
		return fail(why, -ENOMEM, "no memory for %zu bytes", size);
	lzma_raw_buffer_decode(filters, NULL, part->data.data, &from,
			       part->data.size, out->data + out->size, &to,
			       size);
	/* There is no mark at the end: the size tells. */
	if (to != size)
		return fail(why, -EINVAL, "part '%s' cannot be unpacked",
			    names[kind]);
	out->size += size;
	return 0;
}

static int read_part(struct rom_payload *payload, const uint8_t *image,
		     size_t size, const uint8_t *entry, struct failure *why)
{
	uint32_t kind = get_le32(entry), offset = get_le32(entry + 4);
	uint32_t length = get_le32(entry + 8), crc = get_le32(entry + 16);
	const char *name = rom_part_name(kind);

	if (!name)
		return fail(why, -EINVAL,
			    "a part of kind %u: the ROM was made by another"
			    " version of mkrom",
			    kind);
	if (payload->part[kind].data.size)
		return fail(why, -EINVAL, "two parts '%s'", name);
	if (offset > size || length > size - offset)
		return fail(why, -EINVAL,
			    "part '%s' (%u bytes at 0x%x) reaches behind the"
			    " end",
			    name, length, offset);
	if (rom_crc32(0, image + offset, length) != crc)
		return fail(why, -EINVAL,
			    "part '%s' (%u bytes at 0x%x) is damaged: its"
			    " checksum is wrong",
			    name, length, offset);
	if (rom_part_set(payload, kind, image + offset, length, why))
		return -ENOMEM;
	payload->part[kind].unpacked = get_le32(entry + 12);
	return 0;
}

int rom_payload_read(struct rom_payload *payload, const uint8_t *image,
		     size_t size, struct failure *why)
{
	const size_t parts = PAYLOAD_AT + offsetof(struct payload_table, parts);
	const uint8_t *table = image + PAYLOAD_AT;
	uint32_t count;

	if (size < PAYLOAD_AT + sizeof(struct payload_table) ||
	    memcmp(table, PAYLOAD_MAGIC, 8))
		return fail(why, -EINVAL, "no payload that mkrom has made");
	count = get_le32(table + 12);
	if (count > PAYLOAD_PARTS_MAX ||
	    rom_crc32(0, image + parts, count * sizeof(struct payload_part)) !=
		    get_le32(table + 16))
		return fail(why, -EINVAL, "the payload's table is damaged");
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *entry =
			image + parts + i * sizeof(struct payload_part);
		int err = read_part(payload, image, size, entry, why);

		if (err)
			return err;
	}
	return 0;
}

static void write_header(uint8_t *image, size_t size, uint16_t device)
{
	uint8_t *pcir = image + PCIR_OFFSET;

	put_le16(image, CX_ROM_SIGNATURE);
	image[CX_ROM_BLOCKS] = 1;
	image[CX_ROM_PCIR] = PCIR_OFFSET;
	memcpy(pcir, CX_PCIR_MAGIC, CX_PCIR_MAGIC_SIZE);
	put_le16(pcir + CX_PCIR_VENDOR, CX_PCI_VENDOR_ID);
	put_le16(pcir + CX_PCIR_DEVICE, device);
	pcir[CX_PCIR_LENGTH] = CX_PCIR_SIZE;
	pcir[CX_PCIR_REVISION] = CX_PCIR_REVISION_3;
	pcir[CX_PCIR_CLASS + 2] = CX_PCI_CLASS_ETHERNET >> 16;
	put_le16(pcir + CX_PCIR_BLOCKS, size / CX_ROM_BLOCK);
	pcir[CX_PCIR_CODE_TYPE] = CX_ROM_CODE_DATA;
	pcir[CX_PCIR_INDICATOR] = CX_PCIR_LAST;
}

int rom_payload_write(struct buffer *out, const struct rom_payload *payload,
		      uint16_t device, struct failure *why)
{
	const size_t parts = PAYLOAD_AT + offsetof(struct payload_table, parts);
	size_t start = out->size, at = CX_ROM_BLOCK, total = CX_ROM_BLOCK;
	uint8_t *image, *entry;
	uint32_t count = 0;

	for (size_t kind = 1; kind < ROM_PARTS; kind++)
		total += (payload->part[kind].data.size + 3) & ~(size_t)3;
	total = (total + CX_ROM_BLOCK - 1) / CX_ROM_BLOCK * CX_ROM_BLOCK;
	if (buffer_add_zeros(out, total))
		return fail(why, -ENOMEM, "no memory for %zu bytes", total);
	image = out->data + start;
	entry = image + parts;
	for (size_t kind = 1; kind < ROM_PARTS; kind++) {
		const struct rom_part *part = &payload->part[kind];

		if (!part->data.size)
			continue;
		memcpy(image + at, part->data.data, part->data.size);
		put_le32(entry, kind);
		put_le32(entry + 4, at);
		put_le32(entry + 8, part->data.size);
		put_le32(entry + 12, part->unpacked);
		put_le32(entry + 16,
			 rom_crc32(0, part->data.data, part->data.size));
		entry += sizeof(struct payload_part);
		at += (part->data.size + 3) & ~(size_t)3;
		count++;
	}
	memcpy(image + PAYLOAD_AT, PAYLOAD_MAGIC, 8);
	put_le32(image + PAYLOAD_AT + 8, at);
	put_le32(image + PAYLOAD_AT + 12, count);
	put_le32(image + PAYLOAD_AT + 16,
		 rom_crc32(0, image + parts,
			   count * sizeof(struct payload_part)));
	write_header(image, total, device);
	return 0;
}
