// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/modules/firmware.h"

#include "tools/lib/image/image.h"

#include <stdio.h>

/* Where drivers/base/firmware_loader/main.c looks, in its order */
static const struct {
	const char *folder;
	bool of_release;
} places[] = {
	{ "lib/firmware/updates/", true },
	{ "lib/firmware/updates/", false },
	{ "lib/firmware/", true },
	{ "lib/firmware/", false },
};

bool firmware_found(const struct image *image, const char *kernel,
		    const char *file)
{
	static const char *const ends[] = { "", ".xz", ".zst" };
	char path[TREE_PATH_MAX];

	for (size_t i = 0; i < 12; i++) {
		bool of_release = places[i / 3].of_release;

		snprintf(path, sizeof(path), "%s%s%s%s%s", places[i / 3].folder,
			 of_release ? kernel : "", of_release ? "/" : "", file,
			 ends[i % 3]);
		if (tree_lookup(image->tree, path, true))
			return true;
	}
	return false;
}
