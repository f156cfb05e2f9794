/* SPDX-License-Identifier: GPL-2.0-only */
/* What is wrong with an image, or worth a warning, as a list. */
#ifndef TOOLS_LIB_FINDINGS_H
#define TOOLS_LIB_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct image;
struct image_modules;
struct inserted;
struct kernel_config;

#define FINDING_NOWHERE SIZE_MAX

struct finding {
	bool error; /* else a warning */
	size_t segment; /* its index, or FINDING_NOWHERE */
	size_t offset; /* in the file, or FINDING_NOWHERE */
	char *text; /* one line */
};

struct findings {
	struct finding *list;
	size_t count;
	size_t errors;
	bool no_memory; /* the list is not complete */
};

/* @segment may be FINDING_NOWHERE; the offset is that of the segment. */
void findings_add(struct findings *f, const struct image *image, bool error,
		  size_t segment, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
void findings_free(struct findings *f);

/* What stopped the reading: image_read's code and message. */
void findings_damage(struct findings *f, const struct image *image, int err,
		     const struct failure *why);

/*
 * What the kernel does where image_read gave up with that code: one line, or
 * NULL if it was our own limit.
 */
const char *kernel_would(const struct image *image, int err);

/* Segments, lost entries, surprises; @m tells which kernels it is for. */
void findings_image(struct findings *f, const struct image *image,
		    const struct image_modules *m);

/* Compressors that a kernel lacks; nothing where the config is not known. */
void findings_kernel(struct findings *f, const struct image *image,
		     const struct kernel_config *c);

/* Whether our own segment holds what its marker says. */
void findings_inserted(struct findings *f, const struct image *image,
		       const struct inserted *in,
		       const struct image_modules *m);

/*
 * Whether our modules fit the kernel of the image's own: symbols, processor,
 * signature. findings_inserted says it, too.
 */
void findings_fit(struct findings *f, const struct image *image,
		  const struct inserted *in, const struct image_modules *m);

/*
 * Whether the modules that our loader loads are those of @directory. 0 or
 * -errno where those cannot be read.
 */
int findings_modules(struct findings *f, const struct image *image,
		     const struct inserted *in, const char *directory,
		     struct failure *why);

#endif
