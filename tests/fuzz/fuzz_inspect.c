// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as an initrd that is looked at: all that inspect, verify and diff
 * find out of it, damaged or not. An image is the same as itself.
 */
#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"
#include "tools/lib/inspect/findings.h"
#include "tools/lib/inspect/inserted.h"
#include "tools/lib/inspect/tree_diff.h"
#include "tools/lib/modules/image_modules.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int differs(void *ctx, const char *path, const struct inode *old,
		   const struct inode *new, unsigned int differences)
{
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image = { .accept_own = true, .like_kernel = true };
	struct findings findings = { 0 };
	struct image_modules modules;
	struct inserted inserted;
	struct failure why = { "" };
	int err;

	image.watch = image_modules_watch(true);
	err = image_read(&image, data, size, &why);
	if (err == -ENOMEM)
		goto out;
	if (image_modules_find(&modules, &image, NULL) ||
	    inserted_read(&inserted, &image, NULL))
		abort();
	findings_image(&findings, &image, &modules);
	findings_inserted(&findings, &image, &inserted, &modules);
	if (err)
		findings_damage(&findings, &image, err, &why);
	if (err && !findings.errors)
		abort();
	tree_diff(image.tree, image.tree, differs, NULL);
	findings_free(&findings);
	inserted_free(&inserted);
	image_modules_free(&modules);
out:
	image_free(&image);
	return 0;
}
