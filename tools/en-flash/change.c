// SPDX-License-Identifier: GPL-2.0-only
#include "tools/en-flash/change.h"

#include <stdio.h>
#include <string.h>

#include "tools/en-flash/source.h"
#include "tools/lib/flash/fs2.h"
#include "tools/lib/rom/rom_trailer.h"

void print_roms(const char *label, const struct fs2_image *image)
{
	struct rom_trailers trailers = { 0 };
	char text[128];

	if (image->rom)
		rom_trailers_read(&trailers, image->bytes + image->rom->data,
				  image->rom->size);
	if (!trailers.count)
		printf("%s%s\n", label,
		       image->rom ? "N/A (it has no trailer)" : "none");
	for (size_t i = 0; i < trailers.count; i++) {
		const struct rom_trailer *trailer = &trailers.trailer[i];

		rom_trailer_text(trailer, text, sizeof(text));
		printf("%s%s", i ? "                 " : label, text);
		if (trailer->device)
			printf(" devid=%u", trailer->device);
		putchar('\n');
	}
}

/* Rules of the cards' own tools: firmware that looks after its ROM itself */
static int check_firmware(const struct source *s, struct failure *why)
{
	const struct fs2_version *fw = &s->info.firmware;
	const unsigned int have[] = { fw->major, fw->minor, fw->subminor };
	const unsigned int want[] = { CX_FS2_ROM_FW_MAJOR, CX_FS2_ROM_FW_MINOR,
				      CX_FS2_ROM_FW_SUBMINOR };

	if (s->info.product_version)
		return fail(why, -ENOTSUP,
			    "%s: firmware and ROM of this card have one product"
			    " version: they are burned together, with the"
			    " vendor's image (mstflint b)",
			    s->name);
	if (s->copy.image.rom)
		return 0;
	for (unsigned int i = 0; i < 3; i++) {
		if (have[i] > want[i])
			return 0;
		if (have[i] < want[i])
			return fail(why, -ENOTSUP,
				    "%s: firmware %u.%u.%04u takes no ROM:"
				    " burn %u.%u.%04u or newer first"
				    " (mstflint b)",
				    s->name, have[0], have[1], have[2], want[0],
				    want[1], want[2]);
	}
	return 0;
}

/* The new image, checked as if somebody else had made it */
static int make_image(const struct source *s, struct buffer *bytes,
		      struct fs2_image *image, const uint8_t *rom, size_t size,
		      struct failure *why)
{
	int err = fs2_with_rom(&s->copy.image, rom, size, bytes, why);

	if (!err)
		err = fs2_read(image, bytes->data, bytes->size, why);
	if (!err && !fs2_same_firmware(&s->copy.image, image, why))
		err = -EBADMSG;
	return err ? fail_in(why, err, "%s", s->name) : 0;
}

/* What the card finds at its next start */
static int check_burned(struct source *s, const struct fs2_image *image,
			struct failure *why)
{
	struct flash_copy copy = { 0 };
	const struct flash_progress finish = { s->progress->show, NULL };
	int err;

	if (!s->chip)
		return 0;
	err = flash_copy_find(&copy, s->chip, &finish, why);
	if (!err && (copy.bytes.size != image->size ||
		     memcmp(copy.bytes.data, image->bytes, image->size)))
		err = fail(why, -EIO,
			   "the image that is found in the flash is not the"
			   " one that was burned");
	flash_copy_free(&copy);
	return err;
}

int change_rom(struct source *s, const uint8_t *rom, size_t size,
	       struct failure *why)
{
	struct buffer bytes = { 0 };
	struct fs2_image image;
	int err = rom ? check_firmware(s, why) : 0;

	if (!err)
		err = make_image(s, &bytes, &image, rom, size, why);
	if (!err)
		err = source_replace(s, &image, why);
	if (!err)
		err = check_burned(s, &image, why);
	buffer_free(&bytes);
	return err;
}

void say_power_cycle(const struct source *s)
{
	if (s->is_card)
		puts("The card shows it when the machine has been off and on.");
}
