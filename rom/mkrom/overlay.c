// SPDX-License-Identifier: GPL-2.0-only
#include "rom/mkrom/overlay.h"
#include "rom/lib/payload_format.h"
#include "rom/mkrom/rom.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/codec/codec.h"
#include "tools/lib/image/image.h"

#include <string.h>

#define UNPACKED_MAX (16u << 20)

/*
 * All of it as one archive: the ROM's own packing makes it smaller than that of
 * an initrd.
 */
static int unpack(const struct image *image, struct buffer *archive,
		  struct failure *why)
{
	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *s = &image->segments[i];
		size_t padding = s->continued ? 0 : -archive->size & 3;
		int err = buffer_add_zeros(archive, padding);

		if (!err && s->codec)
			err = codec_decode(s->codec, image->data + s->offset,
					   s->size, archive, UNPACKED_MAX, why);
		else if (!err)
			err = buffer_add(archive, image->data + s->offset,
					 s->size);
		if (err == -ENOMEM)
			return fail(why, err, "no memory");
		if (err)
			return err;
	}
	return 0;
}

/* An overlay behind an initrd must be one that a kernel reads to its end. */
static int read_archive(const struct buffer *file, struct buffer *archive,
			struct failure *why)
{
	struct image image = { .accept_own = true };
	int err = image_read(&image, file->data, file->size, why);

	if (!err && image.end != image.size)
		err = fail(why, -EINVAL,
			   "a bootconfig is at its end: it is a whole initrd,"
			   " no overlay");
	for (size_t i = 0; !err && i < image.n_segments; i++)
		if (image.segments[i].early)
			err = fail(why, -EINVAL,
				   "microcode or ACPI tables are in it: a"
				   " kernel looks for them at the initrd's"
				   " start alone");
	if (!err)
		err = unpack(&image, archive, why);
	image_free(&image);
	return err;
}

/*
 * The ROM's own code is what this mkrom carries: that of an earlier one may
 * not know of overlays, and would leave it where it is without a word.
 */
static int check_code(const struct rom *rom, struct failure *why)
{
	struct buffer heads = { 0 };
	int err = rom_heads(&heads, rom->device, why);

	if (!err && (heads.size != rom->heads.size ||
		     memcmp(heads.data, rom->heads.data, heads.size)))
		err = fail(why, -EINVAL,
			   "the ROM was made by another version of mkrom:"
			   " build it anew with --initrd-overlay");
	buffer_free(&heads);
	return err;
}

int overlay_set(struct rom *rom, const char *path, struct failure *why)
{
	struct buffer file = { 0 }, archive = { 0 };
	int err;

	if (!*path)
		return rom_part_set(&rom->payload, PAYLOAD_OVERLAY, "", 0, why);
	err = check_code(rom, why);
	if (err)
		return err;
	err = buffer_read_file(&file, path, UNPACKED_MAX, why);
	if (!err) {
		err = read_archive(&file, &archive, why);
		if (err)
			fail_in(why, err, "%s", path);
	}
	if (!err)
		err = rom_part_pack(&rom->payload, PAYLOAD_OVERLAY,
				    archive.data, archive.size, why);
	buffer_free(&archive);
	buffer_free(&file);
	return err;
}

int overlay_read(struct rom *rom, struct failure *why)
{
	struct image image = { .accept_own = true };
	struct buffer archive = { 0 };
	int err = 0;

	if (!rom->payload.part[PAYLOAD_OVERLAY].data.size)
		return 0;
	err = rom_part_unpack(&rom->payload, PAYLOAD_OVERLAY, &archive, why);
	if (!err)
		err = image_read(&image, archive.data, archive.size, why);
	if (!err)
		err = inserted_read(&rom->inserted, &image, why);
	image_free(&image);
	buffer_free(&archive);
	return err;
}
