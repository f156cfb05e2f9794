// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/image/bootconfig.h"

#include "tools/lib/base/bytes.h"

#include <string.h>

#define BOOTCONFIG_MAGIC "#BOOTCONFIG\n"
#define BOOTCONFIG_MAGIC_SIZE 12
#define BOOTCONFIG_MAX (32U << 10)

/* The magic is last, but a boot loader may pad the file to 4 behind it. */
size_t bootconfig_begin(const uint8_t *data, size_t size)
{
	for (size_t pad = 0; pad < 4; pad++) {
		const uint8_t *magic;
		uint32_t length;
		uint32_t sum = 0;

		if (size < pad + BOOTCONFIG_MAGIC_SIZE + 8)
			return size;
		magic = data + size - pad - BOOTCONFIG_MAGIC_SIZE;
		if (memcmp(magic, BOOTCONFIG_MAGIC, BOOTCONFIG_MAGIC_SIZE))
			continue;
		length = get_le32(magic - 8);
		if (length > BOOTCONFIG_MAX ||
		    length > (size_t)(magic - 8 - data))
			return size;
		for (uint32_t i = 0; i < length; i++)
			sum += magic[-8 - (long)length + i];
		if (sum != get_le32(magic - 4))
			return size;
		return magic - 8 - length - data;
	}
	return size;
}
