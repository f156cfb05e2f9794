// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only verb that writes firmware: the card's own, as it was. Another card's
 * image would bring its addresses along, or end this one.
 */
#include <stdio.h>
#include <string.h>

#include "tools/en-flash/change.h"
#include "tools/en-flash/source.h"
#include "tools/en-flash/verbs.h"

static int check_card(const struct source *s, const struct fs2_info *info,
		      struct failure *why)
{
	uint32_t id = s->flash.hw_id | (uint32_t)s->flash.revision << 16;

	if (info->device != s->card.device)
		return fail(why, -EINVAL,
			    "is for device %u, the card is %u: take a backup"
			    " of this card",
			    info->device, s->card.device);
	for (unsigned int i = 0; i < info->hw_id_count; i++) {
		if (info->hw_ids[i] == id || info->hw_ids[i] == s->flash.hw_id)
			return 0;
	}
	if (!info->hw_id_count)
		return 0;
	return fail(why, -EINVAL,
		    "is for hardware 0x%08x, the card is 0x%08x: take a backup"
		    " of this card",
		    info->hw_ids[0], id);
}

static bool same_guids(const struct fs2_image *a, const struct fs2_image *b)
{
	return !memcmp(a->bytes + a->guid->data, b->bytes + b->guid->data,
		       CX_FS2_GUID_SIZE);
}

static int check_old(const struct source *s, const struct fs2_image *image,
		     const struct fs2_info *info, struct failure *why)
{
	struct fs2_guids old, new;

	if (info->device != s->info.device ||
	    strcmp(info->psid, s->info.psid) != 0)
		return fail(why, -EINVAL,
			    "is for device %u, board %s; what is in the flash"
			    " is for %u, %s: take a backup of this card",
			    info->device, info->psid, s->info.device,
			    s->info.psid);
	fs2_read_guids(&old, &s->copy.image);
	fs2_read_guids(&new, image);
	if (!old.blank && !same_guids(&s->copy.image, image))
		return fail(why, -EINVAL,
			    "is of another card: its first MAC address is"
			    " %02x:%02x:%02x:%02x:%02x:%02x, this one's is"
			    " %02x:%02x:%02x:%02x:%02x:%02x",
			    new.mac[0][0], new.mac[0][1], new.mac[0][2],
			    new.mac[0][3], new.mac[0][4], new.mac[0][5],
			    old.mac[0][0], old.mac[0][1], old.mac[0][2],
			    old.mac[0][3], old.mac[0][4], old.mac[0][5]);
	return 0;
}

static int burn(struct source *s, const struct buffer *bytes,
		struct failure *why)
{
	struct fs2_image image;
	struct fs2_info info;
	int err = fs2_read(&image, bytes->data, bytes->size, why);

	if (!err)
		err = fs2_read_info(&info, &image, why);
	if (!err && s->is_card)
		err = check_card(s, &info, why);
	if (!err && s->whole)
		err = check_old(s, &image, &info, why);
	if (err)
		return err;
	err = source_replace(s, &image, why);
	if (err)
		return err;
	print_roms("ROM:             ", &image);
	printf("restored:        %u bytes\n", image.size);
	say_power_cycle(s);
	return 0;
}

static int run(const struct command *c, struct source *s, struct failure *why)
{
	struct buffer bytes = { 0 };
	int err = buffer_read_file(&bytes, c->file, 32u << 20, why);

	if (err)
		return err;
	err = burn(s, &bytes, why);
	buffer_free(&bytes);
	return err ? fail_in(why, err, "%s", c->file) : 0;
}

const struct verb verb_restore = {
	.name = "restore",
	.file = VERB_READS_FILE,
	.damaged = true,
	.run = run,
};
