// SPDX-License-Identifier: GPL-2.0-only
#include "rom/mkrom/inspect.h"
#include "include/connectx/rom.h"
#include "rom/lib/payload_format.h"
#include "rom/mkrom/rom.h"
#include "tools/lib/base/json_text.h"

#include <json-c/json.h>
#include <stdio.h>

static const char *code_name(unsigned int type)
{
	switch (type) {
	case CX_ROM_CODE_BIOS:
		return "BIOS";
	case CX_ROM_CODE_EFI:
		return "UEFI";
	case CX_ROM_CODE_DATA:
		return "data";
	default:
		return "other";
	}
}

static struct json_object *images(const struct rom *rom)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < rom->images.count; i++) {
		const struct rom_image *image = &rom->images.image[i];
		struct json_object *o = json_object_new_object();

		json_add_text(o, "type", code_name(image->code_type));
		json_add_number(o, "code_type", image->code_type);
		json_add_number(o, "offset", image->offset);
		json_add_number(o, "size", image->size);
		json_add_number(o, "vendor", image->vendor);
		json_add_number(o, "device", image->device);
		if (image->code_type == CX_ROM_CODE_BIOS)
			json_add_flag(o, "checksum_ok", !image->sum);
		json_object_array_add(list, o);
	}
	return list;
}

static const char *product_name(uint16_t product)
{
	const char *name = rom_product_name(product);

	return name ? name : "other";
}

static struct json_object *trailers(const struct rom *rom)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < rom->trailers.count; i++) {
		const struct rom_trailer *t = &rom->trailers.trailer[i];
		struct json_object *o = json_object_new_object();
		char version[24];

		snprintf(version, sizeof(version), "%u.%u.%u", t->major,
			 t->minor, t->subminor);
		json_add_text(o, "type", product_name(t->product));
		json_add_text(o, "version", version);
		json_add_number(o, "device", t->device);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *parts(const struct rom *rom)
{
	struct json_object *list = json_object_new_array();

	for (uint32_t kind = 1; kind < ROM_PARTS; kind++) {
		const struct rom_part *part = &rom->payload.part[kind];
		struct json_object *o;

		if (!part->data.size)
			continue;
		o = json_object_new_object();
		json_add_text(o, "name", rom_part_name(kind));
		json_add_number(o, "size", part->data.size);
		json_add_number(o, "unpacked", part->unpacked);
		json_object_array_add(list, o);
	}
	return list;
}

/* null, if mkinitrd-en has not made it */
static struct json_object *overlay(const struct rom *rom)
{
	const struct inserted *in = &rom->inserted;
	struct json_object *o;

	if (!in->found)
		return NULL;
	o = json_object_new_object();
	json_add_text(o, "version", in->version);
	json_add_text(o, "kernel", in->kernel);
	json_add_text(o, "iscsi_target", in->target);
	return o;
}

static void print_overlay(const struct rom *rom)
{
	const struct inserted *in = &rom->inserted;

	if (!rom->payload.part[PAYLOAD_OVERLAY].data.size)
		return;
	if (!in->found)
		puts("overlay   not made by mkinitrd-en");
	else
		printf("overlay   for kernel %s, iSCSI target %s\n",
		       in->kernel ? in->kernel : "unknown",
		       in->target ? in->target : "none");
}

static void print_json(const struct rom *rom, const char *wrong)
{
	const struct settings *s = &rom->settings;
	struct json_object *o = json_object_new_object();
	struct json_object *settings = json_object_new_object();

	json_add_number(o, "device", rom->device);
	json_add_number(o, "size", rom->size);
	json_add_text(o, "version", s->version);
	json_add_text(settings, "banner", s->banner);
	json_add_number(settings, "timeout", s->timeout);
	json_add_number(settings, "vlan", s->vlan);
	json_object_object_add(o, "settings", settings);
	json_object_object_add(o, "images", images(rom));
	json_object_object_add(o, "trailers", trailers(rom));
	json_object_object_add(o, "parts", parts(rom));
	json_object_object_add(o, "overlay", overlay(rom));
	json_object_object_add(o, "wrong",
			       wrong ? json_object_new_string(wrong) : NULL);
	puts(json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static void print_text(const struct rom *rom)
{
	const struct settings *s = &rom->settings;

	printf("device    %u (0x%04x)\n", rom->device, rom->device);
	printf("size      %zu bytes\n", rom->size);
	for (size_t i = 0; i < rom->images.count; i++) {
		const struct rom_image *image = &rom->images.image[i];

		printf("image     %-5s at 0x%06zx, %7zu bytes, for %04x:%04x%s\n",
		       code_name(image->code_type), image->offset, image->size,
		       image->vendor, image->device,
		       image->sum ? ", WRONG CHECKSUM" : "");
	}
	for (size_t i = 0; i < rom->trailers.count; i++) {
		const struct rom_trailer *t = &rom->trailers.trailer[i];

		printf("trailer   %-5s version %u.%u.%u, device %u\n",
		       product_name(t->product), t->major, t->minor,
		       t->subminor, t->device);
	}
	for (uint32_t kind = 1; kind < ROM_PARTS; kind++) {
		const struct rom_part *part = &rom->payload.part[kind];

		if (part->data.size)
			printf("part      %-8s %7zu bytes, unpacked %7u\n",
			       rom_part_name(kind), part->data.size,
			       part->unpacked);
	}
	if (!*s->version)
		return;
	printf("version   %s\nbanner    %s\n", s->version, s->banner);
	printf("timeout   %u s\n", s->timeout);
	if (s->vlan)
		printf("VLAN      %u\n", s->vlan);
	else
		puts("VLAN      none");
	print_overlay(rom);
}

void inspect(const struct rom *rom, const char *wrong, bool json)
{
	if (json)
		print_json(rom, wrong);
	else
		print_text(rom);
}
