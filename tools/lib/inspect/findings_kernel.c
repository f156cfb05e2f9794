// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel was built without, and the image needs. */
#include "tools/lib/codec/codec.h"
#include "tools/lib/image/image.h"
#include "tools/lib/inspect/findings.h"
#include "tools/lib/modules/kernel_config.h"

#include <ctype.h>
#include <stdio.h>

static void check_codec(struct findings *f, const struct image *image, size_t i,
			const struct kernel_config *c)
{
	const char *name = segment_codec_name(&image->segments[i]);
	char option[32] = "RD_";

	for (size_t at = 0; name[at] && at < sizeof(option) - 4; at++)
		option[3 + at] = toupper(name[at]);
	if (!kernel_config_has(c, option))
		findings_add(f, image, true, i,
			     "%s: the kernel cannot read it: %s has no"
			     " CONFIG_%s=y",
			     name, c->source, option);
}

void findings_kernel(struct findings *f, const struct image *image,
		     const struct kernel_config *c)
{
	if (!kernel_config_known(c))
		return;
	if (!kernel_config_has(c, "BLK_DEV_INITRD")) {
		findings_add(f, image, true, FINDING_NOWHERE,
			     "the kernel reads no initrd at all: %s has no"
			     " CONFIG_BLK_DEV_INITRD=y",
			     c->source);
		return;
	}
	for (size_t i = 0; i < image->n_segments; i++) {
		if (image->segments[i].codec)
			check_codec(f, image, i, c);
	}
}
