// SPDX-License-Identifier: GPL-2.0-only
#include "rom/mkrom/rom.h"
#include "include/connectx/rom.h"
#include "rom/lib/payload_format.h"
#include "rom/mkrom/embedded.h"
#include "rom/mkrom/options.h"
#include "rom/mkrom/overlay.h"
#include "tools/lib/base/atomic_file.h"
#include "tools/lib/base/bytes.h"
#include "tools/lib/base/failure.h"
#include "tools/lib/base/linux_setup.h"

#include <stdio.h>
#include <string.h>

#define PROGRAM_MAX (16u << 20)
#define SCRIPT_MAX 65536

void rom_free(struct rom *rom)
{
	inserted_free(&rom->inserted);
	buffer_free(&rom->heads);
	rom_payload_free(&rom->payload);
}

int rom_read(struct rom *rom, const uint8_t *data, size_t size,
	     struct failure *why)
{
	const struct rom_image *last;
	int err;

	rom->size = size;
	rom_trailers_read(&rom->trailers, data, size);
	err = rom_images_read(data, size, &rom->images, why);
	if (err)
		return err;
	last = &rom->images.image[rom->images.count - 1];
	rom->device = last->device;
	if (last->code_type != CX_ROM_CODE_DATA || rom->images.count < 2)
		return fail(why, -EINVAL,
			    "its last image is no payload: mkrom has not made"
			    " this ROM");
	err = rom_payload_read(&rom->payload, data + last->offset, last->size,
			       why);
	if (err)
		return fail_in(why, err, "the image at 0x%zx", last->offset);
	if (buffer_add(&rom->heads, data, last->offset))
		return fail(why, -ENOMEM, "no memory");
	err = settings_read(&rom->settings,
			    &rom->payload.part[PAYLOAD_SETTINGS].data, why);
	return err ? err : overlay_read(rom, why);
}

/* Reads a file into a part. */
static int read_part(struct rom *rom, uint32_t kind, const char *path,
		     size_t limit, struct failure *why)
{
	struct buffer file = { 0 };
	int err = buffer_read_file(&file, path, limit, why);

	if (!err)
		err = kind == PAYLOAD_UEFI ?
			      rom_part_pack(&rom->payload, kind, file.data,
					    file.size, why) :
			      rom_part_set(&rom->payload, kind, file.data,
					   file.size, why);
	if (!err && !file.size)
		err = fail(why, -EINVAL, "%s: is empty", path);
	buffer_free(&file);
	return err;
}

/* The programs are what the ROM's two parts can start. */
static int check_programs(const struct rom *rom, const struct options *options,
			  struct failure *why)
{
	const struct buffer *bios = &rom->payload.part[PAYLOAD_BIOS].data;

	if (bios->size < 0x400 || memcmp(bios->data + SETUP_MAGIC,
					 SETUP_MAGIC_TEXT, SETUP_MAGIC_SIZE))
		return fail(why, -EINVAL,
			    "%s: not in the form of a Linux kernel, as"
			    " ipxe.lkrn is",
			    options->bios);
	return 0;
}

static int set_script(struct rom *rom, const char *path, struct failure *why)
{
	struct buffer *text = &rom->payload.part[PAYLOAD_BOOT].data;
	int err;

	rom->settings.interruptible = !path || !*path;
	if (rom->settings.interruptible)
		return rom_part_set(&rom->payload, PAYLOAD_BOOT, embedded_boot,
				    embedded_boot_end - embedded_boot, why);
	err = read_part(rom, PAYLOAD_BOOT, path, SCRIPT_MAX, why);
	if (!err && memchr(text->data, 0, text->size))
		err = fail(why, -EINVAL, "%s: has zero bytes, is no script",
			   path);
	/* The last line has an end. */
	if (!err && text->data[text->size - 1] != '\n') {
		if (buffer_add(text, "\n", 1))
			return fail(why, -ENOMEM, "no memory");
		rom->payload.part[PAYLOAD_BOOT].unpacked++;
	}
	return err;
}

static int write_settings(struct rom *rom, const struct options *options,
			  struct failure *why)
{
	struct settings *settings = &rom->settings;
	struct buffer text = { 0 };
	int err = 0;

	if (options->banner)
		err = settings_set_banner(settings, options->banner, why);
	if (!err && options->timeout)
		err = settings_set_timeout(settings, options->timeout, why);
	if (!err && options->vlan)
		err = settings_set_vlan(settings, options->vlan, why);
	if (!err)
		err = settings_write(&text, settings, why);
	if (!err)
		err = rom_part_set(&rom->payload, PAYLOAD_SETTINGS, text.data,
				   text.size, why);
	buffer_free(&text);
	return err;
}

int rom_heads(struct buffer *out, uint16_t device, struct failure *why)
{
	struct rom_version version;
	int err;

	if (sscanf(CONNECTX_EN_VERSION, "%hu.%hu.%hu", &version.major,
		   &version.minor, &version.subminor) != 3)
		return fail(why, -EINVAL, "'%s' is no version",
			    CONNECTX_EN_VERSION);
	err = heads_bios(out, device, &version, why);
	return err ? err : heads_uefi(out, device, &version, why);
}

int rom_build(struct rom *rom, const struct options *options,
	      struct failure *why)
{
	int err;

	rom->device = options->device;
	settings_default(&rom->settings, CONNECTX_EN_VERSION);
	err = rom_heads(&rom->heads, rom->device, why);
	if (!err)
		err = read_part(rom, PAYLOAD_BIOS, options->bios, PROGRAM_MAX,
				why);
	if (!err)
		err = read_part(rom, PAYLOAD_UEFI, options->uefi, PROGRAM_MAX,
				why);
	if (!err)
		err = check_programs(rom, options, why);
	if (!err)
		err = rom_part_set(&rom->payload, PAYLOAD_PORTS, embedded_ports,
				   embedded_ports_end - embedded_ports, why);
	if (!err)
		err = set_script(rom, options->script, why);
	if (!err && options->overlay)
		err = overlay_set(rom, options->overlay, why);
	return err ? err : write_settings(rom, options, why);
}

int rom_set(struct rom *rom, const struct options *options, struct failure *why)
{
	int err = options->script ? set_script(rom, options->script, why) : 0;

	if (!err && options->overlay)
		err = overlay_set(rom, options->overlay, why);
	return err ? err : write_settings(rom, options, why);
}

int rom_write(struct rom *rom, const char *path, struct failure *why)
{
	size_t overlay = rom->payload.part[PAYLOAD_OVERLAY].data.size;
	struct buffer out = { 0 };
	int err = 0;

	if (buffer_add(&out, rom->heads.data, rom->heads.size))
		err = fail(why, -ENOMEM, "no memory");
	if (!err)
		err = rom_payload_write(&out, &rom->payload, rom->device, why);
	if (!err && out.size > ROM_MAX && out.size - overlay <= ROM_MAX)
		err = fail(
			why, -EFBIG,
			"%s: the overlay has %zu bytes when it is packed, but"
			" %zu fit into a ROM of %u",
			path, overlay, overlay - (out.size - ROM_MAX), ROM_MAX);
	else if (!err && out.size > ROM_MAX)
		err = fail(why, -EFBIG,
			   "%s: %zu bytes, but a ROM has at most %u", path,
			   out.size, ROM_MAX);
	if (!err)
		err = atomic_file_put(path, NULL, out.data, out.size, why);
	buffer_free(&out);
	return err;
}
