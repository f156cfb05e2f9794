/* SPDX-License-Identifier: GPL-2.0-only */
/* The flash that a verb works on: a card's, or a file. */
#ifndef TOOLS_EN_FLASH_SOURCE_H
#define TOOLS_EN_FLASH_SOURCE_H

#include <sys/stat.h>

#include "tools/lib/base/failure.h"
#include "tools/lib/card/card.h"
#include "tools/lib/card/card_flash.h"
#include "tools/lib/flash/chip.h"
#include "tools/lib/flash/copies.h"

struct command;

struct source {
	const char *name; /* for messages */
	const struct flash_progress *progress;
	/* A card */
	bool is_card;
	struct card card;
	struct card_flash flash;
	/* A file: all bytes of a flash, or (@run) an image as one run */
	struct buffer bytes;
	struct stat st;
	struct flash_memory memory;
	bool run;

	struct flash_chip *chip; /* NULL: one run */
	bool whole; /* there is an image, in @copy */
	struct flash_copy copy;
	struct fs2_info info;
};

/**
 * source_open - open what the command line names and read the image in use
 * @damaged: a flash without a whole image will do (then !@whole)
 *
 * Return: 0 or -errno with a message. source_close() is due in any case.
 */
int source_open(struct source *s, const struct command *c, bool damaged,
		struct failure *why);

/*
 * Makes @image the one in use: burns it into a flash, or writes the file anew.
 * 0 or -errno with a message.
 */
int source_replace(struct source *s, const struct fs2_image *image,
		   struct failure *why);

/* 0 or -errno with a message: the card's semaphore may still be taken. */
int source_close(struct source *s, struct failure *why);

/* The PCI device id that a ROM must be for */
uint16_t source_device(const struct source *s);

#endif
