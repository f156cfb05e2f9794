// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/base/bytes.h"
#include "tools/lib/rom/rom_image.h"

#include <string.h>

/* Without a NUL: the numbers follow it at once. */
static const char mark[8] = { 'm', 'l', 'x', 's', 'i', 'g', 'n', ':' };

size_t rom_trailers_read(const uint8_t *data, size_t size,
			 struct rom_trailer trailers[ROM_TRAILERS_MAX])
{
	const uint8_t *p = data, *end = data + size;
	size_t count = 0;

	while (count < ROM_TRAILERS_MAX && end - p >= ROM_TRAILER_SIZE &&
	       (p = memmem(p, end - p, mark, sizeof(mark)))) {
		uint32_t word[3];

		if (end - p < ROM_TRAILER_SIZE)
			break;
		for (int i = 0; i < 3; i++)
			word[i] = get_le32(p + sizeof(mark) + 4 * i);
		trailers[count++] = (struct rom_trailer){
			.product = word[0] >> 16,
			.major = word[0],
			.minor = word[1] >> 16,
			.subminor = word[1],
			.device = word[2] >> 16,
			.port = word[2] >> 12 & 15,
			.cpu = word[2] >> 8 & 15,
			.protocol = word[2],
		};
		p += sizeof(mark);
	}
	return count;
}

void rom_trailer_write(uint8_t out[ROM_TRAILER_SIZE],
		       const struct rom_trailer *trailer)
{
	memcpy(out, mark, sizeof(mark));
	put_le32(out + 8, (uint32_t)trailer->product << 16 | trailer->major);
	put_le32(out + 12, (uint32_t)trailer->minor << 16 | trailer->subminor);
	put_le32(out + 16, (uint32_t)trailer->device << 16 |
				   (uint32_t)(trailer->port & 15) << 12 |
				   (uint32_t)(trailer->cpu & 15) << 8 |
				   trailer->protocol);
}
