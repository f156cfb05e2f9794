// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as a ROM, as a payload's image, and as what is packed in one. */
#include "rom/lib/lzma_decode.h"
#include "rom/lib/payload_find.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/rom/rom_image.h"
#include "tools/lib/rom/rom_payload.h"
#include "tools/lib/rom/rom_trailer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rom_trailers trailers;
	struct rom_payload payload = { 0 };
	struct lzma_work *work = malloc(lzma_work_size());
	struct payload_table table;
	struct rom_images images;
	struct failure why;
	static uint8_t out[65536];
	const char *text;

	if (!work)
		abort();
	if (!rom_images_read(data, size, &images, &why)) {
		const struct rom_image *last = &images.image[images.count - 1];

		if (last->offset + last->size > size)
			abort();
	}
	rom_trailers_read(&trailers, data, size);
	rom_payload_read(&payload, data, size, &why);
	rom_payload_free(&payload);
	payload_find(data, size, &table, &text);
	lzma_decode(work, data, size, out, sizeof(out));
	free(work);
	return 0;
}
