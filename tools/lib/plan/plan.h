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
#include "tools/lib/modules/image_modules.h"
#include "tools/lib/modules/modules.h"
#include "tools/lib/image/overlay.h"
#include "tools/lib/image/pe.h"
#include "tools/lib/image/splice.h"
#include "tools/lib/plan/loader.h"
#include "tools/lib/plan/new_image.h"
#include "tools/lib/plan/rebuild.h"

#include <stdbool.h>
#include <stdio.h>

struct failure;
struct head_start;
struct json_object;

enum plan_mode {
	PLAN_APPEND, /* our segment behind the image */
	PLAN_OVERLAY_ONLY, /* our segment alone, in a file of its own */
	PLAN_REBUILD, /* one archive, ours laid over */
	PLAN_REMOVE, /* our segment out again */
	PLAN_NEW, /* an image from nothing */
};

struct request {
	enum plan_mode mode;
	const char *input; /* "-": standard input */
	/* NULL: the input is replaced, and kept as .orig; "-": standard output */
	const char *output;
	bool no_backup; /* no .orig: the image can be made anew */
	/* It will be carried out: output.h may begin before all is decided */
	bool head_start;
	const char *modules;
	enum load_way load;
	const char *driver; /* "dkms", "in-tree", a folder; NULL: by depmod */
	const char *kernel; /* NULL: as the image says */
	const char **more_modules; /* beside those that are needed anyway */
	size_t n_more_modules;
	bool has_target;
	struct iscsi_target target;
	bool own_login; /* by the image's own scripts, not by iscsi-root */
	/* The root whose iscsistart goes into an image that has no initiator;
	 * NULL: none */
	const char *initiator;
	struct new_image new_image; /* of PLAN_NEW */
	const char **deletes; /* of PLAN_REBUILD: what to leave out */
	size_t n_deletes;
	/* Of PLAN_REBUILD and PLAN_NEW; NULL: as the image was, or zstd */
	const struct codec *compress;
	int level;
	void (*progress)(void *ctx, uint64_t done, uint64_t all);
	/*
	 * Asked about what was written before it is put into place, if not
	 * NULL. @path is good for other processes of the user for as long as
	 * it runs. Not 0, an -errno with a message: nothing is changed.
	 */
	int (*judge)(void *ctx, const char *path, struct failure *why);
	void *judge_ctx;
};

struct plan {
	struct request request;
	const char *input; /* as people are told */
	char *output; /* links resolved */
	bool to_stdout;
	bool replaces_input;
	struct head_start *head_start; /* output.c's */
	struct mapped_file file;
	/* The initrd in it: all of it, or the section of a UKI */
	const uint8_t *initrd;
	size_t initrd_size;
	bool is_uki;
	struct pe pe; /* of a UKI */
	struct pe_layout layout;
	struct buffer base; /* of PLAN_NEW, in place of the file */
	struct image image;
	struct module_sample sample; /* what is looked at of its modules */
	const struct family *family; /* NULL: not asked for */
	struct modules modules;
	struct overlay overlay;
	struct loader loader;
	bool brings_initiator;
	const struct codec *codec;
	struct splice splice;
	struct rebuild rebuild;
	/* It was written by a run of ours before: no original to be kept */
	bool is_ours;
	bool nothing; /* PLAN_REMOVE: there is nothing of ours in it */
	/* Known when it is carried out: */
	char *backup;
	bool backup_kept; /* false: an older one was there */
	uint64_t written;
};

/*
 * Reads the image and the modules and decides everything. Writes nothing that
 * anybody sees. plan_free is due in any case. 0 or -errno.
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
