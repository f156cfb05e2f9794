// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/flash/fs2.h"

#include <string.h>

#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"

/* A text of at most @size bytes; what no terminal shows becomes a dot. */
static void read_text(char *text, const uint8_t *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size && bytes[i]; i++)
		text[i] = bytes[i] < ' ' || bytes[i] > '~' ? '.' :
							     (char)bytes[i];
	while (i && text[i - 1] == ' ')
		i--;
	text[i] = 0;
}

static void read_version(struct fs2_version *version, const uint8_t *data)
{
	version->major = cx_get(data, CX_FS2_VERSION_MAJOR);
	version->minor = cx_get(data, CX_FS2_VERSION_MINOR);
	version->subminor = cx_get(data, CX_FS2_VERSION_SUBMINOR);
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static void read_tag(struct fs2_info *info, unsigned int type,
		     const uint8_t *data, unsigned int length)
{
	switch (type) {
	case CX_FS2_TAG_FW_VERSION:
		if (length >= CX_FS2_VERSION_SIZE)
			read_version(&info->firmware, data);
		break;
	case CX_FS2_TAG_BUILD_TIME:
		if (length < CX_FS2_DATE_SIZE)
			break;
		info->year = cx_get(data, CX_FS2_DATE_YEAR);
		info->month = cx_get(data, CX_FS2_DATE_MONTH);
		info->day = cx_get(data, CX_FS2_DATE_DAY);
		break;
	case CX_FS2_TAG_DEVICE_TYPE:
		if (length >= 4)
			info->device = get_be32(data);
		break;
	case CX_FS2_TAG_PSID:
		read_text(info->psid, data, least(length, CX_FS2_PSID_SIZE));
		break;
	case CX_FS2_TAG_VSD:
		read_text(info->vsd, data, least(length, CX_FS2_VSD_SIZE));
		break;
	case CX_FS2_TAG_PRODUCT_VERSION:
		info->product_version = true;
		break;
	case CX_FS2_TAG_HW_IDS:
		info->hw_id_count = least(length / 4, FS2_HW_IDS_MAX);
		for (unsigned int i = 0; i < info->hw_id_count; i++)
			info->hw_ids[i] = get_be32(data + 4 * i);
		break;
	case CX_FS2_TAG_MIC_VERSION:
		info->image_crc = true;
		break;
	}
}

int fs2_read_info(struct fs2_info *info, const struct fs2_image *image,
		  struct failure *why)
{
	const uint8_t *data = image->bytes + image->info->data;
	uint32_t left = image->info->size;

	memset(info, 0, sizeof(*info));
	while (left >= 4) {
		unsigned int type = cx_get(data, CX_FS2_TAG_TYPE);
		unsigned int length = cx_get(data, CX_FS2_TAG_LENGTH);

		if (type == CX_FS2_TAG_END)
			return 0;
		if (length % 4 || length > left - 4)
			return fail(why, -EBADMSG,
				    "damaged firmware image: tag %u of its"
				    " info, at 0x%x, cannot have %u bytes",
				    type, (unsigned int)(data - image->bytes),
				    length);
		read_tag(info, type, data + 4, length);
		data += 4 + length;
		left -= 4 + length;
	}
	return fail(why, -EBADMSG,
		    "damaged firmware image: its info, at 0x%x, has no end",
		    image->info->data);
}

void fs2_read_guids(struct fs2_guids *guids, const struct fs2_image *image)
{
	const uint8_t *data = image->bytes + image->guid->data;

	for (unsigned int i = 0; i < 4; i++)
		guids->guid[i] = cx_load_be64(data + CX_FS2_GUID_NODE + 8 * i);
	memcpy(guids->mac[0], data + CX_FS2_GUID_MAC1 + 2, 6);
	memcpy(guids->mac[1], data + CX_FS2_GUID_MAC2 + 2, 6);
	guids->blank = image->guid->blank;
}
