/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The target of an image whose init knows nothing of networks: our program
 * brings the disk up before that init begins, which then finds a disk there as
 * if it had been built in. Which file system is the root remains the init's to
 * know, mostly by root= on the kernel's command line.
 */
#ifndef TOOLS_LIB_EARLY_TARGET_H
#define TOOLS_LIB_EARLY_TARGET_H

struct failure;
struct image;
struct iscsi_target;
struct overlay;

/* What has initrd/init.c run iscsi-root */
#define EARLY_MARK "early"

/* As struct family's plan_target. */
int early_target_plan(const struct image *image,
		      const struct iscsi_target *target,
		      struct overlay *overlay, struct failure *why);

/* No modprobe and no udev runs that early: all that it takes. */
extern const char *const early_modules[];

#endif
