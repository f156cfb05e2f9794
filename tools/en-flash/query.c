// SPDX-License-Identifier: GPL-2.0-only
/* The listing of the user's manual, 3.1, and the same as JSON. */
#include <stdio.h>

#include "tools/en-flash/change.h"
#include "tools/en-flash/source.h"
#include "tools/en-flash/verbs.h"
#include "tools/lib/rom/rom_trailer.h"
#include "tools/lib/base/json_text.h"

#define IMAGE_TYPE "ConnectX"

static void mac_text(char text[18], const uint8_t mac[6])
{
	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
		 mac[2], mac[3], mac[4], mac[5]);
}

static void version_text(char *text, size_t size,
			 const struct fs2_version *version)
{
	snprintf(text, size, "%u.%u.%04u", version->major, version->minor,
		 version->subminor);
}

/* What runs, where it is not what is in the flash: "" else */
static int running_text(char *text, size_t size, struct source *s,
			struct failure *why)
{
	const struct fs2_version *fw = &s->info.firmware;
	struct fs2_version running = { 0 };
	int err = 0;

	*text = 0;
	if (s->is_card)
		err = card_running_version(&s->flash, &running, why);
	if (!err && running.major &&
	    (running.major != fw->major || running.minor != fw->minor ||
	     running.subminor != fw->subminor))
		version_text(text, size, &running);
	return err;
}

static void print_text(const struct source *s, const char *running)
{
	const struct fs2_info *info = &s->info;
	struct fs2_guids guids;
	char version[32], mac[2][18];

	fs2_read_guids(&guids, &s->copy.image);
	version_text(version, sizeof(version), &info->firmware);
	mac_text(mac[0], guids.mac[0]);
	mac_text(mac[1], guids.mac[1]);
	printf("Image type:      " IMAGE_TYPE "\n");
	printf("FW Version:      %s\n", version);
	if (*running)
		printf("FW running:      %s\n", running);
	if (info->year)
		printf("FW Release Date: %04x-%02x-%02x\n", info->year,
		       info->month, info->day);
	print_roms("Rom Info:        ", &s->copy.image);
	printf("Device ID:       %u\n", info->device);
	printf("Chip Revision:   %X\n", s->copy.image.chip_revision);
	printf("Description:     Port1              Port2\n");
	if (guids.blank)
		printf("MACs:            n/a                n/a\n");
	else
		printf("MACs:            %s  %s\n", mac[0], mac[1]);
	printf("Board ID:        n/a (%s)\n", info->psid);
	printf("VSD:             %s\n", *info->vsd ? info->vsd : "n/a");
	printf("PSID:            %s\n", info->psid);
}

static struct json_object *json_roms(const struct fs2_image *image)
{
	struct json_object *list = json_object_new_array();
	struct rom_trailers trailers = { 0 };

	if (image->rom)
		rom_trailers_read(&trailers, image->bytes + image->rom->data,
				  image->rom->size);
	for (size_t i = 0; i < trailers.count; i++) {
		const struct rom_trailer *trailer = &trailers.trailer[i];
		struct json_object *o = json_object_new_object();
		char version[48], text[128];

		snprintf(version, sizeof(version), "%u.%u.%u", trailer->major,
			 trailer->minor, trailer->subminor);
		rom_trailer_text(trailer, text, sizeof(text));
		json_add_text(o, "type", rom_product_name(trailer->product));
		json_add_text(o, "version", version);
		json_add_number(o, "device_id", trailer->device);
		json_add_text(o, "text", text);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *json_flash(const struct source *s)
{
	struct json_object *o = json_object_new_object();
	char jedec[8];

	json_add_number(o, "size", s->chip->size);
	if (s->is_card) {
		snprintf(jedec, sizeof(jedec), "%06x", s->flash.jedec);
		json_add_text(o, "jedec_id", jedec);
	}
	json_add_number(o, "image_at", s->copy.place.start);
	json_add_flag(o, "failsafe", s->copy.image.failsafe);
	json_add_number(o, "other_signatures", s->copy.others);
	return o;
}

static int print_json(const struct source *s, const char *running)
{
	const struct fs2_image *image = &s->copy.image;
	const struct fs2_info *info = &s->info;
	struct json_object *o = json_object_new_object();
	struct json_object *macs = json_object_new_array();
	struct buffer out = { 0 };
	struct fs2_guids guids;
	char text[32];
	int err;

	fs2_read_guids(&guids, image);
	json_add_text(o, "image_type", IMAGE_TYPE);
	version_text(text, sizeof(text), &info->firmware);
	json_add_text(o, "firmware", text);
	if (*running)
		json_add_text(o, "firmware_running", running);
	json_object_object_add(o, "roms", json_roms(image));
	json_add_number(o, "rom_size", image->rom ? image->rom->size : 0);
	json_add_number(o, "device_id", info->device);
	snprintf(text, sizeof(text), "%X", image->chip_revision);
	json_add_text(o, "chip_revision", text);
	for (unsigned int i = 0; i < 2 && !guids.blank; i++) {
		mac_text(text, guids.mac[i]);
		json_object_array_add(macs, json_object_new_string(text));
	}
	json_object_object_add(o, "macs", macs);
	json_add_text(o, "psid", info->psid);
	json_add_text(o, "vsd", info->vsd);
	json_add_number(o, "image_size", image->size);
	if (s->chip)
		json_object_object_add(o, "flash", json_flash(s));
	err = json_append(&out, o);
	if (!err)
		fwrite(out.data, 1, out.size, stdout);
	buffer_free(&out);
	return err;
}

static int run(const struct command *c, struct source *s, struct failure *why)
{
	char running[32];
	int err = running_text(running, sizeof(running), s, why);

	if (err)
		return err;
	if (c->json)
		return print_json(s, running) ?
			       fail(why, -ENOMEM, "out of memory") :
			       0;
	print_text(s, running);
	return 0;
}

const struct verb verb_query = {
	.name = "query",
	.has_json = true,
	.run = run,
};
