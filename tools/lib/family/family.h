/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A family of initrds: those that one generator makes. Each is one file,
 * family_NAME.c, that says whether an image is of it and what has to be laid
 * over the image so that its root comes from an iSCSI target.
 */
#ifndef TOOLS_LIB_FAMILY_H
#define TOOLS_LIB_FAMILY_H

#include "tools/lib/image/tree.h"

#include <stdbool.h>

struct failure;
struct image;
struct iscsi_target;
struct modules;
struct overlay;
struct script_place;

/* What loads the drivers at boot. */
enum load_way {
	LOAD_BY_FAMILY, /* the family's usual one */
	LOAD_WRAPPER, /* our program as /init, before the image's own */
	LOAD_NATIVE, /* the image itself, told so in its own way */
	LOAD_INSMOD, /* lines in its script */
};

struct family {
	const char *name;
	bool (*detect)(const struct image *image);
	/* Modules that an iSCSI root needs beside the adapter's, ended by
	 * NULL; '?' in front: only if the image has not got it */
	const char *const *iscsi_modules;
	/* The disk has to be there before the image's init begins */
	bool early;
	/* Its own scripts log in: an initiator of ours is of no use to them */
	bool logs_in;
	/* Adds the files by which iscsi-root finds the target. 0 or -errno. */
	int (*plan_target)(const struct image *image,
			   const struct iscsi_target *target,
			   struct overlay *overlay, struct failure *why);
	/* The same for its own scripts. NULL: cannot be, or there is no other. */
	int (*plan_login)(const struct image *image,
			  const struct iscsi_target *target,
			  struct overlay *overlay, struct failure *why);
	enum load_way load;
	/* LOAD_NATIVE: the file that names modules, one a line; NULL: none */
	const char *native_list;
	/*
	 * LOAD_NATIVE where there is no such file: has @modules loaded by
	 * their names, and writes which file says so. NULL: the image has no
	 * such way.
	 */
	int (*plan_native)(const struct image *image,
			   const struct modules *modules,
			   struct overlay *overlay, char hook[TREE_PATH_MAX],
			   struct failure *why);
	/* Where it looks for modules; NULL: where modules.dep says */
	const char *native_folder;
	/*
	 * LOAD_INSMOD: the script, and the place in it. NULL: /init, if that
	 * is one.
	 */
	int (*find_script)(const struct image *image,
			   const struct overlay *overlay,
			   char path[TREE_PATH_MAX], struct script_place *place,
			   struct failure *why);
};

/* In the order in which they are asked; the last one takes what is left. */
extern const struct family family_new;
extern const struct family family_initramfs_tools;
extern const struct family family_dracut;
extern const struct family family_suse_mkinitrd;
extern const struct family family_mkinitcpio;
extern const struct family family_mkinitfs;
extern const struct family family_booster;
extern const struct family family_debian_installer;
extern const struct family family_systemd;
extern const struct family family_shell;
extern const struct family family_other;

/*
 * The family of an image. 0, or -ENOTSUP with what was seen instead: nothing
 * that boots.
 */
int family_find(const struct image *image, const struct family **family,
		struct failure *why);

/* What an image of no known family looks like, in words. */
const char *family_seen(const struct image *image);

/* The iscsi_modules of images that may have them, or load them in time */
extern const char *const usual_iscsi_modules[];

/* "wrapper", "native", "insmod" */
const char *load_way_name(enum load_way way);

/* Or LOAD_BY_FAMILY, if it is none of them. */
enum load_way load_way_by_name(const char *name);

#endif
