// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/tools/flash_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectx/flash.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/flash/fs2.h"

static void must(int err)
{
	if (err)
		abort();
}

void sample_image(struct buffer *out, unsigned int chunk_shift)
{
	sample_image_for(out, chunk_shift, SAMPLE_DEVICE);
}

void sample_image_for(struct buffer *out, unsigned int chunk_shift,
		      unsigned int device)
{
	static const struct fs2_template template = {
		.hw_id = 0x190,
		.chip_revision = 0xa0,
		.firmware = { 2, 7, 0 },
		.date = 0x20100315,
		.psid = "MT_0920110004",
		.name = "sample",
		.mac = { { 0, 2, 0xc9, 0, 0, 0xbb },
			 { 0, 2, 0xc9, 0, 0, 0xbc } },
	};
	struct fs2_template mine = template;

	mine.device = device;
	mine.chunk_shift = chunk_shift;
	must(fs2_make(&mine, out));
}

void sample_rom(struct buffer *out, unsigned int size, unsigned int seed)
{
	sample_rom_for(out, size, seed, SAMPLE_DEVICE);
}

void sample_rom_for(struct buffer *out, unsigned int size, unsigned int seed,
		    unsigned int device)
{
	static const uint8_t pcir[] = { 'P',  'C',  'I', 'R', 0xb3, 0x15,
					0x68, 0x63, 0,	 0,   28,   0,
					3,    0,    0,	 2 };
	/* F3's example: 25448, 1.5.5 */
	static const uint8_t trailer[] = { 'm', 'l', 'x', 's',	'i',  'g', 'n',
					   ':', 1,   0,	  0x10, 0,    5,   0,
					   5,	0,   1,	  0,	0x68, 0x63 };
	/*
	 * cld; dx = 0x402 (the debug console); si = 0xa0 (the text);
	 * until a zero: out dx, al; far return
	 */
	static const uint8_t code[] = { 0x50, 0x52, 0x56, 0xfc, 0xba, 0x02,
					0x04, 0xbe, 0xa0, 0x00, 0x2e, 0xac,
					0x84, 0xc0, 0x74, 0x03, 0xee, 0xeb,
					0xf7, 0x5e, 0x5a, 0x58, 0xcb };
	static const uint8_t jump[] = { 0xe9, 0x7a, 0x00 }; /* from 3 to 0x80 */
	const unsigned int first = 8192;
	char text[64];
	unsigned int name = seed;
	uint8_t sum = 0, *rom;

	must(buffer_add_zeros(out, size));
	rom = out->data;
	for (unsigned int i = 0; i < size; i++) {
		seed = seed * 1103515245 + 12345;
		rom[i] = seed >> 16;
	}
	rom[0] = 0x55;
	rom[1] = 0xaa;
	rom[2] = (size < first ? size : first) / 512;
	rom[0x18] = 0x20;
	rom[0x19] = 0;
	memcpy(rom + 0x20, pcir, sizeof(pcir));
	rom[0x30] = size / 512;
	rom[0x31] = size / 512 >> 8;
	rom[0x34] = 0;
	rom[0x35] = 0x80;
	memcpy(rom + 0x40, trailer, sizeof(trailer));
	rom[0x26] = rom[0x52] = device;
	rom[0x27] = rom[0x53] = device >> 8;
	memcpy(rom + 3, jump, sizeof(jump));
	memcpy(rom + 0x80, code, sizeof(code));
	snprintf(text, sizeof(text), "\nsample ROM %u of %u bytes runs\n", name,
		 size);
	memcpy(rom + 0xa0, text, strlen(text) + 1);
	for (unsigned int i = 0; i < rom[2] * 512u; i++)
		sum += rom[i];
	rom[6] -= sum;
}

void sample_with_rom(struct buffer *out, const struct buffer *image,
		     const struct buffer *rom)
{
	struct fs2_image read;

	must(fs2_read(&read, image->data, image->size, NULL));
	must(fs2_with_rom(&read, rom->data, rom->size, out, NULL));
}
