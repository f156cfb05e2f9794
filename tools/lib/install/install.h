/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A root disk for a host without a disk: one ext4 file system without
 * partitions, made from a tree; as a value that can be printed, and the making.
 */
#ifndef TOOLS_LIB_INSTALL_H
#define TOOLS_LIB_INSTALL_H

#include "tools/lib/install/disk.h"
#include "tools/lib/install/source.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct failure;
struct json_object;
struct root_path;

#define UUID_TEXT 37
#define LABEL_MAX 16

struct install_request {
	const char *disk;
	/* The tree, or what mmdebstrap makes one of: one of both */
	const char *from;
	const char *suite;
	const char *mirror; /* NULL: mmdebstrap's own */
	const char *include; /* more packages, with ',' between; NULL: none */
	uint64_t size; /* in bytes; 0: by the content, or all of a device */
	const char *label;
	const char *uuid; /* NULL: a new one */
	const char *initiator; /* NULL: each host makes one */
	const struct root_path *root; /* NULL: known at boot */
	const char *kernel_out; /* NULL: nowhere */
	const char *initrd_out;
	const char *const *words; /* more for mkinitrd-en, NULL last */
	bool force;
	bool on_terminal; /* mmdebstrap may show what it does */
	void (*progress)(const char *step); /* may be NULL */
};

struct install {
	struct install_request request;
	struct disk disk;
	struct source source; /* of --suite: known when it is made */
	char uuid[UUID_TEXT];
	uint64_t size; /* of the file system; 0: not known yet */
};

/*
 * Looks at everything and decides; writes nothing. install_free is due in any
 * case. 0 or -errno.
 */
int install_plan(struct install *install, const struct install_request *request,
		 struct failure *why);

/*
 * Makes the disk. A file is replaced whole or not at all; a device is
 * written in place. 0 or -errno.
 */
int install_carry_out(struct install *install, struct failure *why);

void install_free(struct install *install);

/* For people, and (NULL: no memory) for programs. */
void install_print(const struct install *install, FILE *out);
struct json_object *install_json(const struct install *install);

/* Takes @folder for the tree: for install_carry_out. 0 or -errno. */
int install_set_source(struct install *install, const char *folder,
		       struct failure *why);

#endif
