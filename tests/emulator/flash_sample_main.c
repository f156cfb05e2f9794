// SPDX-License-Identifier: GPL-2.0-only
/*
 * flash-sample FOLDER [DEVICE [SIZE [SEED]]]: the files "rom", which a card takes, and
 * "image", which holds it and no firmware.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/tools/flash_sample.h"

static int write_file(const char *folder, const char *name,
		      const struct buffer *bytes)
{
	char path[4096];
	FILE *file;
	size_t done;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "wb");
	if (!file) {
		perror(path);
		return 1;
	}
	done = fwrite(bytes->data, 1, bytes->size, file);
	return fclose(file) || done != bytes->size;
}

int main(int argc, char **argv)
{
	unsigned int device = argc > 2 ? atoi(argv[2]) : SAMPLE_DEVICE;
	unsigned int size = argc > 3 ? atoi(argv[3]) : 8192;
	unsigned int seed = argc > 4 ? atoi(argv[4]) : 1;
	struct buffer plain = { 0 }, rom = { 0 }, image = { 0 };
	int failed;

	if (argc < 2)
		return 2;
	sample_image_for(&plain, 18, device);
	sample_rom_for(&rom, size, seed, device);
	sample_with_rom(&image, &plain, &rom);
	failed = write_file(argv[1], "rom", &rom) ||
		 write_file(argv[1], "image", &image);
	buffer_free(&plain);
	buffer_free(&rom);
	buffer_free(&image);
	return failed;
}
