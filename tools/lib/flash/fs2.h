/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A firmware image of the ConnectX family ("FS2") as one run of bytes: what is
 * in it, whether it is whole, the same with another expansion ROM, and a
 * synthetic one for a card that has no firmware. Where images lie in a flash
 * is said by copies.h.
 */
#ifndef TOOLS_LIB_FLASH_FS2_H
#define TOOLS_LIB_FLASH_FS2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectx/flash.h"

struct buffer;
struct failure;

#define FS2_SECTIONS_MAX 64
#define FS2_HW_IDS_MAX 8

struct fs2_section {
	uint32_t type; /* CX_FS2_... */
	uint32_t at; /* of its header */
	uint32_t data; /* of its contents */
	uint32_t size; /* of its contents, in bytes */
	bool blank; /* GUIDs that nobody has set */
};

struct fs2_image {
	const uint8_t *bytes; /* the caller's */
	uint32_t size;
	uint32_t sections_at; /* behind BOOT2 */
	uint8_t chip_revision;
	bool failsafe;
	unsigned int chunk_shift; /* log2 of a stripe */
	bool packed; /* no gap between sections nor behind the last one */
	unsigned int count;
	struct fs2_section sections[FS2_SECTIONS_MAX];
	/* Of those, or NULL; an image that was read has GUIDs and info */
	const struct fs2_section *rom, *guid, *info;
};

struct fs2_version {
	unsigned int major, minor, subminor;
};

/* What the section "image info" says */
struct fs2_info {
	struct fs2_version firmware;
	unsigned int year, month, day; /* as written: BCD; year 0: none */
	uint16_t device; /* PCI device id */
	char psid[CX_FS2_PSID_SIZE + 1];
	char vsd[CX_FS2_VSD_SIZE + 1];
	bool product_version; /* of firmware and ROM together */
	bool image_crc;
	uint32_t hw_ids[FS2_HW_IDS_MAX];
	unsigned int hw_id_count;
};

struct fs2_guids {
	uint64_t guid[4]; /* node, port 1, port 2, system image */
	uint8_t mac[2][6];
	bool blank;
};

/* Whether @bytes, 16 of them, are the signature that an image begins with. */
bool fs2_signature(const uint8_t *bytes);

/**
 * fs2_read - read an image and check every checksum in it
 * @bytes: begin with the image and stay the caller's; @size may be more
 *
 * Return: 0, or -EBADMSG with a message that names the place: no word of the
 * image can be trusted then.
 */
int fs2_read(struct fs2_image *image, const uint8_t *bytes, size_t size,
	     struct failure *why);

/* 0 or -EBADMSG with a message. */
int fs2_read_info(struct fs2_info *info, const struct fs2_image *image,
		  struct failure *why);
void fs2_read_guids(struct fs2_guids *guids, const struct fs2_image *image);

const char *fs2_section_name(uint32_t type);

/**
 * fs2_with_rom - the same image with another expansion ROM, or without
 * @rom: a multiple of 4 bytes; NULL: none
 * @out: gets the new image; all other sections keep their bytes
 *
 * Return: 0, -ENOMEM, or -ENOTSUP with a message: the image holds what must
 * not be moved.
 */
int fs2_with_rom(const struct fs2_image *image, const uint8_t *rom,
		 size_t rom_size, struct buffer *out, struct failure *why);

/*
 * Whether all sections but ROMs have the same contents in both, in the same
 * order; false with a message else.
 */
bool fs2_same_firmware(const struct fs2_image *a, const struct fs2_image *b,
		       struct failure *why);

/* What a synthetic image says of the card that it is for */
struct fs2_template {
	uint16_t device;
	uint16_t hw_id;
	uint8_t chip_revision;
	unsigned int chunk_shift;
	struct fs2_version firmware;
	uint32_t date; /* BCD: 0x20100315 */
	const char *psid, *name;
	uint8_t mac[2][6];
};

/* Appends an image without firmware. 0, or -ENOMEM. */
int fs2_make(const struct fs2_template *template, struct buffer *out);

#endif
