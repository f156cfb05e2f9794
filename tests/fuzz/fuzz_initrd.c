// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as an initrd: read, and where they are one, laid over. What is
 * written must be read back with every file in it, whatever the base holds.
 */
#include "tools/lib/codec/codec.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/image/image.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/image/rebuilt.h"
#include "tools/lib/image/splice.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Paths that a base may have as anything: links, directories, hard links */
static int fill(struct overlay *o)
{
	return overlay_add(o, IMAGE_MARKER, S_IFREG | 0644, "x\nbase-size 0\n",
			   14, NULL) ||
	       overlay_add(o, "init", S_IFREG | 0755, "init", 4, NULL) ||
	       overlay_add(o, "a/b/c", S_IFREG | 0644, "abc", 3, NULL) ||
	       overlay_add(o, "lib/x", S_IFLNK | 0777, "y", 1, NULL) ||
	       overlay_add_device(o, "a/kmsg", S_IFCHR | 0600, 1, 11, NULL);
}

static void write_back(const struct image *image, const uint8_t *data)
{
	struct buffer archive = { 0 };
	struct buffer whole = { 0 };
	struct overlay overlay = { 0 };
	struct splice splice = { 0 };
	const struct codec *codec;
	struct image again = { .accept_own = true };
	int err;

	if (fill(&overlay))
		abort();
	/* Fast, so that the fuzzer gets somewhere */
	codec = overlay_codec(image);
	if (codec == &codec_xz || codec == &codec_lzma)
		goto out;
	if (overlay_archive(&overlay, image, &archive, NULL))
		goto out;
	err = splice_plan(&splice, image, codec, &archive, NULL);
	if (err && (err != -ENOTSUP || !splice.torn))
		abort();
	if (err)
		goto out;
	buffer_add(&whole, data, splice.head);
	buffer_add_zeros(&whole, splice.zeros);
	buffer_add(&whole, data + splice.tail_begin,
		   splice.tail_end - splice.tail_begin);
	buffer_add(&whole, splice.insert.data, splice.insert.size);
	buffer_add(&whole, data + splice.rest_begin,
		   image->size - splice.rest_begin);
	if (whole.size != splice.total)
		abort();
	if (image_read(&again, whole.data, whole.size, NULL) ||
	    overlay_verify(&overlay, &again, NULL))
		abort();
out:
	image_free(&again);
	buffer_free(&splice.insert);
	buffer_free(&whole);
	buffer_free(&archive);
	overlay_free(&overlay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image = { 0 };

	if (!image_read(&image, data, size, NULL)) {
		write_back(&image, data);
		if (rebuilt(&image))
			rebuilt_undo(&image, NULL);
	}
	image_free(&image);
	return 0;
}
