/* SPDX-License-Identifier: GPL-2.0-only */
/* Questions about an image that every family asks. */
#ifndef TOOLS_LIB_IMAGE_HAS_H
#define TOOLS_LIB_IMAGE_HAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct failure;
struct image;
struct modules;
struct overlay;

bool image_has_file(const struct image *image, const char *path);
bool image_has_directory(const struct image *image, const char *path);

/*
 * Where the image has a program of that name: with a slash in front, in @path
 * if that is not NULL. False: nowhere.
 */
bool image_has_program(const struct image *image, const char *name, char *path,
		       size_t room);

/* The first bytes of /init are "#!". */
bool image_init_is_script(const struct image *image);

/*
 * The text of a file as it will be: the overlay's, else the image's. Ends in a
 * NUL, and holds no other. NULL: there is none, or it is too large. @size may
 * be NULL.
 */
const char *text_of(const struct image *image, const struct overlay *overlay,
		    const char *path, size_t *size);

/*
 * Has the file end in @line (which has a newline of its own), where it does not
 * hold it yet; the file need not be there. 0 or -errno.
 */
int text_append(const struct image *image, struct overlay *overlay,
		const char *path, const char *line, struct failure *why);

/*
 * Lays @text over the file, in the overlay's place if it has one already; a
 * file that is in neither gets mode 0644. 0 or -errno.
 */
int text_replace(const struct image *image, struct overlay *overlay,
		 const char *path, const struct buffer *text,
		 struct failure *why);

/*
 * Adds the names of all modules that are to be loaded to @text, @between each
 * and the next. 0 or -ENOMEM.
 */
int modules_names(const struct modules *modules, const char *between,
		  struct buffer *text);

/* Appends them to a file, one a line. */
int modules_append(const struct image *image, struct overlay *overlay,
		   const char *path, const struct modules *modules,
		   struct failure *why);

#endif
