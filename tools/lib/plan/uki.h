/* SPDX-License-Identifier: GPL-2.0-only */
/* The steps of a plan that only an image inside of a PE file (UKI) takes. */
#ifndef TOOLS_LIB_UKI_H
#define TOOLS_LIB_UKI_H

struct atomic_file;
struct failure;
struct mapped_file;
struct plan;

/*
 * Finds the initrd in what was read: the file itself, or a part of it. 0 or
 * -errno, where a mode has no meaning for a UKI too.
 */
int uki_open(struct plan *plan, struct failure *why);

/*
 * When the new initrd's size is known, and the notes can be taken; of a rebuilt
 * one, when all else is.
 */
int uki_lay_out(struct plan *plan, struct failure *why);

/*
 * What stands before the new initrd, and what behind it; the headers once more
 * where the size of a rebuilt one is known only then.
 */
int uki_write_head(const struct plan *plan, struct atomic_file *f,
		   struct failure *why);
int uki_write_rest(struct plan *plan, struct atomic_file *f,
		   struct failure *why);

/*
 * Proves what was written, all but the initrd itself, to which *@file is
 * narrowed. 0 or -errno.
 */
int uki_verify(const struct plan *plan, struct mapped_file *file,
	       struct failure *why);

#endif
