/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mkinitrd-en is about to do, as a value that can be printed, and the
 * doing of it.
 */
#ifndef TOOLS_LIB_PLAN_H
#define TOOLS_LIB_PLAN_H

#include "tools/lib/image/image.h"
#include "tools/lib/iscsi/iscsi_target.h"
#include "tools/lib/base/mapped_file.h"
#include "tools/lib/modules/modules.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/image/splice.h"

#include <stdbool.h>
#include <stdio.h>

struct family;
struct failure;
struct json_object;

struct request {
	const char *input;
	const char *output; /* NULL: the input is replaced, and kept as .orig */
	const char *modules;
	const char *kernel; /* NULL: as the image says */
	bool has_target;
	struct iscsi_target target;
	void (*progress)(void *ctx, uint64_t done, uint64_t all);
};

struct plan {
	struct request request;
	char *output; /* links resolved */
	bool replaces_input;
	struct mapped_file file;
	struct image image;
	const struct family *family; /* NULL: unknown, and not asked for */
	struct modules modules;
	struct overlay overlay;
	const struct codec *codec;
	struct splice splice;
	/* Known when it is carried out: */
	char *backup;
	bool backup_kept; /* false: an older one was there */
};

/*
 * Reads the image and the modules and decides everything. Writes nothing.
 * plan_free is due in any case. 0 or -errno.
 */
int plan_make(struct plan *plan, const struct request *request,
	      struct failure *why);

/*
 * Writes the new image, reads it back, keeps the old one under a second name
 * where it is replaced, and puts the new one into place. 0 or -errno; then
 * nothing is changed.
 */
int plan_carry_out(struct plan *plan, struct failure *why);

void plan_free(struct plan *plan);

/* For people, and (NULL: no memory) for programs. */
void plan_print(const struct plan *plan, FILE *out);
struct json_object *plan_json(const struct plan *plan);

#endif
