/* SPDX-License-Identifier: GPL-2.0-only */
/* A whole ROM: what is in it, read and written. */
#ifndef ROM_MKROM_ROM_H
#define ROM_MKROM_ROM_H

#include "rom/mkrom/heads.h"
#include "rom/mkrom/settings.h"
#include "tools/lib/base/buffer.h"
#include "tools/lib/inspect/inserted.h"
#include "tools/lib/rom/rom_image.h"
#include "tools/lib/rom/rom_payload.h"
#include "tools/lib/rom/rom_trailer.h"

struct failure;
struct options;

/* What an adapter with vfio-user can have */
#define ROM_MAX (1u << 20)

struct rom {
	uint16_t device;
	struct buffer heads; /* the images before the payload's */
	struct settings settings;
	struct rom_payload payload;
	/* rom_read: of what was read */
	struct rom_images images;
	struct rom_trailers trailers;
	size_t size;
	struct inserted inserted; /* its overlay: text only, no inodes */
};

void rom_free(struct rom *rom);

/*
 * Reads a ROM that mkrom has made, of @size bytes. 0 or -errno; what could be
 * read is there either way, and rom_free is due.
 */
int rom_read(struct rom *rom, const uint8_t *data, size_t size,
	     struct failure *why);

/* Appends the ROM's first images, with our own code. 0 or -errno. */
int rom_heads(struct buffer *out, uint16_t device, struct failure *why);

/* Makes a new one as the options of build say. 0 or -errno. */
int rom_build(struct rom *rom, const struct options *options,
	      struct failure *why);

/* Changes what the options name. 0 or -errno. */
int rom_set(struct rom *rom, const struct options *options,
	    struct failure *why);

/* Writes it to a file of this name. 0 or -errno. */
int rom_write(struct rom *rom, const char *path, struct failure *why);

#endif
