// SPDX-License-Identifier: GPL-2.0-only
#include "tools/en-flash/source.h"

#include <string.h>

#include "tools/en-flash/command.h"
#include "tools/en-flash/progress.h"
#include "tools/lib/base/atomic_file.h"
#include "tools/lib/flash/burn.h"

#define FILE_MOST (32u << 20)
#define FLASH_LEAST (1u << CX_SPI_LOG_SIZE_LEAST)

static int open_card(struct source *s, const struct command *c,
		     struct failure *why)
{
	int err = card_open(&s->card, c->device, c->access, "/sys", why);

	if (err)
		return err;
	s->is_card = true;
	s->chip = &s->flash.chip;
	err = card_flash_open(&s->flash, &s->card.cr, c->clear_semaphore, why);
	return err ? fail_in(why, err, "%s", s->name) : 0;
}

/* All bytes of a flash chip are a power of two. */
static bool can_be_flash(size_t size)
{
	return size >= FLASH_LEAST && !(size & (size - 1));
}

/* A file with one image as a run, perhaps with ones behind it */
static int read_run(struct source *s, struct failure *why)
{
	int err = buffer_add(&s->copy.bytes, s->bytes.data, s->bytes.size);

	if (err)
		return fail(why, err, "out of memory");
	err = fs2_read(&s->copy.image, s->copy.bytes.data, s->copy.bytes.size,
		       why);
	if (!err) {
		s->run = true;
		s->chip = NULL;
		s->copy.bytes.size = s->copy.image.size;
	}
	return err;
}

static int open_file(struct source *s, const struct command *c,
		     struct failure *why)
{
	int err;

	if (stat(c->image, &s->st))
		return fail(why, -errno, "%s: %s", c->image, strerror(errno));
	err = buffer_read_file(&s->bytes, c->image, FILE_MOST, why);
	if (err)
		return err;
	flash_memory_init(&s->memory, s->bytes.data, s->bytes.size);
	s->chip = &s->memory.chip;
	return 0;
}

static int find_copy(struct source *s, struct failure *why)
{
	struct failure other;
	int err = -ENOENT;

	fail(why, err, "no firmware image");
	if (s->is_card || can_be_flash(s->bytes.size))
		err = flash_copy_find(&s->copy, s->chip, s->progress, why);
	if (!err || s->is_card || (err != -ENOENT && err != -EBADMSG))
		return err;
	flash_copy_free(&s->copy);
	if (!read_run(s, &other))
		return 0;
	/* What is no flash has one message, and what could be one the first. */
	return can_be_flash(s->bytes.size) ?
		       err :
		       fail(why, -EBADMSG, "%s", other.text);
}

static int read_copy(struct source *s, bool damaged, struct failure *why)
{
	struct failure copy;
	int err = find_copy(s, why);

	progress_end();
	if (!err)
		err = fs2_read_info(&s->info, &s->copy.image, why);
	s->whole = !err;
	if (err == -EBADMSG || err == -ENOENT) {
		if (damaged)
			return 0;
		copy = *why;
		return fail(why, err, "%s: %s%s", s->name, copy.text,
			    s->is_card ? "; en-flash restore puts a backup"
					 " there" :
					 "");
	}
	if (err)
		return fail_in(why, err, "%s", s->name);
	if (s->is_card && s->info.device && s->info.device != s->card.device)
		return fail(why, -EINVAL,
			    "%s: is device %u, and the image in its flash is"
			    " for %u: after a change of firmware switch the"
			    " machine off and on first",
			    s->name, s->card.device, s->info.device);
	return 0;
}

int source_open(struct source *s, const struct command *c, bool damaged,
		struct failure *why)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->name = c->device ? c->device : c->image;
	s->progress = progress_begin();
	err = c->device ? open_card(s, c, why) : open_file(s, c, why);
	return err ? err : read_copy(s, damaged, why);
}

/* As long as before, if there were ones behind the image */
static int fill_run(struct source *s, const struct fs2_image *image)
{
	size_t before = s->bytes.size;
	int err = 0;

	if (!s->run)
		return 0;
	s->bytes.size = 0;
	err = buffer_add(&s->bytes, image->bytes, image->size);
	if (!err && s->bytes.size < before) {
		err = buffer_reserve(&s->bytes, before - s->bytes.size);
		if (err)
			return err;
		memset(s->bytes.data + s->bytes.size, 0xff,
		       before - s->bytes.size);
		s->bytes.size = before;
	}
	return err;
}

int source_replace(struct source *s, const struct fs2_image *image,
		   struct failure *why)
{
	int err = 0;

	if (s->chip)
		err = flash_burn(s->chip, s->whole ? &s->copy : NULL, image,
				 s->progress, why);
	progress_end();
	if (err)
		return fail_in(why, err, "%s", s->name);
	if (s->is_card)
		return 0;
	err = fill_run(s, image);
	if (err)
		return fail(why, err, "out of memory");
	return atomic_file_put(s->name, &s->st, s->bytes.data, s->bytes.size,
			       why);
}

int source_close(struct source *s, struct failure *why)
{
	int err = 0;

	progress_end();
	flash_copy_free(&s->copy);
	buffer_free(&s->bytes);
	if (s->is_card) {
		err = card_flash_close(&s->flash, why);
		card_close(&s->card);
	}
	s->is_card = false;
	return err;
}

uint16_t source_device(const struct source *s)
{
	return s->is_card ? s->card.device : s->info.device;
}
