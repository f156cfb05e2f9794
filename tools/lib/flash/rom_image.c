// SPDX-License-Identifier: GPL-2.0-only
#include "tools/lib/flash/rom_image.h"

#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>

#include "connectx/ids.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/flash/fs2.h"

/* PCI Firmware Specification: header of an image and its data structure */
#define ROM_BLOCK 512u
#define ROM_SIZE_BYTE 2
#define ROM_PCIR_POINTER 0x18
#define ROM_HEADER 0x1a
#define PCIR_VENDOR 0x04
#define PCIR_DEVICE 0x06
#define PCIR_DEVICE_LIST 0x08 /* from revision 3 on */
#define PCIR_REVISION 0x0c
#define PCIR_BLOCKS 0x10
#define PCIR_TYPE 0x14
#define PCIR_INDICATOR 0x15
#define PCIR_SIZE 0x18
#define PCIR_LAST 0x80
#define TYPE_X86 0

/* Fields as of a big-endian structure: each dword is turned round. */
static void read_trailer(struct rom_trailer *trailer, const uint8_t *at)
{
	uint8_t words[12];

	for (unsigned int i = 0; i < sizeof(words); i += 4)
		put_be32(words + i, get_le32(at + i));
	trailer->product = cx_get(words, CX_ROM_TRAILER_PRODUCT);
	trailer->major = cx_get(words, CX_ROM_TRAILER_MAJOR);
	trailer->minor = cx_get(words, CX_ROM_TRAILER_MINOR);
	trailer->subminor = cx_get(words, CX_ROM_TRAILER_SUBMINOR);
	trailer->device = cx_get(words, CX_ROM_TRAILER_DEVICE);
	trailer->port = cx_get(words, CX_ROM_TRAILER_PORT);
	trailer->cpu = cx_get(words, CX_ROM_TRAILER_CPU);
	trailer->protocol = cx_get(words, CX_ROM_TRAILER_PROTOCOL);
}

void rom_find_trailers(struct rom_image *rom, const uint8_t *bytes, size_t size)
{
	const uint8_t *at = bytes, *end = bytes + size;

	*rom = (struct rom_image){ .bytes = bytes, .size = size };
	while (rom->count < CX_ROM_TRAILERS_MOST &&
	       end - at >= CX_ROM_TRAILER_SIZE) {
		struct rom_trailer *trailer = &rom->trailers[rom->count];

		at = memmem(at, end - at, CX_ROM_TRAILER_MAGIC,
			    CX_ROM_TRAILER_MAGIC_SIZE);
		if (!at || end - at < CX_ROM_TRAILER_SIZE)
			break;
		trailer->at = at - bytes;
		read_trailer(trailer, at + CX_ROM_TRAILER_MAGIC_SIZE);
		rom->count++;
		at += CX_ROM_TRAILER_SIZE;
	}
}

static bool device_listed(const uint8_t *pcir, size_t left, uint16_t device)
{
	size_t at = get_le16(pcir + PCIR_DEVICE_LIST);

	if (get_le16(pcir + PCIR_DEVICE) == device)
		return true;
	if (pcir[PCIR_REVISION] < 3 || !at)
		return false;
	for (; at + 2 <= left && get_le16(pcir + at); at += 2)
		if (get_le16(pcir + at) == device)
			return true;
	return false;
}

static int check_device(const uint8_t *pcir, size_t left, uint16_t device,
			size_t at, struct failure *why)
{
	unsigned int vendor = get_le16(pcir + PCIR_VENDOR);

	if (vendor != CX_PCI_VENDOR_ID)
		return fail(why, -EINVAL,
			    "the image at 0x%zx is for a device of vendor"
			    " %04x, not of Mellanox (15b3): take the ROM of"
			    " this card",
			    at, vendor);
	if (!device_listed(pcir, left, device))
		return fail(why, -EINVAL,
			    "the image at 0x%zx is for device %u (%04x), the"
			    " card is %u (%04x): take the ROM of that id",
			    at, get_le16(pcir + PCIR_DEVICE),
			    get_le16(pcir + PCIR_DEVICE), device, device);
	return 0;
}

/* A BIOS drops an image whose bytes do not add up, without a word. */
static int check_sum(const uint8_t *image, size_t left, size_t at,
		     struct failure *why)
{
	size_t size = image[ROM_SIZE_BYTE] * ROM_BLOCK;
	uint8_t sum = 0;

	if (!size || size > left)
		return fail(why, -EINVAL,
			    "the image at 0x%zx says that it has %zu bytes,"
			    " and %zu are there: the file is damaged or cut"
			    " off, fetch it again",
			    at, size, left);
	for (size_t i = 0; i < size; i++)
		sum += image[i];
	if (sum)
		return fail(why, -EINVAL,
			    "the checksum of the image at 0x%zx is wrong (sum"
			    " 0x%02x): the file is damaged, fetch it again",
			    at, sum);
	return 0;
}

/* One image of the chain; *@at moves behind it, *@last: there is no other. */
static int check_image(const struct rom_image *rom, uint16_t device, size_t *at,
		       bool *last, struct failure *why)
{
	const uint8_t *image = rom->bytes + *at;
	size_t left = rom->size - *at, size, pcir;
	int err;

	if (left < ROM_HEADER || image[0] != 0x55 || image[1] != 0xaa)
		return fail(why, -EINVAL,
			    "no expansion ROM image at 0x%zx (55 aa is"
			    " missing): is this the right file, and whole?",
			    *at);
	pcir = get_le16(image + ROM_PCIR_POINTER);
	if (left < PCIR_SIZE || pcir > left - PCIR_SIZE ||
	    memcmp(image + pcir, "PCIR", 4))
		return fail(why, -EINVAL,
			    "the image at 0x%zx does not say which device it"
			    " is for (no PCIR at 0x%zx)",
			    *at, *at + pcir);
	size = get_le16(image + pcir + PCIR_BLOCKS) * ROM_BLOCK;
	if (!size || size > left)
		return fail(why, -EINVAL,
			    "the image at 0x%zx should have %zu bytes, and %zu"
			    " are there: the file is cut off, fetch it again",
			    *at, size, left);
	err = check_device(image + pcir, left - pcir, device, *at, why);
	if (!err && image[pcir + PCIR_TYPE] == TYPE_X86)
		err = check_sum(image, left, *at, why);
	*last = image[pcir + PCIR_INDICATOR] & PCIR_LAST;
	*at += size;
	return err;
}

static int check_trailers(const struct rom_image *rom, uint16_t device,
			  struct failure *why)
{
	if (!rom->count)
		return fail(why, -EINVAL,
			    "the ROM has no trailer (mlxsign:) that says what"
			    " it is and for which card");
	for (unsigned int i = 0; i < rom->count; i++) {
		uint16_t other = rom->trailers[i].device;

		if (other && other != device)
			return fail(why, -EINVAL,
				    "the ROM is for device %u, as its trailer"
				    " at 0x%x says; the card is %u: take the"
				    " ROM of that id",
				    other, rom->trailers[i].at, device);
	}
	return 0;
}

static bool holds_firmware(const struct rom_image *rom)
{
	for (size_t at = 0; at + CX_FS2_MAGIC_SIZE <= rom->size; at += 4)
		if (fs2_signature(rom->bytes + at))
			return true;
	return false;
}

int rom_check(const struct rom_image *rom, uint16_t device, struct failure *why)
{
	bool last = false;
	size_t at = 0;
	int err;

	if (holds_firmware(rom))
		return fail(why, -EINVAL,
			    "a firmware image, not an expansion ROM");
	if (!rom->size || rom->size % 4)
		return fail(why, -EINVAL,
			    "%zu bytes: the size of a ROM is a multiple of 4,"
			    " so this one is damaged or cut off",
			    rom->size);
	err = check_image(rom, device, &at, &last, why);
	while (!err && !last)
		err = check_image(rom, device, &at, &last, why);
	return err ? err : check_trailers(rom, device, why);
}

const char *rom_product_name(unsigned int product)
{
#define NAME(number, name, text) \
	case number:             \
		return text;
	switch (product) {
		CX_ROM_PRODUCTS(NAME)
	}
#undef NAME
	return NULL;
}

static const char *cpu_name(unsigned int cpu)
{
#define NAME(number, text) \
	case number:       \
		return text;
	switch (cpu) {
		CX_ROM_CPUS(NAME)
	}
	return NULL;
}

static const char *protocol_name(unsigned int protocol)
{
	switch (protocol) {
		CX_ROM_PROTOCOLS(NAME)
	}
#undef NAME
	return NULL;
}

void rom_trailer_text(const struct rom_trailer *trailer, char *text,
		      size_t size)
{
	const char *product = rom_product_name(trailer->product);
	const char *cpu = cpu_name(trailer->cpu);
	const char *protocol = protocol_name(trailer->protocol);
	char number[16], port[24] = "";

	snprintf(number, sizeof(number), "0x%x", trailer->product);
	if (trailer->port)
		snprintf(port, sizeof(port), " port=%u", trailer->port);
	snprintf(text, size, "type=%s version=%u.%u.%u%s%s%s%s%s",
		 product ? product : number, trailer->major, trailer->minor,
		 trailer->subminor, port, cpu ? " cpu=" : "", cpu ? cpu : "",
		 protocol ? " proto=" : "", protocol ? protocol : "");
}
